import type { Command } from 'commander'
import { work } from '../experiments/queue/worker.ts'
import { GentleInterrupt } from './gentle-interrupt.ts'
import { printNotice } from './io.ts'
import { addTraceOptions, experimentOptions } from './options.ts'

export function configure(command: Command): void {
  addTraceOptions(
    command
      .requiredOption('--queue <address>', 'where sweep --queue puts its cells: redis://host:port')
      .option('--threads <n>', 'cells to run at a time, over one copy of the trace; default 1')
      .option(
        '--idle <duration>',
        'end once there was nothing to do for so long, such as 10m; default: never',
      )
      .optionsGroup('Where the trace is here; default: as the sweep says:'),
  )
    .optionsGroup('Output:')
    .option('--quiet', 'say nothing of what is done')
    .option('--debug', 'a stack trace with an error')
    .action(async (flags) => {
      const interrupt = new GentleInterrupt({
        first: () => 'what is at work is put back; Ctrl-C again to drop it',
        second: 'told to end again: what was at work is dropped',
      })
      interrupt.arm()
      try {
        await work({
          ...experimentOptions(flags),
          queue: flags.queue,
          threads: flags.threads,
          idle: flags.idle,
          stop: interrupt,
          onNotice: flags.quiet ? () => {} : printNotice,
        })
      } finally {
        interrupt.settle()
      }
    })
}
