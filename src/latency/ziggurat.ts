/*
 * Standard normal draws by the ziggurat method (Marsaglia and Tsang 2000), exact, tail included: the area under the
 * bell curve is cut into 128 layers of equal area, and nearly every draw is one multiplication. Layer and place inside
 * it come from different bits (Doornik 2005, "An improved ziggurat method"): of one 53-bit uniform number 7 and 46.
 *
 * Box–Muller computes a logarithm, a root and a sine for each draw; with numbers of 32 bits its tails end at 6.7
 * standard deviations, and a sine may differ in the last bit between machines.
 */
import type { Random } from '../core/random.ts'

const LAYERS = 128
/** Brings 32 more random bits below the first 32, with the sum at most 1 − 2^-53. As `Random.double`, in less time. */
const LOWER_BITS = 2 ** -32 - 2 ** -53
/** Where the tail begins, and the area of each layer, for 128 layers. */
const TAIL = 3.442619855899
const AREA = 9.91256303526217e-3

/** [layer] right edge; the base layer, 0, is as wide as a rectangle of its area. */
const edges = new Float64Array(LAYERS + 1)
/** [layer] share of its width that lies under the curve for sure. */
const inside = new Float64Array(LAYERS)

edges[0] = AREA / Math.exp(-0.5 * TAIL * TAIL)
edges[1] = TAIL
for (let layer = 2; layer < LAYERS; layer++) {
  const below = edges[layer - 1]!
  edges[layer] = Math.sqrt(-2 * Math.log(AREA / below + Math.exp(-0.5 * below * below)))
}
for (let layer = 0; layer < LAYERS; layer++) inside[layer] = edges[layer + 1]! / edges[layer]!

/** One draw of a standard normal variable. */
export function drawNormal(random: Random): number {
  for (;;) {
    const scaled = (random() + random() * LOWER_BITS) * LAYERS
    const layer = scaled | 0
    const place = 2 * (scaled - layer) - 1
    const edge = edges[layer]!
    if (Math.abs(place) < inside[layer]!) return place * edge
    if (layer === 0) return place < 0 ? -drawTail(random) : drawTail(random)
    const x = place * edge
    const inner = edges[layer + 1]!
    const low = Math.exp(-0.5 * (edge * edge - x * x))
    const high = Math.exp(-0.5 * (inner * inner - x * x))
    if (high + random.double() * (low - high) < 1) return x
  }
}

/** Beyond the last edge (Marsaglia 1964, "Generating a variable from the tail of the normal distribution"). */
function drawTail(random: Random): number {
  for (;;) {
    const x = -Math.log(1 - random.double()) / TAIL
    const y = -Math.log(1 - random.double())
    if (2 * y > x * x) return TAIL + x
  }
}
