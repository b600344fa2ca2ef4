import { formatCount } from '../core/units.ts'

/** Words come from files: junk must not fill the table. */
const MOST_WORDS = 12

/** Counts lines that a format by its nature does not replay, by what they are. */
export class PassedOver {
  total = 0
  readonly #words = new Map<string, number>()

  add(word: string): void {
    const known = this.#words.has(word) || this.#words.size < MOST_WORDS ? word.slice(0, 40) : 'others'
    this.#words.set(known, (this.#words.get(known) ?? 0) + 1)
    this.total++
  }

  /** `3 requests are … (POST 2, PUT 1)`, or nothing where there are none. */
  note(one: string, many: string, hint = ''): string[] {
    if (this.total === 0) return []
    const words = [...this.#words].map(([word, count]) => `${word} ${formatCount(count)}`).join(', ')
    return [`${formatCount(this.total)} ${this.total === 1 ? one : many} passed over (${words})${hint}`]
  }
}
