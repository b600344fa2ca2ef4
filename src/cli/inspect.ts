import type { Command } from 'commander'
import { inspect } from '../experiments/inspect.ts'
import { addWorkloadOptions, experimentOptions } from './options.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

export function configure(command: Command): void {
  addWorkloadOptions(command)
  addOutputOptions(command).action(async (flags) => {
    await runAndReport(flags, 'inspect', (progress) =>
      inspect({ ...experimentOptions(flags), onProgress: progress.update }),
    )
  })
}
