/** Numbers of which the smallest can be taken: a binary heap (Williams 1964). */
export class MinHeap {
  readonly #values: number[] = []

  get size(): number {
    return this.#values.length
  }

  /** Undefined behaviour where there is none. */
  get smallest(): number {
    return this.#values[0]!
  }

  add(value: number): void {
    const values = this.#values
    let place = values.push(value) - 1
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (values[parent]! <= value) break
      values[place] = values[parent]!
      place = parent
    }
    values[place] = value
  }

  /** Removes the smallest; there must be one. */
  takeSmallest(): void {
    const values = this.#values
    const value = values.pop()!
    if (values.length === 0) return
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= values.length) break
      if (child + 1 < values.length && values[child + 1]! < values[child]!) child++
      if (values[child]! >= value) break
      values[place] = values[child]!
      place = child
    }
    values[place] = value
  }
}
