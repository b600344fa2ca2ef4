import type { Command } from 'commander'
import { plural } from '../core/units.ts'
import { generate } from '../experiments/generate.ts'
import { forbidColors, Output } from './io.ts'
import { addSyntheticOptions } from './options.ts'
import { refuseInput } from './outputs.ts'
import { ProgressBar } from './progress.ts'
import { writeTrace } from './written.ts'

export function configure(command: Command): void {
  addSyntheticOptions(command.optionsGroup('Requests:'))
    .optionsGroup('Output:')
    .option('-o, --output <file>', 'where to; .gz compresses; default - (standard output, as csv)')
    .option('--format <name>', 'format of the file; default: told by its ending')
    .option('--quiet', 'say nothing')
    .option('--no-color', 'no colours')
    .option('--debug', 'a stack trace with an error')
    .action(async ({ output: path = '-', format, quiet, color, debug: _, ...options }) => {
      if (color === false) forbidColors()
      const toStdout = path === '-'
      refuseInput(path, '--output', [options.workload])
      const output = Output.open(path, '--output')
      const progress = new ProgressBar(!quiet && !toStdout)
      const {
        workload,
        format: written,
        chunks,
      } = await generate({
        ...options,
        file: path,
        onProgress: progress.update,
        format: format ?? (toStdout ? 'csv' : undefined),
      })
      const notes = await writeTrace(output, chunks, progress)
      if (quiet || toStdout) return
      for (const note of notes) process.stderr.write(`note: ${note}\n`)
      const { requests, keys } = workload.description
      process.stderr.write(
        `${path}: ${plural(requests, 'request')} for ${plural(keys, 'key')}, as ${written}\n`,
      )
    })
}
