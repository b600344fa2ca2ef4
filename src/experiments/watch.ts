import { setImmediate as nextTurn } from 'node:timers/promises'

/** How far an experiment has come. */
export interface Progress {
  readonly done: number
  /** Null where nobody knows yet, as with a compressed trace. */
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
  readonly signal?: AbortSignal | undefined
}

/**
 * Lets the event loop turn once, so that progress is drawn and an interrupt is heard.
 * @throws the signal's reason where it has been aborted
 */
export async function pause({ signal }: Watch): Promise<void> {
  await nextTurn()
  signal?.throwIfAborted()
}
