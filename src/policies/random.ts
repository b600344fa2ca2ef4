import { definePolicy, type EvictionPolicy } from '../core/policy.ts'
import type { Random } from '../core/random.ts'

const NONE = -1

/**
 * Residents in a dense array, from which a victim is drawn in constant time. Its place is kept open for the key that
 * comes in next; where none does, the last resident fills it.
 */
class RandomEviction implements EvictionPolicy {
  private readonly residents: Uint32Array
  /** [keyCount] place of each resident key. */
  private readonly places: Uint32Array
  private readonly random: Random
  /** Places in use, the open one included. */
  private count = 0
  private open = NONE

  constructor(keyCount: number, maxEntries: number, random: Random) {
    this.residents = new Uint32Array(maxEntries)
    this.places = new Uint32Array(keyCount)
    this.random = random
  }

  touch(): void {}

  insert(key: number): void {
    let place = this.open
    if (place === NONE) place = this.count++
    else this.open = NONE
    this.places[key] = place
    this.residents[place] = key
  }

  evict(): number {
    if (this.open !== NONE) this.close(this.open)
    this.open = (this.random() * this.count) >>> 0
    return this.residents[this.open]!
  }

  remove(key: number): void {
    if (this.open !== NONE) this.close(this.open)
    this.close(this.places[key]!)
  }

  private close(place: number): void {
    const last = this.residents[--this.count]!
    this.residents[place] = last
    this.places[last] = place
    this.open = NONE
  }
}

export default definePolicy({
  name: 'random',
  summary: 'evicts any resident key with equal chance',
  create: ({ keyCount, maxEntries, random }) => new RandomEviction(keyCount, maxEntries, random),
})
