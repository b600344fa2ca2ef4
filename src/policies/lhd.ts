import { HitDensity, MAX_AGE } from '../core/hit-density.ts'
import { KeyPool } from '../core/key-pool.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

// Fields of a key, interleaved: 16 bytes, four keys a cache line.
const SHIFT = 2
const USED_AT = 0
/** The key's last age at a hit, in steps, and the class that it makes with the one before. */
const HIT_AGE = 1
const CLASS = 2
const STATE = 3
// States.
const ABSENT = 0
const RESIDENT = 1
const EXPLORER = 2

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
  private readonly pool: KeyPool
  private readonly model = new HitDensity(CLASSES)
  private readonly fields: Uint32Array
  private readonly context: PolicyContext
  /** Whether keys have bytes. */
  private readonly weighs: boolean
  private readonly samples: number
  private readonly interval: number
  private readonly newcomers = new Uint32Array(NEWCOMERS).fill(NONE)
  private newcomer = 0
  private entries = 0
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
    const { keyCount, maxEntries, random, capacity } = context
    this.pool = new KeyPool(keyCount, maxEntries, random)
    this.fields = new Uint32Array(keyCount << SHIFT)
    this.context = context
    this.weighs = context.capacityUnit === 'bytes'
    this.samples = samples
    this.interval = interval
    this.budget = EXPLORED_SHARE * capacity
  }

  touch(key: number, at: number): void {
    const { fields } = this
    const field = key << SHIFT
    this.now = at
    const age = this.ageOf(key)
    this.model.countHit(this.classOf(key), age)
    this.endExploring(key)
    fields[field + CLASS] = classOf(fields[field + HIT_AGE]! + age)
    fields[field + HIT_AGE] = age
    this.use(key)
  }

  insert(key: number, at: number): void {
    const { fields } = this
    const field = key << SHIFT
    this.now = at
    fields[field + CLASS] = classOf(MAX_AGE)
    fields[field + HIT_AGE] = 0
    this.pool.add(key)
    this.entries++
    if (!this.use(key) && this.rankOf(key) < this.victimDensity) {
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
    this.depart(victim)
    this.pool.replace(victim)
    return victim
  }

  remove(key: number): void {
    this.depart(key)
    this.pool.remove(key)
  }

  private draw(): void {
    const { pool, model } = this
    const samples = model.reckonings > SETTLED ? this.samples : Math.min(FIRST_SAMPLES, this.samples)
    let victim = pool.draw()
    let lowest = this.rankOf(victim)
    for (let looked = 1; looked < samples + NEWCOMERS; looked++) {
      const key = looked < samples ? pool.draw() : this.newcomers[looked - samples]!
      if (key === NONE || this.fields[(key << SHIFT) + STATE] === ABSENT) continue
      const rank = this.rankOf(key)
      if (rank >= lowest) continue
      lowest = rank
      victim = key
    }
    this.drawn = victim
    this.drawnRank = lowest
  }

  /** Notes a use; says whether the key is to be explored. */
  private use(key: number): boolean {
    const { fields, model, context } = this
    const field = key << SHIFT
    fields[field + USED_AT] = this.now
    const explores = context.random() * EXPLORED < 1
    fields[field + STATE] = RESIDENT
    if (explores && this.budget > 0 && model.reckonings < SETTLED) {
      fields[field + STATE] = EXPLORER
      this.budget -= context.sizeOf(key)
    }
    if (++this.uses % this.interval === 0) model.reckon(this.entries)
    return explores
  }

  private depart(key: number): void {
    this.model.countDeparture(this.classOf(key), this.ageOf(key))
    this.endExploring(key)
    this.fields[(key << SHIFT) + STATE] = ABSENT
    this.entries--
  }

  private endExploring(key: number): void {
    if (this.fields[(key << SHIFT) + STATE] === EXPLORER) this.budget += this.context.sizeOf(key)
  }

  private rankOf(key: number): number {
    const { fields, model } = this
    const field = key << SHIFT
    const age = model.ageOf(this.now - fields[field + USED_AT]!)
    if (age === MAX_AGE - 1) return LOWEST
    let density = model.density(fields[field + CLASS]!, age)
    if (this.weighs) density /= Math.max(1, this.context.sizeOf(key))
    return fields[field + STATE] === EXPLORER ? density + 1 : density
  }

  private ageOf(key: number): number {
    return this.model.ageOf(this.now - this.fields[(key << SHIFT) + USED_AT]!)
  }

  private classOf(key: number): number {
    return this.fields[(key << SHIFT) + CLASS]!
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
