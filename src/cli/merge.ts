import type { Command } from 'commander'
import { mergeSweeps, type SweepPart } from '../experiments/merge.ts'
import { readWhole } from './io.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'
import { parseSweep } from './sweep.ts'

export function configure(command: Command): void {
  addOutputOptions(
    command.argument('<files...>', 'what the parts of a sweep (--shard) saved with --json'),
  ).action(async (files: string[], flags) => {
    const parts: SweepPart[] = []
    for (const file of files) parts.push({ name: file, result: parseSweep(await readWhole(file), file) })
    await runAndReport(flags, 'sweep', async () => mergeSweeps(parts), files)
  })
}
