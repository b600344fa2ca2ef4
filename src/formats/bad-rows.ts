import { InputError } from '../core/errors.ts'
import type { FileDescription } from '../core/format.ts'

const SAMPLES = 5

/** Rows that cannot be read: all are counted, the first are kept, and more than are allowed end the reading. */
export class BadRows {
  count = 0
  readonly samples: { readonly line: number; readonly reason: string }[] = []
  readonly #most: number
  #first: string | undefined

  /** @param most how many are allowed */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * @param isOneOfSeveral whether there are other files, so that a line alone says little
   * @throws InputError with the first of them, where this is one too many
   */
  add(
    { input, place = 'line' }: FileDescription,
    isOneOfSeveral: boolean,
    line: number,
    reason: string,
  ): void {
    this.count++
    this.#first ??= `'${input.name}' ${place} ${line}: ${reason}`
    const file = isOneOfSeveral ? `'${input.name}': ` : ''
    if (this.samples.length < SAMPLES) this.samples.push({ line, reason: file + reason })
    const most = this.#most
    if (this.count <= most) return
    const more =
      most > 0
        ? ` (and ${most} more bad ${most === 1 ? 'row' : 'rows'}, more than --max-bad-rows ${most} allows)`
        : ''
    throw new InputError(this.#first + more)
  }
}
