/**
 * Long work in steps, so that others may run in between: progress is drawn and an interrupt is heard. Yields the requests
 * looked at since the step before; 0 for work that goes with the keys.
 */
export type Steps<T> = Generator<number, T, void>

/** What the work comes to. */
export type Finished<S> = S extends Steps<infer T> ? T : never

/** Requests, or keys, between two steps: some milliseconds, tens of them where every one is a cache miss. */
export const STEP = 1 << 17

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** Does `work` over 0 … length, a step's worth of it at a time. */
export function* inSteps(length: number, work: (from: number, to: number) => void, step = STEP): Steps<void> {
  for (let from = 0; from < length; from += step) {
    const to = Math.min(length, from + step)
    work(from, to)
    yield to - from
  }
}

/** The same where it goes with the keys rather than the requests: its steps count for nothing. */
export function* uncounted<T>(steps: Steps<T>): Steps<T> {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    yield 0
  }
}
