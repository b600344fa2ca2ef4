import { STEP, type Steps } from '../analysis/steps.ts'
import { pause, type Watch } from './watch.ts'

/** Requests looked at between two turns of the event loop. */
const TURN = 1 << 20

/**
 * Runs steps to their end, with a turn of the event loop between them now and then.
 * @throws the signal's reason where it has been aborted
 */
export async function watched<T>(steps: Steps<T>, watch: Watch): Promise<T> {
  return (await watchedUntil(steps, { signal: watch.signal })) as T
}

/**
 * The same, to the end or until it is stopped.
 * @param onTurn told how many requests were looked at since it was last told
 * @returns undefined where it was stopped
 */
export async function watchedUntil<T>(
  steps: Steps<T>,
  options: Watch & { readonly stop?: { readonly aborted: boolean } | undefined },
  onTurn: (requests: number) => void = () => {},
): Promise<T | undefined> {
  let sincePause = TURN
  let requests = 0
  for (;;) {
    if (sincePause >= TURN) {
      onTurn(requests)
      await pause(options)
      if (options.stop?.aborted) return undefined
      sincePause = 0
      requests = 0
    }
    const step = steps.next()
    if (step.done) {
      onTurn(requests)
      return step.value
    }
    requests += step.value
    // Steps that go with the keys count for nothing, and take as long.
    sincePause += step.value || STEP
  }
}
