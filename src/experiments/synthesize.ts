/*
 * A recipe becomes a trace. Popularity is shuffled over names, so that a name tells no rank; ids are then given in order
 * of first appearance, as a reader of recorded traces gives them, which also keeps the keys that are used together
 * close in memory. Keys, arrivals, sizes and costs draw from streams of their own: changing one changes no other.
 */
import { availableMemory } from 'node:process'
import { InputError } from '../core/errors.ts'
import { type Parameters, type ParameterValues, resolveParameters } from '../core/parameters.ts'
import { createRandom } from '../core/random.ts'
import { finish, type Steps } from '../core/steps.ts'
import { createColumn, LARGEST_VALUE, type Trace } from '../core/trace.ts'
import { formatBytes, plural } from '../core/units.ts'
import { arrivals } from '../generators/arrivals/index.ts'
import { permute } from '../generators/permutation.ts'
import { prepareKeyStream } from '../generators/plan.ts'
import { parseLatency } from '../latency/index.ts'
import type { Recipe } from './recipe.ts'

/** Requests drawn at a time: the ids are renamed while they are still in the cache. */
const CHUNK = 16_384

/** Requests drawn between two pauses, so that progress shows and an interrupt is heard. */
const STEP = 64 * CHUNK

/** The trace of a recipe: the same seed gives the same bytes. */
export function synthesize(recipe: Recipe, seed: string): Trace {
  return finish(synthesizeInSteps(recipe, seed))
}

/** The same with pauses: yields the requests drawn so far, once there are any. */
export function* synthesizeInSteps(recipe: Recipe, seed: string): Steps<Trace, number | undefined> {
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
    generated: true,
  }
}

function* drawKeys(recipe: Recipe, seed: string) {
  const random = createRandom(seed, 'workload:keys')
  const stream = yield* prepareKeyStream(recipe.keys, { requests: recipe.requests, random })
  checkMemory(recipe, stream.keySpace)
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
  const shuffled = yield* permute(stream.keySpace, createRandom(seed, 'workload:names'))
  const names = new Uint32Array(keyCount)
  for (let key = 0; key < keyCount; key++) names[key] = shuffled[order[key]!]!
  return { keys, keyCount, names }
}

/**
 * Most systems promise memory that they do not have, and end the program when it is used.
 * @param memory bytes that are free
 * @throws InputError where the trace needs more
 */
export function checkMemory(
  { requests, keys }: Pick<Recipe, 'requests' | 'keys'>,
  keySpace: number,
  memory = availableMemory(),
): void {
  // Ids and their numbers beside the shuffled names, and later ids beside times.
  const needed = Math.max(4 * requests + 8 * keySpace, 12 * requests)
  if (needed > memory) {
    throw new InputError(
      `${plural(requests, 'request')} over ${plural(keys.keys, 'key')} need ${formatBytes(needed)} of memory, and ${formatBytes(memory)} are free: ask for fewer`,
    )
  }
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
    const bytes = Math.max(1, Math.round(model.sample(random)))
    if (bytes > LARGEST_VALUE)
      throw new InputError(
        `'size' is '${text}', which drew a value of ${formatBytes(bytes)}: none can have 4GiB or more, so its percentiles must be lower or nearer to each other`,
      )
    ofKey[key] = bytes
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
