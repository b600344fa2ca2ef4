import { InputError } from '../core/errors.ts'

const SAMPLES = 5

/** Counts rows of a file, the ones filtered out and the bad ones, and stops the reader above the limit. */
export class RowCount {
  rows = 0
  filtered = 0
  bad = 0
  readonly samples: { line: number; reason: string }[] = []
  readonly #name: string
  readonly #maxBad: number

  /** @param name the file, for messages */
  constructor(name: string, maxBadRows = 0) {
    this.#name = name
    this.#maxBad = maxBadRows
  }

  /** @throws InputError naming the first bad row, once there are more than allowed */
  addBad(line: number, reason: string): void {
    this.bad++
    if (this.samples.length < SAMPLES) this.samples.push({ line, reason })
    if (this.bad <= this.#maxBad) return
    const first = this.samples[0]!
    const many =
      this.#maxBad > 0
        ? ` (and ${this.#maxBad} more bad ${this.#maxBad === 1 ? 'row' : 'rows'}, more than --max-bad-rows ${this.#maxBad} allows)`
        : ''
    throw new InputError(`'${this.#name}' line ${first.line}: ${first.reason}${many}`)
  }

  /** @throws InputError where no row was left to make a request of */
  requireRequests(requests: number, conditions: readonly string[]): void {
    if (requests > 0) return
    if (this.filtered > 0) {
      const all = this.filtered === 1 ? 'its one row' : `any of its ${this.filtered} rows`
      throw new InputError(
        `'${this.#name}' has no requests: --where ${conditions.join(' --where ')} does not hold for ${all}`,
      )
    }
    const bad =
      this.bad > 0 ? `, only ${this.bad} bad: line ${this.samples[0]!.line}: ${this.samples[0]!.reason}` : ''
    throw new InputError(`'${this.#name}' has no requests: there are no rows of data in it${bad}`)
  }
}
