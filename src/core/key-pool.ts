import type { Random } from './random.ts'

const NONE = -1

/**
 * Dense ids in an array without gaps, from which any is drawn with equal chance in constant time. The place of one that
 * is taken out to make room is kept open for the one that comes in next; where none does, the last fills it. Nothing
 * checks that a key is in the pool: the caller knows.
 */
export class KeyPool {
  private readonly keys: Uint32Array
  /** [keyCount] place of each key in the pool. */
  private readonly places: Uint32Array
  private readonly random: Random
  /** Places in use, the open one included. */
  private count = 0
  private open = NONE

  /** @param maxEntries the most keys at once */
  constructor(keyCount: number, maxEntries: number, random: Random) {
    this.keys = new Uint32Array(maxEntries)
    this.places = new Uint32Array(keyCount)
    this.random = random
  }

  add(key: number): void {
    let place = this.open
    if (place === NONE) place = this.count++
    else this.open = NONE
    this.places[key] = place
    this.keys[place] = key
  }

  /** Any key, which stays in. The pool must not be empty. */
  draw(): number {
    if (this.open !== NONE) this.close(this.open)
    return this.keys[(this.random() * this.count) >>> 0]!
  }

  /** Takes out a key that was drawn. */
  replace(key: number): void {
    this.open = this.places[key]!
  }

  remove(key: number): void {
    if (this.open !== NONE) this.close(this.open)
    this.close(this.places[key]!)
  }

  private close(place: number): void {
    const last = this.keys[--this.count]!
    this.keys[place] = last
    this.places[last] = place
    this.open = NONE
  }
}
