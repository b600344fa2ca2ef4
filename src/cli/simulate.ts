import type { Command } from 'commander'
import { simulate } from '../experiments/simulate.ts'
import { addThreadsOption, addWorkloadOptions, experimentOptions } from './options.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value]

export function configure(command: Command): void {
  command
    .argument('<scenario>', 'a scenario file, or one of the package (see cachesim list)')
    .optionsGroup('Simulation:')
    .option(
      '--vary <path=values>',
      'variants side by side: onMiss=none,single-flight, tiers.0.policy=lru,lfu, instances=1..8; may be repeated',
      collect,
    )
    .option('--repeat <n>', 'seeds to simulate with; default 1, 5 with --vary')
  addThreadsOption(addWorkloadOptions(command))
  addOutputOptions(command).action(async (scenario: string, flags) => {
    await runAndReport(
      flags,
      'simulate',
      (progress) =>
        simulate({
          ...experimentOptions(flags),
          scenario,
          vary: flags.vary,
          threads: flags.threads,
          onProgress: progress.update,
        }),
      [scenario, flags.trace, flags.workload].flat(),
    )
  })
}
