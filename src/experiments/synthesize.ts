/*
 * A recipe becomes a trace. Popularity is shuffled over names, so that a name tells no rank; ids are then given in order
 * of first appearance, as a reader of recorded traces gives them, which also keeps the keys that are used together
 * close in memory. Keys, arrivals, sizes and costs draw from streams of their own: changing one changes no other.
 */
import { type Parameters, type ParameterValues, resolveParameters } from '../core/parameters.ts'
import { createRandom } from '../core/random.ts'
import { createColumn, type Trace } from '../core/trace.ts'
import { arrivals } from '../generators/arrivals/index.ts'
import { permutation } from '../generators/permutation.ts'
import { createKeyStream } from '../generators/plan.ts'
import { parseLatency } from '../latency/index.ts'
import type { Recipe } from './recipe.ts'

/** Requests drawn at a time: the ids are renamed while they are still in the cache. */
const CHUNK = 16_384

const MOST_BYTES = 2 ** 32 - 1

/** Requests drawn between two pauses, so that progress shows and an interrupt is heard. */
const STEP = 64 * CHUNK

/** The trace of a recipe: the same seed gives the same bytes. */
export function synthesize(recipe: Recipe, seed: string): Trace {
  const steps = synthesizeInSteps(recipe, seed)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** The same, with a pause now and then in which others may run: yields the requests drawn so far. */
export function* synthesizeInSteps(recipe: Recipe, seed: string): Generator<number, Trace, void> {
  const { keys, keyCount, names } = yield* drawKeys(recipe, seed)
  const times = createColumn(Float64Array, recipe.requests)
  const process = arrivals.get(recipe.arrivals.process)
  const owner = `arrival process '${process.name}'`
  const parameters: ParameterValues<Parameters> = resolveParameters(
    process.parameters,
    recipe.arrivals.parameters,
    owner,
  )
  process.fill(times, recipe.arrivals.rate, createRandom(seed, 'workload:arrivals'), parameters)
  // Whole microseconds: nothing here is finer, and a trace file of them is half as long and read twice as fast.
  for (let at = 0; at < times.length; at++) times[at] = Math.round(times[at]! * 1e6) / 1e6
  const { size, cost } = recipe.values
  return {
    name: recipe.name,
    length: recipe.requests,
    keyCount,
    keys,
    times,
    ...(size !== undefined && { sizes: drawSizes(size, keys, keyCount, seed) }),
    ...(cost !== undefined && { costs: drawCosts(cost, keys, keyCount, seed) }),
    keyNames: { nameOf: (key) => String(names[key]) },
  }
}

function* drawKeys(recipe: Recipe, seed: string) {
  const random = createRandom(seed, 'workload:keys')
  const stream = createKeyStream(recipe.keys, { requests: recipe.requests, random })
  const keys = createColumn(Uint32Array, recipe.requests)
  /** Per id of the generator: its dense id + 1, 0 while it has not appeared. */
  const dense = new Uint32Array(stream.keySpace)
  /** Per dense id: the generator's id. */
  let order = new Uint32Array(1024)
  let keyCount = 0
  for (let start = 0; start < keys.length; start += CHUNK) {
    const chunk = keys.subarray(start, start + CHUNK)
    stream.fill(chunk)
    if (order.length < keyCount + CHUNK) {
      const longer = new Uint32Array(2 * order.length + CHUNK)
      longer.set(order)
      order = longer
    }
    keyCount = renumber(chunk, dense, order, keyCount)
    if (start % STEP === 0 && start > 0) yield start
  }
  const shuffled = permutation(stream.keySpace, createRandom(seed, 'workload:names'))
  const names = new Uint32Array(keyCount)
  for (let key = 0; key < keyCount; key++) names[key] = shuffled[order[key]!]!
  return { keys, keyCount, names }
}

/** Renames the ids of a chunk, in place. @returns how many ids have appeared by now */
function renumber(chunk: Uint32Array, dense: Uint32Array, order: Uint32Array, seen: number): number {
  let count = seen
  for (let i = 0; i < chunk.length; i++) {
    const id = chunk[i]!
    let number = dense[id]!
    if (number === 0) {
      order[count] = id
      number = ++count
      dense[id] = number
    }
    chunk[i] = number - 1
  }
  return count
}

function drawSizes(text: string, keys: Uint32Array, keyCount: number, seed: string): Uint32Array {
  const model = parseLatency(text, 'bytes', "'size'")
  const random = createRandom(seed, 'workload:sizes')
  const ofKey = new Uint32Array(keyCount)
  for (let key = 0; key < keyCount; key++) {
    ofKey[key] = Math.min(MOST_BYTES, Math.max(1, Math.round(model.sample(random))))
  }
  const sizes = createColumn(Uint32Array, keys.length)
  for (let i = 0; i < keys.length; i++) sizes[i] = ofKey[keys[i]!]!
  return sizes
}

function drawCosts(text: string, keys: Uint32Array, keyCount: number, seed: string): Float32Array {
  const model = parseLatency(text, 'duration', "'cost'")
  const random = createRandom(seed, 'workload:costs')
  const ofKey = new Float32Array(keyCount)
  for (let key = 0; key < keyCount; key++) ofKey[key] = model.sample(random)
  const costs = createColumn(Float32Array, keys.length)
  for (let i = 0; i < keys.length; i++) costs[i] = ofKey[keys[i]!]!
  return costs
}
