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
