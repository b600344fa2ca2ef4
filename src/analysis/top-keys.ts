import { partitionPoint } from '../core/partition-point.ts'

/** The keys offered with the highest counts, highest first; of equals the one offered first. */
export class TopKeys {
  readonly keys: number[] = []
  readonly #counts: number[] = []
  readonly #size: number
  /** What a count must be above to enter. */
  #bar = 0

  /** @param size how many are kept */
  constructor(size: number) {
    this.#size = size
    if (size === 0) this.#bar = Infinity
  }

  /** Counts of 0 are left out. */
  offer(key: number, count: number): void {
    if (count > this.#bar) this.#enter(key, count)
  }

  #enter(key: number, count: number): void {
    const counts = this.#counts
    const rank = partitionPoint(counts.length, (at) => counts[at]! >= count)
    counts.splice(rank, 0, count)
    this.keys.splice(rank, 0, key)
    if (counts.length > this.#size) {
      counts.pop()
      this.keys.pop()
    }
    if (counts.length === this.#size) this.#bar = counts.at(-1)!
  }
}
