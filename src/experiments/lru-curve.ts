import { type LruCurve, lruCurveInSteps } from '../analysis/lru-curve.ts'
import { checkOptions, type OptionKinds, oneOf } from '../core/options.ts'
import { resolveWarmup, SETTINGS_OPTIONS, type SettingsOptions } from './settings.ts'
import { WATCH_OPTIONS, type Watch } from './watch.ts'
import { watched } from './watched-steps.ts'
import { loadWorkload, WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

export interface LruCurveOptions extends WorkloadOptions, Pick<SettingsOptions, 'warmup'> {
  /** What sizes are in; default entries. In bytes every key must keep its size. */
  readonly unit?: 'entries' | 'bytes' | undefined
}

const LRU_CURVE_OPTIONS: OptionKinds<LruCurveOptions> = {
  ...WORKLOAD_OPTIONS,
  warmup: SETTINGS_OPTIONS.warmup,
  unit: oneOf('entries', 'bytes'),
}

/**
 * What LRU caches of every size hit, exactly, in one pass over a workload: the hits are those that replays of all sizes
 * count. Entries do not expire. See docs/curves.md.
 * @throws InputError for anything in the options or the trace that cannot be used; in bytes, for requests without sizes
 *   and for keys that change theirs
 */
export async function lruCurve(options: LruCurveOptions & Watch = {}): Promise<LruCurve> {
  checkOptions('lruCurve()', options, { ...LRU_CURVE_OPTIONS, ...WATCH_OPTIONS })
  const { trace, recipe } = await loadWorkload(options)
  const warmup = resolveWarmup(String(options.warmup ?? recipe.warmup ?? '0'), trace)
  return watched(lruCurveInSteps(trace, options.unit ?? 'entries', warmup), options)
}
