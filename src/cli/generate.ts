import type { Command } from 'commander'
import { formatCount } from '../core/units.ts'
import { generate } from '../experiments/generate.ts'
import { forbidColors, Output } from './io.ts'
import { addSyntheticOptions } from './options.ts'

export function configure(command: Command): void {
  addSyntheticOptions(command.optionsGroup('Requests:'))
    .optionsGroup('Output:')
    .option('-o, --output <file>', 'where to; .gz compresses; default - (standard output, as csv)', '-')
    .option('--format <name>', 'format of the file; default: told by its ending')
    .option('--quiet', 'say nothing')
    .option('--no-color', 'no colours')
    .option('--debug', 'a stack trace with an error')
    .action(async ({ output: path, format, quiet, color, debug: _, ...options }) => {
      if (color === false) forbidColors()
      const toStdout = path === '-'
      const output = await Output.open(path, '--output')
      const {
        workload,
        format: written,
        chunks,
      } = await generate({
        ...options,
        file: path,
        format: format ?? (toStdout ? 'csv' : undefined),
      })
      await output.write(chunks())
      if (quiet || toStdout) return
      const { requests, keys } = workload.description
      process.stderr.write(
        `${path}: ${formatCount(requests)} requests for ${formatCount(keys)} keys, as ${written}\n`,
      )
    })
}
