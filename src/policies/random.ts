import { definePolicy, type EvictionPolicy } from '../core/policy.ts'
import type { Random } from '../core/random.ts'

/** Residents in a dense array: a victim is drawn in constant time, and the last one fills its place. */
class RandomEviction implements EvictionPolicy {
  private readonly residents: Uint32Array
  /** [keyCount] place of each resident key. */
  private readonly places: Uint32Array
  private readonly random: Random
  private count = 0

  constructor(keyCount: number, maxEntries: number, random: Random) {
    this.residents = new Uint32Array(maxEntries)
    this.places = new Uint32Array(keyCount)
    this.random = random
  }

  touch(): void {}

  insert(key: number): void {
    this.places[key] = this.count
    this.residents[this.count++] = key
  }

  evict(): number {
    const victim = this.residents[(this.random() * this.count) >>> 0]!
    this.remove(victim)
    return victim
  }

  remove(key: number): void {
    const last = this.residents[--this.count]!
    const place = this.places[key]!
    this.residents[place] = last
    this.places[last] = place
  }
}

export default definePolicy({
  name: 'random',
  summary: 'evicts any resident key with equal chance',
  create: ({ keyCount, maxEntries, random }) => new RandomEviction(keyCount, maxEntries, random),
})
