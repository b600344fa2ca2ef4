/*
 * A recipe: a synthetic workload with the story it tells, as YAML. Everything has a default except the story. The
 * schema is in recipe-schema.ts; here a text becomes a recipe, and a mistake a sentence with its line and column.
 */
import { type ParameterValues, resolveParameters } from '../core/parameters.ts'
import { type Catalogue, mixture } from '../generators/mixture.ts'
import type { KeyPlan } from '../generators/plan.ts'
import { recipeSchema } from './recipe-schema.ts'
import { type Path, type Problem, parseSettings } from './yaml-settings.ts'

export { recipeJsonSchema } from './recipe-schema.ts'

/** A workload, understood. Settings of the run are texts, as flags take them. */
export interface Recipe {
  /** The name of the shipped recipe, the file, or the generator as written. */
  readonly name: string
  readonly story: string
  readonly requests: number
  readonly keys: KeyPlan
  readonly arrivals: {
    readonly process: string
    /** Requests a second. */
    readonly rate: number
    readonly parameters: Readonly<Record<string, number | boolean | string>>
  }
  /** Absent ones: the trace gets no such column. */
  readonly values: { readonly size?: string | undefined; readonly cost?: string | undefined }
  readonly service: {
    readonly hitLatency?: string | undefined
    readonly missLatency?: string | undefined
    readonly storeLatency?: string | undefined
    readonly missCost?: string | undefined
  }
  readonly cache: {
    readonly size?: string | undefined
    readonly ttl?: string | undefined
    readonly ttlMode?: 'write' | 'idle' | undefined
    readonly warmup?: string | undefined
    /** As `--policies` takes them; files are relative to `folder`. */
    readonly policies?: readonly string[] | undefined
  }
  /** Where the recipe lies; absent for one that is no file. */
  readonly folder?: string
  readonly seed?: string | undefined
}

const DEFAULT_KEYS = 100_000
const DEFAULT_RATE = 100

/**
 * @param fileName for messages
 * @throws InputError for the first mistake, as `file:line:column: …`, with the count of the others
 */
export function parseRecipe(text: string, fileName: string): Recipe {
  const raw = parseSettings<Raw>(text, fileName, {
    what: 'recipe',
    first: 'story',
    empty: 'it needs at least a story',
    schema: recipeSchema,
    contradictions,
  })
  return toRecipe(raw, fileName)
}

/** What the schema cannot see: settings that need each other. */
function contradictions(data: Raw): Problem[] {
  const problems: Problem[] = []
  if (data.service.missLatency === 'recorded' && data.values.cost === undefined) {
    problems.push({
      path: ['service', 'missLatency'],
      message:
        "'missLatency' is 'recorded', but the values have no cost: give 'cost' in 'values', or a duration here",
    })
  }
  const check = (keys: RawKeys, path: Path) => {
    for (const [index, component] of (keys.components ?? []).entries()) {
      const at = [...path, 'components', index]
      const catalogue = keys.count ?? DEFAULT_KEYS
      if (component.catalogue !== 'own' && (component.count ?? 0) > catalogue) {
        problems.push({
          path: [...at, 'count'],
          message: `'count' is ${component.count}, but the catalogue it shares has ${catalogue} keys: write that many or less, or 'catalogue: own'`,
        })
      }
      check({ ...component, count: component.count ?? catalogue }, at)
    }
  }
  check(data.keys, ['keys'])
  return problems
}

type Values = Record<string, number | boolean | string>
interface RawKeys {
  readonly generator?: string
  readonly count?: number
  readonly weight?: number
  readonly catalogue?: Catalogue
  readonly components?: readonly RawKeys[]
}
/** What the schema gives. */
interface Raw extends Pick<Recipe, 'story' | 'requests' | 'values' | 'service' | 'cache' | 'seed'> {
  readonly keys: RawKeys
  readonly arrivals: { readonly process?: string; readonly rate?: number }
}

function toRecipe(raw: Raw, fileName: string): Recipe {
  const { process = 'poisson', rate = DEFAULT_RATE, ...parameters } = raw.arrivals
  const { story, requests, values, service, cache, seed } = raw
  return {
    name: fileName.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/i, ''),
    story: story.trim(),
    requests,
    keys: toPlan(raw.keys, DEFAULT_KEYS),
    arrivals: { process, rate, parameters: parameters as Values },
    values,
    service,
    cache,
    ...(seed !== undefined && { seed }),
  }
}

function toPlan(raw: RawKeys, defaultCount: number): KeyPlan {
  const {
    generator = 'zipf',
    count: keys = defaultCount,
    weight: _w,
    catalogue: _c,
    components,
    ...rest
  } = raw
  if (components === undefined) return { generator, keys, parameters: rest as Values }
  const parameters: ParameterValues<typeof mixture.parameters> = resolveParameters(
    mixture.parameters,
    rest as Values,
    mixture.name,
  )
  return {
    generator: mixture.name,
    keys,
    parameters,
    components: components.map((component) => ({
      weight: component.weight ?? 1,
      catalogue: component.catalogue ?? 'shared',
      keys: toPlan(component, keys),
    })),
  }
}

/** A recipe of nothing but a generator: everything else is as usual. */
export function bareRecipe(name: string, story: string, generator: string, parameters: Values): Recipe {
  const raw = recipeSchema.parse({ story, keys: { generator, ...parameters } })
  return { ...toRecipe(raw as unknown as Raw, name), name }
}
