import type { Command } from 'commander'
import { parseResult } from '../reports/result-schema.ts'
import { readWhole } from './io.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

export function configure(command: Command): void {
  addOutputOptions(command.argument('<file>', 'a result saved with --json; - is standard input')).action(
    async (file: string, flags) => {
      const result = parseResult(await readWhole(file), file)
      await runAndReport(flags, result.command, async () => result, [file])
    },
  )
}
