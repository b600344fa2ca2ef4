/** Ages are told apart up to this; what is older counts as this old. */
export const MAX_AGE = 20_000
/** Of a count, what is left at the next reckoning. */
const DECAY = 0.9
/** An age step is to be no more than this share of the ages at which most keys leave. */
const ERROR_TOLERANCE = 0.01
/** Classes start as if they were the second sixteen: those of the one application that the authors' code tells apart. */
const FIRST_CLASS = 17
/** The reckonings at which the step of ages is fitted to the number of entries. */
const FITTED_AT = [5, 25]

/**
 * For each of several classes of keys, the hits to be had from a key of some age for each request that it stays on: over
 * all that came to that age, hits still to come through time still to be spent (Beckmann, Chen, Cidon: LHD: improving
 * cache hit rate by maximizing hit density, 2018, section 4). Events are counted by class and age; from time to time
 * `reckon` makes densities of the counts. Ages are requests, by steps of a power of two.
 */
export class HitDensity {
  private readonly classes: number
  /** [classes · MAX_AGE] */
  private readonly hits: Float64Array
  private readonly departures: Float64Array
  /** The same: half the bytes, since every key of a sample looks one up. */
  private readonly densities: Float32Array
  /** Binary logarithm of requests in a step of age. */
  private shift = 10
  /** Reckonings so far. */
  reckonings = 0
  private entries = 0
  private mass = 0

  constructor(classes: number) {
    this.classes = classes
    this.hits = new Float64Array(classes * MAX_AGE)
    this.departures = new Float64Array(classes * MAX_AGE)
    // Before anything is known: the older the less, and a little more the higher the class, as in the authors' code.
    this.densities = Float32Array.from(
      { length: classes * MAX_AGE },
      (_, at) => (FIRST_CLASS + Math.floor(at / MAX_AGE)) / ((at % MAX_AGE) + 1),
    )
  }

  /** Steps of age after so many requests, at most MAX_AGE − 1. */
  ageOf(requests: number): number {
    return Math.min(requests >>> this.shift, MAX_AGE - 1)
  }

  countHit(kind: number, age: number): void {
    this.hits[kind * MAX_AGE + age]!++
  }

  countDeparture(kind: number, age: number): void {
    this.departures[kind * MAX_AGE + age]!++
  }

  density(kind: number, age: number): number {
    return this.densities[kind * MAX_AGE + age]!
  }

  /** Makes densities of what was counted, the earlier the less. @param entries in the cache now */
  reckon(entries: number): void {
    for (let at = 0; at < this.hits.length; at++) {
      this.hits[at]! *= DECAY
      this.departures[at]! *= DECAY
    }
    this.entries = this.entries * DECAY + entries
    this.mass = this.mass * DECAY + 1
    if (FITTED_AT.includes(this.reckonings)) this.fit()
    for (let kind = 0; kind < this.classes; kind++) this.model(kind * MAX_AGE)
    this.reckonings++
  }

  private model(from: number): void {
    const { hits, departures, densities } = this
    let hitsToCome = 0
    let leaving = 0
    let time = 0
    for (let at = from + MAX_AGE - 1; at >= from; at--) {
      hitsToCome += hits[at]!
      leaving += hits[at]! + departures[at]!
      time += leaving
      densities[at] = leaving > 1e-5 ? hitsToCome / time : 0
    }
  }

  /** Fits the step of ages to the number of entries, and the counts to the step. */
  private fit(): void {
    const step = this.entries / this.mass / (ERROR_TOLERANCE * MAX_AGE)
    const shift = Math.max(1, Math.ceil(Math.log2(step)))
    const change = shift - this.shift
    this.shift = shift
    // Counts of before weigh more from here on.
    this.entries *= 8
    this.mass *= 8
    for (const counts of [this.hits, this.departures]) {
      for (let kind = 0; kind < this.classes; kind++) {
        const ages = counts.subarray(kind * MAX_AGE, (kind + 1) * MAX_AGE)
        const before = ages.slice()
        ages.fill(0)
        for (let age = 0; age < MAX_AGE; age++) spreadOver(ages, age, before[age]!, change)
      }
    }
  }
}

/** Adds what was counted at an age where it belongs after steps grew by 2^change, or shrank. */
function spreadOver(ages: Float64Array, age: number, count: number, change: number): void {
  if (change >= 0 || age === MAX_AGE - 1) {
    ages[age === MAX_AGE - 1 ? age : age >>> change]! += count
    return
  }
  const width = 2 ** -change
  for (let at = age * width; at < (age + 1) * width; at++) {
    ages[Math.min(at, MAX_AGE - 1)]! += count / width
  }
}
