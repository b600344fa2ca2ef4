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
  /** All of this is of a first look at a sweep: what comes after it takes longer. */
  readonly isFirstLook?: true
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
 * Waits for work that goes on elsewhere, such as on threads, and hears of an interrupt within a tenth of a second.
 * @returns whether the work is done: not where `stop` was aborted first
 * @throws the signal's reason where it has been aborted, without waiting any longer
 */
export async function interruptible(
  work: Promise<unknown>,
  { signal, stop }: Watch & { readonly stop?: { readonly aborted: boolean } | undefined },
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const interrupted = new Promise<boolean>((resolve, reject) => {
    timer = setInterval(() => {
      try {
        signal?.throwIfAborted()
        if (stop?.aborted) resolve(false)
      } catch (reason) {
        reject(reason)
      }
    }, 100)
  })
  // Where the interrupt comes first, what becomes of the work is of no interest.
  work.catch(() => {})
  try {
    return await Promise.race([work.then(() => true), interrupted])
  } finally {
    clearInterval(timer)
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
