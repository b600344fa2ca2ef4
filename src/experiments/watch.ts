import { setImmediate as nextTurn } from 'node:timers/promises'
import { callback, having, type OptionKinds } from '../core/options.ts'

/** How far an experiment has come. */
export interface Progress {
  readonly done: number
  /** Null where nobody knows yet, as with a trace from a pipe. */
  readonly total: number | null
  /** What is counted: requests replayed, or bytes read. */
  readonly unit: 'requests' | 'bytes'
  /** What is going on: `lru at 1,000`, `reading`. */
  readonly label: string
}

/** What watches over an experiment. */
export interface Watch {
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Aborts between two turns of the event loop; the experiment rejects with the signal's reason. */
  readonly signal?: Signal | undefined
}

/** What an `AbortSignal` is to an experiment. */
export interface Signal {
  /** @throws the reason where it has been aborted */
  throwIfAborted(): void
}

/** The same, for callers without types. */
export const WATCH_OPTIONS: OptionKinds<Watch> = {
  onProgress: callback,
  signal: having('an AbortSignal', 'throwIfAborted'),
}

/**
 * Waits for work that goes on elsewhere, such as on threads; an interrupt is heard within a tenth of a second.
 * @throws the signal's reason where it has been aborted, without waiting any longer
 */
export async function interruptible<T>(work: Promise<T>, { signal }: Watch): Promise<T> {
  if (signal === undefined) return work
  let timer: NodeJS.Timeout | undefined
  const aborted = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        signal.throwIfAborted()
      } catch (reason) {
        reject(reason)
      }
    }, 100)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    clearInterval(timer)
    // Where the interrupt came first, what becomes of the work is of no interest.
    work.catch(() => {})
  }
}

/**
 * Lets the event loop turn once, so that progress is drawn and an interrupt is heard.
 * @throws the signal's reason where it has been aborted
 */
export async function pause({ signal }: Watch): Promise<void> {
  await nextTurn()
  signal?.throwIfAborted()
}
