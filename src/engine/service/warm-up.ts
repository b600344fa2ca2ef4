import type { Computations } from './computations.ts'
import { Call, NONE } from './pool.ts'
import type { ServiceState } from './service-state.ts'
import { Answer } from './store.ts'

/** Keys that are computed before anyone asks for them, some at a time. */
export class WarmUp {
  private readonly state: ServiceState
  private readonly computations: Computations
  /** Those that have begun and have keys left, the oldest first. */
  private readonly jobs: { readonly requests: Uint32Array; next: number }[] = []
  /** Keys that are to be begun, and whether that is being done: a call that is refused at once asks for the next. */
  private wanted = 0
  private isBeginning = false

  constructor(state: ServiceState, computations: Computations) {
    this.state = state
    this.computations = computations
  }

  /** @param requests one for each key, in the order in which they are computed */
  begin(requests: Uint32Array): void {
    this.jobs.push({ requests, next: 0 })
    for (let i = 0; i < this.state.settings.warmUpConcurrency; i++) this.next()
  }

  /** The next key of a warm-up is computed, unless the farthest tier has it. */
  next(): void {
    this.wanted++
    if (this.isBeginning) return
    this.isBeginning = true
    for (; this.wanted > 0; this.wanted--) this.beginNext()
    this.isBeginning = false
  }

  private beginNext(): void {
    for (;;) {
      const job = this.jobs[0]
      if (job === undefined) return
      if (job.next === job.requests.length) {
        this.jobs.shift()
        continue
      }
      const index = job.requests[job.next++]!
      const key = this.state.trace.keys[index]!
      const instance = Math.max(0, this.state.router.route(key, index))
      const id = this.state.idOf(key, instance)
      const farthest = this.state.tiers.length - 1
      if (farthest < 0) return
      const store = this.state.storeOf(farthest, instance)
      if (store.down === 0 && store.look(id, this.state.now) === Answer.fresh) continue
      this.computations.begin(id, index, instance, NONE, Call.warmUp)
      return
    }
  }
}
