/*
 * Several key streams as one: mixed at random by weight, or one after another as phases. It is no entry of the
 * registry, because its components are no flat parameters: recipes nest them (see plan.ts).
 *
 * Each component gets exactly its share of the requests, so that it can be told beforehand how many it will draw
 * (drift and one-hit wonders depend on it). By weight, every order of these shares is as likely: a component is drawn
 * with the probability of its share in what is left.
 */
import type { GeneratorContext, KeyStream } from '../core/generator.ts'
import type { Parameters, ParameterValues } from '../core/parameters.ts'
import { createRandom } from '../core/random.ts'
import type { Part } from '../core/registry.ts'
import type { Steps } from '../core/steps.ts'
import { permute } from './permutation.ts'

export const mixture = {
  name: 'mixture',
  summary: 'several generators at once by weight, or one after another by phase',
  parameters: {
    by: {
      type: 'choice',
      default: 'weight',
      choices: ['weight', 'phase'],
      description: 'weight mixes the components at random; phase runs them one after another',
    },
    cycles: {
      type: 'integer',
      default: 1,
      minimum: 1,
      maximum: 100_000,
      description: 'how often the phases come round during the run',
    },
  },
} as const satisfies Part & { parameters: Parameters }

export const catalogues = ['shared', 'shuffled', 'own'] as const
/**
 * Which keys a component asks for: `shared`, the mixture's catalogue in the same order of popularity; `shuffled`, the
 * same keys, in an order of the component's own; `own`, keys that no other component asks for.
 */
export type Catalogue = (typeof catalogues)[number]

export interface MixtureComponent {
  /** Its share of the requests, relative to the others' weights. */
  readonly weight: number
  readonly catalogue: Catalogue
  create(context: Pick<GeneratorContext, 'requests' | 'random'>): Steps<KeyStream>
}

/** Ids a component asks ahead, so that it fills in runs. */
const BUFFER = 1024

/** @throws RangeError where no component has a weight above 0 */
export function* prepareMixture(
  context: GeneratorContext,
  parameters: ParameterValues<typeof mixture.parameters>,
  components: readonly MixtureComponent[],
): Steps<KeyStream> {
  const ends = phaseEnds(components, context.requests, parameters.by === 'phase' ? parameters.cycles : 1)
  const quotas = components.map(() => 0)
  ends.forEach((end, phase) => {
    quotas[phase % components.length]! += end - (ends[phase - 1] ?? 0)
  })
  let keySpace = context.keys
  const streams: KeyStream[] = []
  for (const [index, component] of components.entries()) {
    const random = createRandom(`${context.random.int32()},${context.random.int32()}`, `component ${index}`)
    const stream = yield* component.create({ requests: quotas[index]!, random })
    streams.push(yield* translate(stream, component.catalogue, context.keys, keySpace, random.int32()))
    keySpace += component.catalogue === 'own' ? stream.keySpace : Math.max(0, stream.keySpace - context.keys)
  }
  const fill = parameters.by === 'phase' ? inPhases(streams, ends) : byWeight(streams, quotas, context)
  return { keySpace, fill }
}

/** Index of the request after each phase, all cycles in order. */
function phaseEnds(components: readonly MixtureComponent[], requests: number, cycles: number): number[] {
  const total = components.reduce((sum, component) => sum + component.weight, 0)
  if (!(total > 0 && total < Infinity))
    throw new RangeError('a mixture needs weights whose sum is above 0 and finite')
  const ends: number[] = []
  for (let cycle = 0; cycle < cycles; cycle++) {
    let weight = 0
    for (const component of components) {
      weight += component.weight
      ends.push(Math.round((requests * (cycle + weight / total)) / cycles))
    }
  }
  return ends
}

/** The stream with its ids in the mixture's space: keys of its own lie from `ownStart`. */
function* translate(
  stream: KeyStream,
  catalogue: Catalogue,
  shared: number,
  ownStart: number,
  seed: number,
): Steps<KeyStream> {
  if (catalogue === 'shared' && stream.keySpace <= shared) return stream
  const order = catalogue === 'shuffled' ? yield* permute(shared, createRandom(seed, 'order')) : undefined
  const firstOwn = catalogue === 'own' ? 0 : shared
  return {
    keySpace: stream.keySpace,
    fill(out) {
      stream.fill(out)
      for (let i = 0; i < out.length; i++) {
        const id = out[i]!
        if (id >= firstOwn) out[i] = id - firstOwn + ownStart
        else if (order !== undefined) out[i] = order[id]!
      }
    },
  }
}

function inPhases(streams: readonly KeyStream[], ends: readonly number[]): KeyStream['fill'] {
  let phase = 0
  let drawn = 0
  return (out) => {
    for (let done = 0; done < out.length; ) {
      while (drawn >= ends[phase]! && phase < ends.length - 1) phase++
      // Past the last request the last phase goes on.
      const left = phase < ends.length - 1 ? ends[phase]! - drawn : out.length
      const end = Math.min(out.length, done + left)
      streams[phase % streams.length]!.fill(out.subarray(done, end))
      drawn += end - done
      done = end
    }
  }
}

function byWeight(
  streams: readonly KeyStream[],
  quotas: readonly number[],
  { requests, random }: GeneratorContext,
): KeyStream['fill'] {
  const left = [...quotas]
  let requestsLeft = requests
  const buffers = streams.map((stream, index) => {
    const ids = new Uint32Array(Math.max(1, Math.min(BUFFER, quotas[index]!)))
    return { stream, ids, next: ids.length }
  })
  return (out) => {
    for (let i = 0; i < out.length; i++) {
      if (requestsLeft === 0) throw new RangeError(`a mixture of ${requests} requests was asked for more`)
      let place = random() * requestsLeft--
      let index = 0
      while (place >= left[index]!) place -= left[index++]!
      const buffer = buffers[index]!
      if (buffer.next === buffer.ids.length) {
        if (left[index]! < buffer.ids.length) buffer.ids = buffer.ids.subarray(0, left[index]!)
        buffer.stream.fill(buffer.ids)
        buffer.next = 0
      }
      left[index]!--
      out[i] = buffer.ids[buffer.next++]!
    }
  }
}
