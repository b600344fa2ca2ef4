import type { Memory } from './memory.ts'
import { FastRandom, type Random } from './random.ts'

const NONE = -1

/**
 * Dense ids in an array without gaps, from which any is drawn with equal chance in constant time. The place of one that
 * is taken out to make room is kept open for the one that comes in next; where none does, the last fills it. Where each
 * key stands is noted from the first time it is asked for: a victim that was drawn last needs no look-up. Nothing checks
 * that a key is in the pool: the caller knows.
 */
export class KeyPool {
  private readonly keys: Uint32Array
  /** [keyCount] place of each key in the pool, once one was asked for. */
  private places: Uint32Array | undefined
  private readonly memory: Memory
  private readonly keyCount: number
  private readonly random: FastRandom
  /** Places in use, the open one included. */
  private count = 0
  private open = NONE
  /** Where the key drawn last stands. */
  private drawn = 0

  /** @param maxEntries the most keys at once */
  constructor(memory: Memory, keyCount: number, maxEntries: number, random: Random) {
    this.memory = memory
    this.keys = memory.uint32(maxEntries)
    this.keyCount = keyCount
    this.random = new FastRandom(random)
  }

  add(key: number): void {
    let place = this.open
    if (place === NONE) place = this.count++
    else this.open = NONE
    if (this.places !== undefined) this.places[key] = place
    this.keys[place] = key
  }

  /** Any key, which stays in. The pool must not be empty. */
  draw(): number {
    if (this.open !== NONE) this.close(this.open)
    this.drawn = this.random.below(this.count)
    return this.keys[this.drawn]!
  }

  /** Takes out a key that was drawn. */
  replace(key: number): void {
    const { drawn } = this
    this.open = drawn < this.count && this.keys[drawn] === key ? drawn : this.placeOf(key)
  }

  remove(key: number): void {
    if (this.open !== NONE) this.close(this.open)
    this.close(this.placeOf(key))
  }

  private placeOf(key: number): number {
    this.places ??= this.findPlaces()
    return this.places[key]!
  }

  private findPlaces(): Uint32Array {
    const places = this.memory.uint32(this.keyCount)
    for (let place = 0; place < this.count; place++) places[this.keys[place]!] = place
    return places
  }

  private close(place: number): void {
    const last = this.keys[--this.count]!
    this.keys[place] = last
    if (this.places !== undefined) this.places[last] = place
    this.open = NONE
  }
}
