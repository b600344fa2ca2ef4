/** Chunks of which the first bytes have been looked at; they come again. */
export class Peeked {
  readonly head: Uint8Array
  /** Whether `head` is all there is. */
  readonly isWhole: boolean
  readonly #seen: readonly Uint8Array[]
  readonly #rest: AsyncIterator<Uint8Array>

  /** @param bytes how many to look at */
  static async of(chunks: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
    const iterator = chunks[Symbol.asyncIterator]()
    const seen: Uint8Array[] = []
    let length = 0
    let isWhole = false
    // One byte more than asked for, or the end: only then is it known whether that was all.
    while (length <= bytes && !isWhole) {
      const { done, value } = await iterator.next()
      if (done) {
        isWhole = true
      } else {
        seen.push(value)
        length += value.length
      }
    }
    return new Peeked(Buffer.concat(seen).subarray(0, bytes), isWhole, seen, iterator)
  }

  private constructor(
    head: Uint8Array,
    isWhole: boolean,
    seen: readonly Uint8Array[],
    rest: AsyncIterator<Uint8Array>,
  ) {
    this.head = head
    this.isWhole = isWhole
    this.#seen = seen
    this.#rest = rest
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    yield* this.#seen
    for (let next = await this.#rest.next(); !next.done; next = await this.#rest.next()) yield next.value
  }

  async close(): Promise<void> {
    await this.#rest.return?.()
  }
}
