import { HitDensity, MAX_AGE } from '../core/hit-density.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'
import { FastRandom } from '../core/random.ts'

const CLASSES = 16
/** Newcomers of low density are looked at in every eviction, the last so many. */
const NEWCOMERS = 8
/** The sample, while little is known. */
const FIRST_SAMPLES = 8
/** Reckonings after which the sample is full, and nothing is explored any more. */
const SETTLED = 50
/** One use in so many makes its key an explorer, within a share of the capacity. */
const EXPLORED = 32
const EXPLORED_SHARE = 0.01
const DECAY = 0.9
/** Of a key too old to tell how old. */
const LOWEST = -3.4e38
const NONE = 0xffff_ffff
const NEVER = -1

// Of a place in the pool, interleaved: when its key was used last, and in one word its class and whether it is an explorer.
const USED_AT = 0
const KIND = 1
const EXPLORER = CLASSES
// Of a key, interleaved: its place, or NONE where it is not resident, and its last age at a hit, in steps.
const PLACE = 0
const HIT_AGE = 1

interface Settings {
  readonly samples: number
  readonly interval: number
}

/**
 * Ranks keys by hit density: the hits to be expected of a key for each request, and byte, that it stays on, by its age
 * and by the class it is in, which its last two ages at a hit tell. Of a random sample, and of the last newcomers that
 * looked poor, the lowest goes. A few explorers are kept whatever their rank, so that hits at ages at which all is given
 * up are seen too. As in the authors' code.
 */
class Lhd implements EvictionPolicy {
  private readonly model = new HitDensity(CLASSES)
  private readonly random: FastRandom
  private readonly context: PolicyContext
  /** Whether keys have bytes. */
  private readonly weighs: boolean
  private readonly samples: number
  private readonly interval: number
  /** [maxEntries] the key at each place. Residents are the first `count`, but for the open place. */
  private readonly keys: Uint32Array
  /** [2 · maxEntries] by place, so that what a sample looks at lies close together. */
  private readonly places: Uint32Array
  /** [2 · keyCount] */
  private readonly fields: Uint32Array
  private count = 0
  /** A place left by a victim, which the next key to come in takes. */
  private open = NONE
  private readonly newcomers = new Uint32Array(NEWCOMERS).fill(NONE)
  private newcomer = 0
  private uses = 0
  private now = 0
  /** What is left for explorers, in entries or bytes. */
  private budget: number
  /** A moving average over victims. */
  private victimDensity = 0
  /** The victim drawn for a request that may yet give it up, and its rank. */
  private drawn = NONE
  private drawnRank = 0
  private drawnAt = NEVER

  constructor(context: PolicyContext, { samples, interval }: Settings) {
    const { memory, keyCount, maxEntries, random, capacity } = context
    this.random = new FastRandom(random)
    this.keys = memory.uint32(maxEntries)
    this.places = memory.uint32(2 * maxEntries)
    this.fields = memory.uint32(2 * keyCount).fill(NONE)
    this.context = context
    this.weighs = context.capacityUnit === 'bytes'
    this.samples = samples
    this.interval = interval
    this.budget = EXPLORED_SHARE * capacity
  }

  touch(key: number, at: number): void {
    const { fields, places } = this
    this.now = at
    const place = fields[2 * key + PLACE]!
    const age = this.ageOf(place)
    const kind = places[2 * place + KIND]!
    this.model.countHit(kind & (CLASSES - 1), age)
    if (kind >= EXPLORER) this.budget += this.context.sizeOf(key)
    const before = fields[2 * key + HIT_AGE]!
    fields[2 * key + HIT_AGE] = age
    this.use(key, place, classOf(before + age))
  }

  insert(key: number, at: number): void {
    const { fields } = this
    this.now = at
    let place = this.open
    if (place === NONE) place = this.count++
    else this.open = NONE
    this.keys[place] = key
    fields[2 * key + PLACE] = place
    fields[2 * key + HIT_AGE] = 0
    if (!this.use(key, place, classOf(MAX_AGE)) && this.rankOf(place) < this.victimDensity) {
      this.newcomers[this.newcomer++ % NEWCOMERS] = key
    }
  }

