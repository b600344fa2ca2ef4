import type { Command } from 'commander'
import { sweep } from '../experiments/sweep.ts'
import { addSettingsOptions, addWorkloadOptions, experimentOptions } from './options.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

export function configure(command: Command): void {
  addWorkloadOptions(command)
  command
    .optionsGroup('Sweep:')
    .option(
      '-p, --policies <list|all>',
      'policies, such as lru,lru-k(k=3),./mine.js; default: lru,lfu,fifo,random,ttl and the bound',
    )
    .option(
      '-s, --sizes <list|from..to:n>',
      'a list (100,1000,5%) or n sizes on a logarithmic scale; default 0.1%..100%:24',
    )
    .option(
      '--sensitivity <s>',
      'of the knee: how flat the curve must become before a bend counts; default 1',
    )
    .option(
      '--min-gain <points>',
      'points of hit rate that 1 % of the keys must still bring to be worth it; default 0.1',
    )
  addSettingsOptions(command)
  addOutputOptions(command).action(async (flags) => {
    await runAndReport(flags, 'sweep', (progress) =>
      sweep({
        ...experimentOptions(flags),
        policies: flags.policies,
        sizes: flags.sizes,
        sensitivity: flags.sensitivity,
        minimumGain: flags.minGain,
        onProgress: progress.update,
      }),
    )
  })
}
