/* Settings of a scenario that are written and do nothing: a slip, most often, and never what was meant. */
import { type Path, type Problem, valueAt } from './yaml-settings.ts'

/** What of a scenario says whether others do anything. */
interface Deciding {
  readonly warmUp: { readonly keys: number }
  readonly invalidation: { readonly mode: string; readonly delivery: string }
  readonly events: readonly { readonly kind: string }[]
}

/** @param plain the scenario as it is written */
export function idleSettings({ warmUp, invalidation, events }: Deciding, plain: unknown): Problem[] {
  const problems: Problem[] = []
  const refuse = (group: string, names: readonly string[], why: string) => {
    for (const name of names) {
      const path: Path = [group, name]
      if (valueAt(plain, path) !== undefined)
        problems.push({ path, message: `'${name}' does nothing ${why}`, isIdle: true })
    }
  }
  if (warmUp.keys === 0)
    refuse('warmUp', ['of', 'every', 'before', 'concurrency'], "without keys to warm up: give 'keys'")
  if (!events.some(({ kind }) => kind === 'model-update'))
    refuse(
      'invalidation',
      ['mode', 'delivery', 'delay', 'loss', 'every'],
      "without a new model that caches could learn of: give an event 'model-update'",
    )
  else if (invalidation.mode === 'ttl')
    refuse(
      'invalidation',
      ['delivery', 'delay', 'loss', 'every'],
      "with 'mode: ttl', where nobody is told: leave it out, or choose another mode",
    )
  else if (invalidation.delivery === 'push')
    refuse('invalidation', ['every'], "where word is pushed: leave it out, or 'delivery: pull'")
  return problems
}
