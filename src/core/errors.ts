import { distance } from 'fastest-levenshtein'
import { describeValue } from './describe-value.ts'

/**
 * A mistake in what the user gave: a flag, a file, a row of data. The message is one sentence that names what was
 * given, where, and what is allowed. The command line prints it without a stack and exits with 2.
 */
export class InputError extends Error {
  override readonly name: string = 'InputError'
}

/** A policy that throws, or gives up what it cannot. A policy is input, like a trace: most are written by the user. */
export class PolicyFault extends InputError {}

/** What was thrown, in words: its message, or itself where it is no error. */
export function describeThrown(thrown: unknown): string {
  const { name, message } = (thrown ?? {}) as { name?: unknown; message?: unknown }
  if (typeof message !== 'string') return `it threw ${describeValue(thrown)}`
  const kind = typeof name === 'string' && name !== 'Error' && name !== 'InputError' ? `${name}: ` : ''
  return `${kind}${message || 'an error without a message'}`
}

/**
 * The error for a name that is not in a list: says the nearest one, and all of them.
 * @param shown what is said of all of them, where that is more than their names
 * @param otherNames see `nearestName`
 */
export function unknownName(
  kind: string,
  given: string,
  allowed: readonly string[],
  shown = allowed,
  otherNames: OtherNames = {},
): InputError {
  const nearest = nearestName(given, allowed, otherNames)
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  const list = allowed.length === 0 ? 'there are none' : `allowed: ${shown.join(', ')}`
  return new InputError(`unknown ${kind} '${given}'${hint} (${list})`)
}

/** What else a thing is called, and its name here. */
export type OtherNames = Readonly<Record<string, string>>

/**
 * The one of `names` that `given` was meant to be: at most one letter in three differs, or two have changed places; case,
 * hyphens and underscores do not count. Undefined where none is that near; a number is never a slip of a name.
 * @param otherNames names that stand for one of `names`; with these, letters may not differ
 */
export function nearestName(
  given: string,
  names: readonly string[],
  otherNames: OtherNames = {},
): string | undefined {
  if (/^[\d.,+-]*$/.test(given)) return undefined
  const typed = bare(given)
  let nearest: string | undefined
  let fewest = Infinity
  for (const name of names) {
    const meant = bare(name)
    const slips = countSlips(typed, meant)
    if (slips < fewest && slips <= Math.floor(Math.max(typed.length, meant.length) / 3)) {
      nearest = name
      fewest = slips
    }
  }
  if (fewest === 0) return nearest
  const other = Object.keys(otherNames).find((name) => bare(name) === typed)
  return other === undefined ? nearest : otherNames[other]
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '')
}

/** Letters added, left out or mistaken; two letters that have changed places are one slip. */
function countSlips(typed: string, name: string): number {
  const slips = distance(typed, name)
  return slips === 2 && sorted(typed) === sorted(name) ? 1 : slips
}

function sorted(text: string): string {
  return [...text].sort().join('')
}

const READING: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  ERR_INVALID_ARG_VALUE: 'that is not a path',
}
const WRITING: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EISDIR: 'it is a folder',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
}
const EITHER: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
}

/** Why a file could not be read or written, in words, from the error that the system gave. */
export function fileReason(error: unknown, doing: 'read' | 'write'): string {
  const code = String((error as { code?: unknown } | null)?.code)
  const known = (doing === 'read' ? READING : WRITING)[code] ?? EITHER[code]
  return known ?? (error instanceof Error ? error.message : String(error))
}
