/*
 * The fields recipes are made of, as zod schemas whose messages are sentences: what was given, what is allowed, the
 * nearest name. Values are understood by the parsers of the command line, parameters by their declarations.
 */
import { z } from 'zod'
import { InputError, nearestName, type OtherNames, unknownName } from '../core/errors.ts'
import { describeRange, type Parameter, type Parameters, resolveParameters } from '../core/parameters.ts'

export type Shape = Record<string, z.ZodType>

/** What stands in the recipe, for messages. */
function show(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a group of settings'
  return `'${value}'`
}

/** Messages of a field: `'alpha' is '-1': it must be …`. */
export function mustBe(name: string, expected: string) {
  return (issue: { readonly input?: unknown }) => `'${name}' is ${show(issue.input)}: it must be ${expected}`
}

/** The same for a choice of words, with the nearest. */
export function mustBeOneOf(
  name: string,
  words: readonly string[],
  expected = words.join(', '),
  otherNames: OtherNames = {},
) {
  return (issue: { readonly input?: unknown }) => {
    const { input } = issue
    const nearest = typeof input === 'string' ? nearestName(input, words, otherNames) : undefined
    return `${mustBe(name, expected)(issue)}${nearest === undefined ? '' : `; did you mean '${nearest}'?`}`
  }
}

/**
 * A group of settings that names the nearest where one is unknown.
 * @param refuse what is said of what is no group
 */
export function group(
  name: string,
  shape: Shape,
  example: string,
  refuse = mustBe(name, `a group of settings, such as ${example}`),
) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? unknownKey(issue.keys[0] ?? '', name, Object.keys(shape))
        : refuse(issue),
  })
}

function unknownKey(key: string, group: string, allowed: readonly string[]): string {
  if (isRestOfText(key))
    return `'${key}' in ${group} is cut off from what stands before it: inside braces a comma ends a text, so put it in quotes, such as "lognormal:p50=120ms,p99=900ms"`
  return unknownName(`setting in ${group}`, key, allowed).message
}

/** YAML ends a plain text inside braces at a comma: the rest, such as `p99=900ms`, then looks like another key. */
export function isRestOfText(key: string): boolean {
  return /^p\d+(\.\d+)?\s*=/.test(key)
}

/** One group of settings for each part of a registry, told apart by the key `by`; without it the part is `usual`. */
export function oneOf(
  name: string,
  kind: string,
  by: string,
  usual: string,
  options: readonly { name: string; summary: string; shape: Shape }[],
) {
  const example = `{ ${by}: ${usual} }`
  const groups = options.map((option) => {
    const literal = z.literal(option.name).describe(option.summary)
    const shape = { [by]: option.name === usual ? literal.optional() : literal, ...option.shape }
    return group(`${kind} '${option.name}'`, shape, example).describe(option.summary)
  })
  const names = options.map((option) => option.name)
  return z.discriminatedUnion(by, groups as unknown as readonly [z.ZodObject, ...z.ZodObject[]], {
    error(issue) {
      const { input } = issue
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        return mustBe(name, `a group of settings, such as ${example}`)(issue)
      }
      const given = (input as Record<string, unknown>)[by]
      return typeof given === 'string'
        ? unknownName(kind, given, names).message
        : mustBe(by, `one of ${names.join(', ')}`)({ input: given })
    },
  })
}

type Json = Record<string, unknown>

/** The JSON Schema of what `toJSONSchema` cannot see: what is read before it is checked, or by a function. */
const INPUT_FORMS = new WeakMap<z.core.$ZodType, (own: Json) => Json>()

/**
 * A group, or a short form of it.
 * @param short of the form, as JSON Schema
 * @param expand the group that is meant, or what it was given
 */
export function orShort<T extends z.ZodType>(short: Json, expand: (value: unknown) => unknown, schema: T) {
  const either = z.preprocess(expand, schema)
  INPUT_FORMS.set(either, (own) => ({ anyOf: [short, own] }))
  return either
}

/** A group that is checked by `group` later on, for editors. */
export function groupOf(group: z.ZodType) {
  const loose = z.looseObject({})
  INPUT_FORMS.set(loose, () => {
    const { $schema: _, ...form } = inputJsonSchema(group)
    return form
  })
  return loose
}

/** The JSON Schema of what may stand in a file, short forms too. */
export function inputJsonSchema(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // What is described is a copy.
      const known = INPUT_FORMS.get(zodSchema) ?? INPUT_FORMS.get(zodSchema._zod.parent ?? zodSchema)
      const form = known?.({ ...jsonSchema })
      if (form === undefined) return
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema]
      Object.assign(jsonSchema, form)
    },
  })
}

/** A text or number that a parser of the command line understands. */
export function parsed<T>(name: string, expected: string, parse: (text: string) => T) {
  return z
    .union([z.number(), z.string()], { error: mustBe(name, expected) })
    .transform((value, context): T => attempt(context, () => parse(String(value))))
}

/** The same, kept as the text it is: the run reads it as it reads flags. */
export function checked(name: string, expected: string, parse: (text: string) => unknown) {
  return parsed(name, expected, (text) => {
    parse(text)
    return text.trim()
  }).meta({ description: expected })
}

function attempt<T>(context: z.RefinementCtx, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    context.addIssue({ code: 'custom', message: error.message })
    return z.NEVER
  }
}

function parameterSchema(name: string, parameter: Parameter, owner: string): z.ZodType {
  const { description, default: usual } = parameter
  const error = mustBe(name, describeRange(parameter))
  const meta = { description, default: usual }
  if (parameter.type === 'boolean') return z.boolean({ error }).optional().meta(meta)
  if (parameter.type === 'choice')
    return z
      .enum(parameter.choices as [string, ...string[]], { error })
      .optional()
      .meta(meta)
  if (parameter.type === 'bytes' || parameter.type === 'duration') {
    const parse = (text: string) => resolveParameters({ [name]: parameter }, { [name]: text }, owner)[name]
    return parsed(name, describeRange(parameter), parse).optional().meta(meta)
  }
  const range = {
    ...(parameter.type === 'integer' && { multipleOf: 1 }),
    ...(parameter.minimum !== undefined && { minimum: parameter.minimum }),
    ...(parameter.maximum !== undefined && { maximum: parameter.maximum }),
  }
  return z
    .union([z.number().meta(range), z.string().meta({ pattern: String.raw`^[\d_]+(\.\d+)?$` })], { error })
    .transform((value, context) =>
      attempt(context, () => {
        const plain = typeof value === 'string' ? value.replaceAll('_', '') : value
        return resolveParameters({ [name]: parameter }, { [name]: plain }, owner)[name]
      }),
    )
    .optional()
    .meta(meta)
}

export function parameterShape(parameters: Parameters, owner: string): Shape {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [name, parameterSchema(name, parameter, owner)]),
  )
}
