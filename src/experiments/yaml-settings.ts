/*
 * Files of settings in YAML: what stands in them, and a mistake as a sentence with its line and column.
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
import { isRestOfText } from './recipe-fields.ts'

export type Path = readonly PropertyKey[]
/** A mistake, and the setting that it is in. */
export interface Problem {
  readonly path: Path
  readonly message: string
  /** Point at the key rather than its value. */
  readonly atKey?: boolean
  /** The rest of a text that YAML has cut: what stands before it is said to be wrong too. */
  readonly isCut?: boolean
  /** What comes of another mistake in the same group. */
  readonly isFollowUp?: boolean
  /** A setting that does nothing, which one that varies may have made it: that is no mistake. */
  readonly isIdle?: boolean
}

/** A file of settings, and what is to be said of it. */
export interface SettingsFile<T> {
  /** What it is called: `recipe`. */
  readonly what: string
  /** The setting that usually comes first. */
  readonly first: string
  /** Why it cannot be empty. */
  readonly empty: string
  readonly schema: z.ZodType
  /** What the schema cannot see: settings that need each other; `plain` is what is written, before defaults. */
  contradictions(settings: T, plain: unknown): Problem[]
}

/** Settings as they are written, and where each stands. */
export interface SettingsText {
  /** As YAML has them, before they are checked. */
  readonly plain: unknown
  /** @throws InputError at the place of the first problem, with the count of the others */
  refuse(problems: readonly Problem[]): void
}

/**
 * Reads and checks a file of settings.
 * @param fileName for messages
 * @throws InputError for the first mistake, as `file:line:column: …`, with the count of the others
 */
export function parseSettings<T>(text: string, fileName: string, file: SettingsFile<T>): T {
  const { plain, refuse } = readSettings(text, fileName, file)
  const { settings, problems } = checkSettings(plain, file)
  refuse(problems)
  return settings!
}

/** Settings that have been read, checked. There are problems, or there are settings. */
export function checkSettings<T>(
  plain: unknown,
  file: SettingsFile<T>,
): { readonly settings?: T; readonly problems: readonly Problem[] } {
  const result = file.schema.safeParse(plain) as z.ZodSafeParseResult<T>
  if (!result.success) return { problems: typosFirst(plain, result.error.issues.flatMap(toProblems)) }
  return { settings: result.data, problems: file.contradictions(result.data, plain) }
}

/**
 * Reads a file of settings as YAML.
 * @throws InputError for what is not YAML, or no group of settings
 */
export function readSettings(
  text: string,
  fileName: string,
  { what, first, empty }: Pick<SettingsFile<unknown>, 'what' | 'first' | 'empty'>,
): SettingsText {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const fail = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(Math.min(offset, text.length))
    throw new InputError(`${fileName}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`)
  }
  // A tag that nobody knows would be passed over.
  const [error] = [...document.errors, ...document.warnings]
  if (error) fail(error.pos[0], describeYamlError(what, error.code, error.message, text.slice(error.pos[0])))
  if (document.contents === null) fail(0, `the ${what} is empty: ${empty}`)
  if (!isMap(document.contents)) {
    const kind = isSeq(document.contents) ? 'a list' : 'a plain text'
    fail(
      offsetOf(document.contents),
      `the ${what} is ${kind}: it must be settings, the first of them '${first}: …'`,
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
    fail(
      aliasAtFault(document),
      `aliases are used too often, or before they are named (${cause.message.replace(/^Error: /, '')})`,
    )
  }
  const refuse = (problems: readonly Problem[]) => {
    const placed = problems
      .map((problem) => ({ ...problem, offset: locate(document, problem) }))
      // The half of a text that was cut in two is wrong only because of the cut.
      .sort(
        (a, b) =>
          Number(b.isCut ?? false) - Number(a.isCut ?? false) ||
          Number(a.isFollowUp ?? false) - Number(b.isFollowUp ?? false) ||
          a.offset - b.offset,
      )
    const [first] = placed
    if (first === undefined) return
    const others = placed.length - 1
    const more = others === 0 ? '' : ` (and ${others} more ${others === 1 ? 'mistake' : 'mistakes'})`
    fail(first.offset, first.message + more)
  }
  return { plain, refuse }
}

/** Where the first alias stands that is not named before it; where all are, the last, which is one too many. */
function aliasAtFault(document: Document): number {
  let at = 0
  let isFound = false
  visit(document, {
    Alias(_, alias) {
      if (isFound) return
      at = offsetOf(alias)
      isFound = alias.resolve(document) === undefined
    },
  })
  return at
}

function describeYamlError(what: string, code: string, message: string, source: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return `'${source.split(/[:\n]/)[0]!.trim()}' stands twice: each setting can be given once`
    case 'TAB_AS_INDENT':
      return 'a tab indents this line: YAML allows spaces only'
    case 'TAG_RESOLVE_FAILED':
      return `the tag '${source.split(/\s/)[0]}' is none that a ${what} knows: leave it out`
    case 'MULTIPLE_DOCS':
      return `a second document starts here ('---'): a file holds one ${what}`
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

/** A name that is mistyped is missing under its right name too: what is said of the typo says more. */
function typosFirst(plain: unknown, problems: readonly Problem[]): Problem[] {
  const groupOf = ({ path }: Problem) => path.slice(0, -1).join('\0')
  const groups = new Set(problems.filter(({ atKey }) => atKey).map(groupOf))
  return problems
    .map((problem) => {
      const isMissing = !problem.atKey && valueAt(plain, problem.path) === undefined
      return isMissing && groups.has(groupOf(problem)) ? { ...problem, isFollowUp: true } : problem
    })
    .sort((a, b) => Number(a.isFollowUp ?? false) - Number(b.isFollowUp ?? false))
}

/** What stands at a path; undefined where nothing does. */
export function valueAt(plain: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, step) => (node as Record<PropertyKey, unknown> | null)?.[step], plain)
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
