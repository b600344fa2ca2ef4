/*
 * Which keys are asked for, as data: a generator with its settings, or a mixture of such plans. Recipes are read into
 * plans, and the same plan, requests and random stream give the same keys.
 */
import type { GeneratorContext, KeyStream } from '../core/generator.ts'
import { type ParameterValues, resolveParameters } from '../core/parameters.ts'
import { finish, type Steps } from '../core/steps.ts'
import { generators } from './index.ts'
import { type Catalogue, mixture, prepareMixture } from './mixture.ts'

export interface GeneratorPlan {
  /** A name in the registry of generators. */
  readonly generator: string
  /** Keys in the catalogue. */
  readonly keys: number
  readonly parameters: Readonly<Record<string, number | boolean | string>>
}

export interface MixturePlan {
  readonly generator: typeof mixture.name
  /** Keys in the catalogue that components can share. */
  readonly keys: number
  readonly parameters: ParameterValues<typeof mixture.parameters>
  readonly components: readonly {
    readonly weight: number
    readonly catalogue: Catalogue
    readonly keys: KeyPlan
  }[]
}

export type KeyPlan = GeneratorPlan | MixturePlan

export function isMixture(plan: KeyPlan): plan is MixturePlan {
  return plan.generator === mixture.name && 'components' in plan
}

/**
 * The key stream of a plan, for exactly `requests` draws.
 * @throws InputError for an unknown generator or a setting it does not have
 */
export function createKeyStream(
  plan: KeyPlan,
  context: Pick<GeneratorContext, 'requests' | 'random'>,
): KeyStream {
  return finish(prepareKeyStream(plan, context))
}

/** The same with pauses, for catalogues that take seconds to shuffle. */
export function* prepareKeyStream(
  plan: KeyPlan,
  { requests, random }: Pick<GeneratorContext, 'requests' | 'random'>,
): Steps<KeyStream> {
  const context = { keys: plan.keys, requests, random }
  if (isMixture(plan)) {
    const components = plan.components.map(({ weight, catalogue, keys }) => ({
      weight,
      catalogue,
      create: (inner: Pick<GeneratorContext, 'requests' | 'random'>) => prepareKeyStream(keys, inner),
    }))
    return yield* prepareMixture(context, plan.parameters, components)
  }
  const generator = generators.get(plan.generator)
  const owner = `generator '${plan.generator}'`
  return generator.create(context, resolveParameters(generator.parameters, plan.parameters, owner))
}
