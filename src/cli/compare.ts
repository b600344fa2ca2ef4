import type { Command } from 'commander'
import { compare } from '../experiments/compare.ts'
import { addSettingsOptions, addThreadsOption, addWorkloadOptions, experimentOptions } from './options.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

export function configure(command: Command): void {
  addWorkloadOptions(command)
  command
    .optionsGroup('Comparison:')
    .option(
      '-p, --policies <list|all>',
      'policies, such as lru,lru-k(k=3),./mine.js, with admission filters behind +, such as lru+tinylfu; default: lru,lfu,fifo,random,ttl and the bound',
    )
    .option(
      '-s, --size <size>',
      'entries (1000), share of the distinct keys (5%) or bytes (64MiB); default 10%',
    )
  addSettingsOptions(command)
  addThreadsOption(command)
  addOutputOptions(command).action(async (flags) => {
    await runAndReport(flags, 'compare', (progress) =>
      compare({
        ...experimentOptions(flags),
        policies: flags.policies,
        threads: flags.threads,
        size: flags.size,
        onProgress: progress.update,
      }),
    )
  })
}