  victim(_incoming: number, at: number): number {
    this.now = at
    if (this.drawnAt !== at) this.draw()
    this.drawnAt = at
    return this.drawn
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    this.drawnAt = NEVER
    this.victimDensity = DECAY * this.victimDensity + (1 - DECAY) * this.drawnRank
    this.open = this.depart(victim)
    return victim
  }

  remove(key: number): void {
    this.closeOpen()
    this.open = this.depart(key)
    this.closeOpen()
  }

  private draw(): void {
    this.closeOpen()
    const { model, keys, random, count, newcomers, fields } = this
    const samples = model.reckonings > SETTLED ? this.samples : Math.min(FIRST_SAMPLES, this.samples)
    let victim = random.below(count)
    let lowest = this.rankOf(victim)
    for (let looked = 1; looked < samples; looked++) {
      const place = random.below(count)
      const rank = this.rankOf(place)
      if (rank >= lowest) continue
      lowest = rank
      victim = place
    }
    for (let at = 0; at < NEWCOMERS; at++) {
      const key = newcomers[at]!
      if (key === NONE) continue
      const place = fields[2 * key + PLACE]!
      if (place === NONE) continue
      const rank = this.rankOf(place)
      if (rank >= lowest) continue
      lowest = rank
      victim = place
    }
    this.drawn = keys[victim]!
    this.drawnRank = lowest
  }

  /** Notes a use; says whether the key is to be explored. */
  private use(key: number, place: number, kind: number): boolean {
    const { places, model } = this
    places[2 * place + USED_AT] = this.now
    const explores = this.random.below(EXPLORED) === 0
    if (explores && this.budget > 0 && model.reckonings < SETTLED) {
      places[2 * place + KIND] = kind | EXPLORER
      this.budget -= this.context.sizeOf(key)
    } else places[2 * place + KIND] = kind
    if (++this.uses % this.interval === 0) model.reckon(this.count)
    return explores
  }

  /** Counts a key out; says which place it leaves. */
  private depart(key: number): number {
    const place = this.fields[2 * key + PLACE]!
    const kind = this.places[2 * place + KIND]!
    this.model.countDeparture(kind & (CLASSES - 1), this.ageOf(place))
    if (kind >= EXPLORER) this.budget += this.context.sizeOf(key)
    this.fields[2 * key + PLACE] = NONE
    return place
  }

  /** Fills the open place, where there is one, with the last. */
  private closeOpen(): void {
    const { keys, places, open } = this
    if (open === NONE) return
    this.open = NONE
    const last = --this.count
    if (open === last) return
    const key = keys[last]!
    keys[open] = key
    places[2 * open + USED_AT] = places[2 * last + USED_AT]!
    places[2 * open + KIND] = places[2 * last + KIND]!
    this.fields[2 * key + PLACE] = open
  }

  private rankOf(place: number): number {
    const { places, model } = this
    const age = this.ageOf(place)
    if (age === MAX_AGE - 1) return LOWEST
    const kind = places[2 * place + KIND]!
    let density = model.density(kind & (CLASSES - 1), age)
    if (this.weighs) density /= Math.max(1, this.context.sizeOf(this.keys[place]!))
    return kind >= EXPLORER ? density + 1 : density
  }

  /** Of the key at a place. */
  private ageOf(place: number): number {
    return this.model.ageOf(this.now - this.places[2 * place + USED_AT]!)
  }
}

/** About the logarithm of how far two ages together fall short of the highest one. */
function classOf(ages: number): number {
  if (ages === 0) return CLASSES - 1
  let kind = 0
  for (let age = ages; age < MAX_AGE && kind < CLASSES - 1; age *= 2) kind++
  return kind
}

export default definePolicy({
  name: 'lhd',
  summary: 'of a random sample, evicts the key with the fewest hits to expect for the room and time it takes',
  paper: 'Beckmann, Chen, Cidon: LHD: improving cache hit rate by maximizing hit density, 2018',
  parameters: {
    samples: {
      type: 'integer',
      default: 32,
      minimum: 1,
      maximum: 1024,
      description: 'keys that are drawn for each eviction, once enough is known',
    },
    interval: {
      type: 'integer',
      default: 65_536,
      minimum: 1,
      maximum: 1_000_000_000,
      description: 'requests from one reckoning of densities to the next',
    },
  },
  create: (context, settings) => new Lhd(context, settings),
})
