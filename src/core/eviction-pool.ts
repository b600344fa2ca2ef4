import type { PolicyContext } from './policy.ts'
import { FastRandom } from './random.ts'

/** Candidates that are kept (EVPOOL_SIZE in Redis, no setting there). */
const CANDIDATES = 16

// Fields of a place, interleaved.
const KEY = 0
const NOTE = 1
/** In place of a place: the key can not be drawn. */
const ABSENT = 0xffff_ffff
const NONE = -1

/** Keys that are drawn each time. As `maxmemory-samples` of redis.conf. */
export const SAMPLES = {
  type: 'integer',
  default: 5,
  minimum: 1,
  maximum: 64,
  description: 'keys that are drawn for each eviction (maxmemory-samples)',
} as const

/**
 * How Redis finds a victim: a few keys are drawn at each eviction and offered to a small pool of the best candidates
 * seen so far, which lasts from one eviction to the next; the best of those that are still there goes. A candidate
 * keeps the score it was offered with: one that is used meanwhile, or that left and came back, is given up all the
 * same. A key may be in the pool several times.
 *
 * Redis draws neighbours in its hash table from a random place on; as a hash scatters keys, that is any keys with equal
 * chance, each once, which is what is done here. As Redis has 24 bits with each object for what its policies note, a
 * number stands here with each key that can be drawn, in an array without gaps, which is small beside one of all keys:
 * drawing is what costs, and mostly waits for memory. The place of a victim is kept open for the key that comes in next;
 * where none does, the last fills it.
 */
export class EvictionPool {
  /** [samples] keys of the last `sample`, and their notes. */
  readonly sampled: Uint32Array
  readonly sampledNotes: Uint32Array
  private readonly random: FastRandom
  private readonly samples: number
  /** [2 · maxEntries] key and note of each place. */
  private readonly entries: Uint32Array
  /** [keyCount] place of each key, or ABSENT. */
  private readonly places: Uint32Array
  /** Places in use, the open one included. */
  private used = 0
  private open = NONE
  /** By score, highest last; of equal scores the one offered first stands last. */
  private readonly candidates = new Uint32Array(CANDIDATES)
  private readonly scores = new Float64Array(CANDIDATES)
  private count = 0
  private chosenAt = NONE

  /** @param samples keys that are drawn at once, where there are as many */
  constructor({ memory, keyCount, maxEntries, random }: PolicyContext, samples: number) {
    this.random = new FastRandom(random)
    this.samples = samples
    this.sampled = new Uint32Array(samples)
    this.sampledNotes = new Uint32Array(samples)
    this.entries = memory.uint32(2 * maxEntries)
    this.places = memory.uint32(keyCount).fill(ABSENT)
  }

  isEmpty(): boolean {
    return this.used === (this.open === NONE ? 0 : 1)
  }

  /** Whether a key can be drawn. */
  has(key: number): boolean {
    return this.places[key] !== ABSENT
  }

  /** A key that can be drawn from now on. */
  add(key: number, note: number): void {
    let place = this.open
    if (place === NONE) place = this.used++
    else this.open = NONE
    this.places[key] = place
    this.entries[2 * place + KEY] = key
    this.entries[2 * place + NOTE] = note
  }

  remove(key: number): void {
    if (this.open !== NONE) this.close()
    this.open = this.places[key]!
    this.close()
    this.places[key] = ABSENT
  }

  noteOf(key: number): number {
    return this.entries[2 * this.places[key]! + NOTE]!
  }

  setNote(key: number, note: number): void {
    this.entries[2 * this.places[key]! + NOTE] = note
  }

  /** Draws keys, each once; returns how many. */
  sample(): number {
    if (this.open !== NONE) this.close()
    const { entries, random, used, sampled, sampledNotes } = this
    const count = Math.min(this.samples, used)
    let drawn = 0
    while (drawn < count) {
      const place = random.below(used)
      const key = entries[2 * place + KEY]!
      let same = 0
      while (same < drawn && sampled[same] !== key) same++
      if (same < drawn) continue
      sampled[drawn] = key
      sampledNotes[drawn++] = entries[2 * place + NOTE]!
    }
    return count
  }

  /** Takes a key among the candidates, if its score is above the lowest or there is a place left. */
  offer(key: number, score: number): void {
    const { candidates, scores } = this
    let place = 0
    while (place < this.count && scores[place]! < score) place++
    if (this.count < CANDIDATES) {
      for (let above = this.count++; above > place; above--) {
        candidates[above] = candidates[above - 1]!
        scores[above] = scores[above - 1]!
      }
    } else {
      if (place-- === 0) return
      for (let below = 0; below < place; below++) {
        candidates[below] = candidates[below + 1]!
        scores[below] = scores[below + 1]!
      }
    }
    candidates[place] = key
    scores[place] = score
  }

  /**
   * Forgets the best candidates as far as they are gone, and settles on the next for request `at`. False where none is
   * left: then more are to be drawn.
   */
  choose(at: number): boolean {
    while (this.count > 0 && !this.has(this.candidates[this.count - 1]!)) this.count--
    if (this.count === 0) return false
    this.chosenAt = at
    return true
  }

  /** Whether a victim for request `at` stands. */
  hasChosen(at: number): boolean {
    return this.chosenAt === at
  }

  chosen(): number {
    return this.candidates[this.count - 1]!
  }

  /** Gives up the chosen key, and returns it. */
  take(): number {
    if (this.open !== NONE) this.close()
    const victim = this.chosen()
    this.count--
    this.chosenAt = NONE
    this.open = this.places[victim]!
    this.places[victim] = ABSENT
    return victim
  }

  /** Fills the open place with the last. */
  private close(): void {
    const { entries, open } = this
    const last = --this.used
    this.open = NONE
    if (open === last) return
    const key = entries[2 * last + KEY]!
    entries[2 * open + KEY] = key
    entries[2 * open + NOTE] = entries[2 * last + NOTE]!
    this.places[key] = open
  }
}
