/** Waits that fit one block. */
const BLOCK = 1 << 14

/** How long calls waited, each of them: the many that did not wait are only counted. */
export class Waits {
  count = 0
  /** Seconds. */
  sum = 0
  /** Of those above 0. */
  readonly #blocks: Float64Array[] = []
  #used = 0

  add(seconds: number): void {
    this.count++
    if (seconds === 0) return
    this.sum += seconds
    const at = this.#used++ % BLOCK
    if (at === 0) this.#blocks.push(new Float64Array(BLOCK))
    this.#blocks.at(-1)![at] = seconds
  }

  /** Those that waited at all, ascending. */
  sorted(): Float64Array {
    const all = new Float64Array(this.#used)
    for (const [block, waits] of this.#blocks.entries())
      all.set(waits.subarray(0, this.#used - block * BLOCK), block * BLOCK)
    return all.sort()
  }
}
