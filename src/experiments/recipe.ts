/*
 * A recipe: a synthetic workload with the story it tells, as YAML. Everything has a default except the story. The
 * schema is in recipe-schema.ts; here a text becomes a recipe, and a mistake a sentence with its line and column.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import type { z } from 'zod'
import { InputError } from '../core/errors.ts'
import { type ParameterValues, resolveParameters } from '../core/parameters.ts'
import { type Catalogue, mixture } from '../generators/mixture.ts'
import type { KeyPlan } from '../generators/plan.ts'
import { isRestOfText } from './recipe-fields.ts'
import { recipeSchema } from './recipe-schema.ts'

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

type Path = readonly PropertyKey[]
interface Problem {
  readonly path: Path
  readonly message: string
  /** Point at the key rather than its value. */
  readonly atKey?: boolean
  /** The rest of a text that YAML has cut: what stands before it is said to be wrong too. */
  readonly isCut?: boolean
}

/**
 * @param fileName for messages
 * @throws InputError for the first mistake, as `file:line:column: …`, with the count of the others
 */
export function parseRecipe(text: string, fileName: string): Recipe {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const fail = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    throw new InputError(`${fileName}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`)
  }
  const [error] = document.errors
  if (error) fail(error.pos[0], describeYamlError(error.code, error.message, text.slice(error.pos[0])))
  if (document.contents === null) fail(0, 'the recipe is empty: it needs at least a story')
  if (!isMap(document.contents)) {
    const kind = isSeq(document.contents) ? 'a list' : 'a plain text'
    fail(
      offsetOf(document.contents),
      `the recipe is ${kind}: it must be settings, the first of them 'story: …'`,
    )
  }
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) && !isAlias(key))
        fail(offsetOf(key), 'this key is a group or a list: it must be the name of a setting')
    },
  })
  let plain: unknown
  try {
    plain = document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause
    fail(0, `aliases are used too often, or before they are named (${cause.message.replace(/^Error: /, '')})`)
  }
  const result = recipeSchema.safeParse(plain) as unknown as z.ZodSafeParseResult<Raw>
  const problems = result.success ? contradictions(result.data) : result.error.issues.flatMap(toProblems)
  const placed = problems
    .map((problem) => ({ ...problem, offset: locate(document, problem) }))
    // The half of a text that was cut in two is wrong only because of the cut.
    .sort((a, b) => Number(b.isCut ?? false) - Number(a.isCut ?? false) || a.offset - b.offset)
  const [first] = placed
  if (first) {
    const others = placed.length - 1
    const more = others === 0 ? '' : ` (and ${others} more ${others === 1 ? 'mistake' : 'mistakes'})`
    fail(first.offset, first.message + more)
  }
  return toRecipe(result.data!, fileName)
}

function describeYamlError(code: string, message: string, source: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return `'${source.split(/[:\n]/)[0]!.trim()}' stands twice: each setting can be given once`
    case 'TAB_AS_INDENT':
      return 'a tab indents this line: YAML allows spaces only'
    case 'MULTIPLE_DOCS':
      return "a second document starts here ('---'): a file holds one recipe"
    default:
      return `this is not YAML: ${message.split('\n')[0]}`
  }
}

function toProblems(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }]
  // The schema's message speaks of the first; the others count.
  const path = [...issue.path, issue.keys[0]!]
  const isCut = isRestOfText(issue.keys[0]!)
  return issue.keys.map(() => ({ path, message: issue.message, atKey: true, isCut }))
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

/** Where in the text a problem stands: its key, its value, or the nearest group around it. */
function locate(document: Document, { path, atKey = false }: Problem): number {
  let node: unknown = document.contents
  let offset = 0
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = (node as YAMLMap).items.find(
        ({ key }) => String((key as { value?: unknown })?.value ?? key) === String(step),
      )
      if (!pair) break
      offset = offsetOf(pair.key)
      node = pair.value
      if (atKey && depth === path.length - 1) return offset
    } else if (isSeq(node)) {
      node = node.items[Number(step)]
    } else break
    // An empty value has no text of its own: its key stands for it.
    if ((node as Node | null)?.range && !isEmptyScalar(node)) offset = offsetOf(node)
  }
  return offset
}

function isEmptyScalar(node: unknown): boolean {
  const range = (node as Node | null)?.range
  return range?.[0] === range?.[1]
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0
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
