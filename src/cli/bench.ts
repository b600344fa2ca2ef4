import type { Command } from 'commander'
import { bench } from '../experiments/bench.ts'
import { addWorkloadOptions, experimentOptions } from './options.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

export function configure(command: Command): void {
  addWorkloadOptions(command)
  command
    .optionsGroup('Benchmark (default: zipf, 10 M requests, 1 M keys):')
    .option(
      '-p, --policies <list|all>',
      'policies, such as lru,lfu; default: lru,lfu,fifo,random,ttl and the bound',
    )
    .option('-s, --sizes <list|from..to:n>', 'entries (1000), shares of the distinct keys; default 1%,10%')
    .option('--rounds <n>', 'how often everything is measured, in turn; default 3')
    .option('--no-alone', 'do not also measure each policy in a thread of its own, nor its memory')
  addOutputOptions(command).action(async (flags) => {
    await runAndReport(flags, 'bench', (progress) =>
      bench({
        ...experimentOptions(flags),
        policies: flags.policies,
        sizes: flags.sizes,
        rounds: flags.rounds,
        alone: flags.alone,
        onProgress: progress.update,
      }),
    )
  })
}
