/**
 * Work in steps: whoever runs it may let others run, or give up, wherever it yields. What it yields says how far it has
 * come, where that is known.
 */
export type Steps<T, Done = undefined> = Generator<Done, T, void>

/** Does all of the work at once. */
export function finish<T>(steps: Steps<T, unknown>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
