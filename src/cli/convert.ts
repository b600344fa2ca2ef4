import type { Command } from 'commander'
import { InputError } from '../core/errors.ts'
import { formatCount } from '../core/units.ts'
import { convert } from '../experiments/convert.ts'
import { badRowsNote } from '../experiments/workload.ts'
import { forbidColors, Output, printWarning } from './io.ts'
import { addReadOptions, experimentOptions } from './options.ts'
import { refuseInput } from './outputs.ts'
import { ProgressBar } from './progress.ts'
import { writeTrace } from './written.ts'

export function configure(command: Command): void {
  command.argument(
    '<files...>',
    'what to read: a file, several in order, a pattern, -; and last the file to write, or -',
  )
  command.usage('[options] IN... OUT')
  addReadOptions(command)
    .optionsGroup('Output:')
    .option('--output-format <name>', 'format of the file that is written; default: told by its ending')
    .option('--quiet', 'say nothing')
    .option('--no-color', 'no colours')
    .option('--debug', 'a stack trace with an error')
    .action(async (files: readonly string[], { outputFormat, quiet, color, debug: _, ...flags }) => {
      if (color === false) forbidColors()
      const inputs = files.slice(0, -1)
      const path = files.at(-1)!
      if (inputs.length === 0)
        throw new InputError(`nothing to convert '${path}' to: name what to read, then the file to write`)
      const toStdout = path === '-'
      if (toStdout && outputFormat === undefined)
        throw new InputError(
          'standard output has no ending that tells a format: name it with --output-format',
        )
      refuseInput(path, 'the output', inputs)
      const output = Output.open(path, 'the output')
      const progress = new ProgressBar(!quiet)
      const { trace, format, chunks } = await convert({
        ...experimentOptions(flags),
        trace: inputs,
        file: path,
        outputFormat,
        onProgress: progress.update,
      })
      const bad = badRowsNote(trace)
      if (bad !== undefined) printWarning(bad)
      const lost = await writeTrace(output, chunks, progress)
      if (quiet) return
      for (const note of [...(trace.source?.notes ?? []), ...lost]) process.stderr.write(`note: ${note}\n`)
      if (!toStdout) {
        process.stderr.write(
          `${path}: ${formatCount(trace.length)} requests for ${formatCount(trace.keyCount)} keys, as ${format}\n`,
        )
      }
    })
}
