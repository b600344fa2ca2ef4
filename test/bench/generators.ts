import { parseSpec, resolveParameters } from '../../src/core/parameters.ts'
import { createRandom } from '../../src/core/random.ts'
import { bareRecipe } from '../../src/experiments/recipe.ts'
import { synthesize } from '../../src/experiments/synthesize.ts'
import { arrivals } from '../../src/generators/arrivals/index.ts'
import { generators } from '../../src/generators/index.ts'
import { createKeyStream, type KeyPlan } from '../../src/generators/plan.ts'
import { parseLatency } from '../../src/latency/index.ts'

const MILLION = 1_000_000
const CHUNK = 16_384

/** The best of three, as a line: millions a second and nanoseconds each. */
function measure(name: string, count: number, run: () => void): void {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  const rate = count / best / 1000
  console.log(
    `${name.padEnd(44)}${rate.toFixed(1).padStart(8)} M/s${(1000 / rate).toFixed(1).padStart(8)} ns`,
  )
}

function drawKeys(plan: KeyPlan, requests: number): void {
  const stream = createKeyStream(plan, { requests, random: createRandom('bench', 'keys') })
  const chunk = new Uint32Array(CHUNK)
  for (let left = requests; left > 0; left -= CHUNK) stream.fill(chunk.subarray(0, Math.min(CHUNK, left)))
}

/** Prints how fast keys, arrivals and latencies are drawn, random numbers and set-up included. */
export async function benchGenerators(): Promise<void> {
  console.log('Keys drawn, one core, 1 M keys unless said otherwise')
  for (const name of generators.names) {
    measure(name, 5 * MILLION, () =>
      drawKeys({ generator: name, keys: MILLION, parameters: {} }, 5 * MILLION),
    )
  }
  for (const [spec, keys] of [
    ['zipf(alpha=0.5)', MILLION],
    ['zipf(alpha=1.5)', MILLION],
    ['zipf', 1000],
    ['zipf', 10 * MILLION],
  ] as const) {
    const { name: generator, arguments: given } = parseSpec(spec)
    const parameters = resolveParameters(generators.get(generator).parameters, given, generator)
    measure(`${spec}, ${keys} keys`, 5 * MILLION, () =>
      drawKeys({ generator, keys, parameters }, 5 * MILLION),
    )
  }
  const half: KeyPlan = { generator: 'zipf', keys: MILLION, parameters: {} }
  for (const by of ['weight', 'phase']) {
    const components = [half, half].map((keys) => ({ weight: 1, catalogue: 'shared', keys }) as const)
    const plan: KeyPlan = { generator: 'mixture', keys: MILLION, parameters: { by, cycles: 10 }, components }
    measure(`mixture of two zipf by ${by}`, 5 * MILLION, () => drawKeys(plan, 5 * MILLION))
  }
  console.log('Arrival times')
  const times = new Float64Array(2 * MILLION)
  for (const process of arrivals.all) {
    const parameters = resolveParameters(process.parameters, {}, process.name)
    measure(process.name, times.length, () =>
      process.fill(times, 100, createRandom('bench', 'times'), parameters),
    )
  }
  console.log('Latencies')
  const model = parseLatency('lognormal:p50=120ms,p99=900ms', 'duration', 'latency')
  measure(model.text, times.length, () => {
    const random = createRandom('bench', 'latency')
    for (let i = 0; i < times.length; i++) times[i] = model.sample(random)
  })
  console.log('Whole traces: keys, names, times')
  const recipe = bareRecipe('zipf', 'Popularity as by Zipf.', 'zipf', {})
  measure('zipf, 1 M requests, 100 k keys', MILLION, () => synthesize(recipe, 'bench'))
  const large = { ...recipe, requests: 10 * MILLION, keys: { ...recipe.keys, keys: MILLION } }
  measure('zipf, 10 M requests, 1 M keys', 10 * MILLION, () => synthesize(large, 'bench'))
}
