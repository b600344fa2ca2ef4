import type { Command } from 'commander'
import { InputError } from '../core/errors.ts'
import type { SweepResult } from '../core/result.ts'
import { sweep } from '../experiments/sweep.ts'
import { parseResult } from '../reports/result-schema.ts'
import { FirstLook } from './first-look.ts'
import { GentleInterrupt } from './gentle-interrupt.ts'
import { printWarning, readWhole } from './io.ts'
import { addSettingsOptions, addThreadsOption, addWorkloadOptions, experimentOptions } from './options.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

export function configure(command: Command): void {
  addWorkloadOptions(command, { sample: false })
  command
    .optionsGroup('Sweep:')
    .option(
      '-p, --policies <list|all>',
      'policies, such as lru,lru-k(k=3),./mine.js, with admission filters behind +, such as lru+tinylfu; default: lru,lfu,fifo,random,ttl and the bound',
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
    .option(
      '--windows <n>',
      'the curves in each of n equal parts of the trace too, of its time where it has times',
    )
    .option(
      '--sample <share>',
      'only estimates, from a share of the keys such as 1%, with margins; exact where a policy does not scale',
    )
    .option('--exact', 'no estimates while the exact numbers are waited for')
  addSettingsOptions(command)
    .optionsGroup('Cache:')
    .option('--ttls <list>', 'every policy with each of several TTLs, such as 10s,1m,10m,1h,none')
  addThreadsOption(command)
    .option('--shard <k/n>', 'only the k-th of n equal parts of the cells, for cachesim merge')
    .option('--resume <result.json>', 'a partial result of the same sweep: run only what is missing there')
    .option(
      '--queue <address>',
      'have the cells run by cachesim worker, wherever one is, through redis://host:port',
    )
  addOutputOptions(command).action(async (flags) => {
    const resume =
      flags.resume === undefined ? undefined : parseSweep(await readWhole(flags.resume), flags.resume)
    let interrupt: GentleInterrupt | undefined
    let failure: { readonly error: unknown } | undefined
    try {
      await runAndReport(flags, 'sweep', async (progress) => {
        let isLook = false
        // Ctrl-C while cells are run, or a scheduler that wants the machine: what is done is reported.
        const stop = new GentleInterrupt({
          // Of a first look there is nothing to report, as is said when it has ended.
          first: () => (isLook ? undefined : 'what is done will be reported; Ctrl-C again to drop it'),
          second: 'told to end again: what is not yet reported is dropped',
          before: progress.stop,
        })
        interrupt = stop
        const look = new FirstLook(progress)
        const result = await sweep({
          ...experimentOptions(flags),
          policies: flags.policies,
          threads: flags.threads,
          sizes: flags.sizes,
          sensitivity: flags.sensitivity,
          minGain: flags.minGain,
          ttls: flags.ttls,
          windows: flags.windows,
          shard: flags.shard,
          resume,
          queue: flags.queue,
          exact: flags.exact,
          ...(!flags.quiet && FirstLook.isPossible() && { onEstimates: look.show }),
          onProgress: (now) => {
            isLook = now.isFirstLook === true
            progress.update(now)
          },
          onNotice: (notice) => {
            progress.stop()
            look.leave()
            printWarning(notice)
          },
          onFailure: (error) => {
            failure = { error }
          },
          onBegin: () => stop.arm(),
          stop,
        })
        if (stop.aborted) look.leave()
        look.clear()
        // Nobody stopped it, and no part was asked for: workers have given cells up.
        if (result.simulated.partial && flags.shard === undefined && !stop.aborted && !failure)
          process.exitCode = 1
        return result
      })
      // What is done is kept, before it is said what failed.
      if (failure) throw failure.error
    } finally {
      interrupt?.settle()
    }
  })
}

/** @throws InputError where it is no result of a sweep */
export function parseSweep(text: string, file: string): SweepResult {
  const result = parseResult(text, file)
  if (result.command !== 'sweep')
    throw new InputError(`'${file}' is a result of ${result.command}: it must be one of sweep`)
  return result
}
