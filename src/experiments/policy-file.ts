/*
 * Policies in files of the user's own: `./mine.js`, `../policies/mine.ts(k=3)`. The file is loaded as Node loads any
 * module, so its imports are found from where it lies; its default export is the policy.
 */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describeThrown, fileReason, InputError } from '../core/errors.ts'
import { describeValue } from '../core/options.ts'
import { completePolicy, type PolicyDefinition, type PolicyDraft, trustPolicy } from '../core/policy.ts'
import { type SentError, unpackError } from './sent-error.ts'
import { CAN_START, startThread } from './thread.ts'

/** What a module's name ends in. */
const ENDING = /^(.*?\.[cm]?[jt]s)(?=\s*(?:[(+]|$))/is

/**
 * The path at the beginning of `./mine.js(k=3)`; undefined where it begins with a name.
 * @throws InputError for a path to what is no module
 */
export function policyPath(text: string): string | undefined {
  const path = ENDING.exec(text.trim())?.[1]
  if (path !== undefined) return path
  const beginning = /^[^(+]*/.exec(text.trim())![0].trim()
  if (!/[\\/]/.test(beginning)) return undefined
  throw new InputError(
    `'${beginning}' is no policy file: its name must end in .js, .mjs, .cjs, .ts, .mts or .cts`,
  )
}

/**
 * @param path relative to `folder`, or absolute, or in the home folder (`~/`), which no shell expands within a list, or
 *   the URL of a file
 * @throws InputError for a URL that leads to no file of this machine
 */
export function absolutePath(path: string, folder = '.'): string {
  if (!/^file:/i.test(path)) return resolve(folder, path.replace(/^~(?=[\\/])/, homedir()))
  try {
    return fileURLToPath(path)
  } catch (error) {
    throw new InputError(`'${path}' is no policy file: ${describeThrown(error)}`, { cause: error })
  }
}

/** Where a policy file is. */
export interface PolicyPath {
  readonly absolute: string
  /** As the user wrote it, for messages. */
  readonly path: string
}

/** A file with a policy in it. */
export interface PolicyFile {
  /** SHA-256 of the file's bytes; what it imports may change unseen. */
  readonly digest: string
  readonly definition: PolicyDefinition
}

/** What is known of a definition without its code. */
type PolicyDescription = Omit<PolicyDefinition, 'create'>

/** What a thread says of a file. */
export type PolicyFileMessage =
  | { readonly kind: 'found'; readonly digest: string; readonly description: PolicyDescription }
  | { readonly kind: 'failed'; readonly error: SentError }

/**
 * The policy that a file exports, without what creates it: the file is loaded on a thread that ends at once, so that
 * whatever it does there, this process goes on to hear of interrupts and to end when it is done. Where there are no
 * threads it is loaded here, and complete.
 * @throws InputError where the file is missing, cannot be loaded, or exports no policy
 */
export async function describePolicyFile(where: PolicyPath): Promise<PolicyFile> {
  if (!CAN_START) return loadPolicyFile(where)
  const { digest, description } = await describeOnThread(where)
  const create = () => {
    throw new Error(`the policy file '${where.path}' is loaded on other threads only`)
  }
  return { digest, definition: trustPolicy({ ...description, create }) }
}

async function describeOnThread(where: PolicyPath): Promise<PolicyFileMessage & { kind: 'found' }> {
  const worker = startThread(new URL('./policy-file-worker.js', import.meta.url), where)
  try {
    const message = await new Promise<PolicyFileMessage>((resolve, reject) => {
      const fail = (why: string, cause?: unknown) =>
        reject(new InputError(`the policy file '${where.path}' cannot be loaded: ${why}`, { cause }))
      worker.on('message', resolve)
      worker.on('error', (error) => fail(describeThrown(error), error))
      worker.on('exit', () => fail('it waits for what never comes'))
    })
    if (message.kind === 'found') return message
    throw unpackError(message.error)
  } finally {
    await worker.terminate()
  }
}

/** Files that this thread has loaded, which it keeps as they were then, whatever becomes of them. */
const loaded = new Map<string, PolicyFile>()

/**
 * The policy that a file exports, in this thread.
 * @throws InputError where the file is missing, cannot be loaded, or exports no policy
 */
export async function loadPolicyFile(where: PolicyPath): Promise<PolicyFile> {
  const file = loaded.get(where.absolute) ?? (await openPolicyFile(where))
  loaded.set(where.absolute, file)
  return file
}

async function openPolicyFile({ absolute, path }: PolicyPath): Promise<PolicyFile> {
  const file = `the policy file '${path}'`
  const digest = digestOf(absolute, file)
  const { default: exported, ...named } = await load(absolute, path)
  const draft = readingOf(file, () => unwrap(exported))
  if (draft === undefined) {
    const names = Object.keys(named).filter((name) => name !== 'module.exports')
    const instead = names.length === 0 ? '' : `, only ${names.join(', ')}`
    throw new InputError(
      `${file} has no default export${instead}: end it with 'export default { name, summary, create }'`,
    )
  }
  if (typeof draft !== 'object' || draft === null || Array.isArray(draft)) {
    throw new InputError(
      `the default export of ${file} is ${describeValue(draft)}: it must be an object with name, summary and create, as definePolicy() gives it`,
    )
  }
  const definition = completePolicy(draft as PolicyDraft, file)
  if (definition.name.includes('+'))
    throw new InputError(`'name' of ${file} is '${definition.name}': it must be a name without +`)
  return { digest, definition }
}

/** @throws InputError where there is no such file */
function digestOf(absolute: string, file: string): string {
  try {
    if (!statSync(absolute).isFile()) throw new InputError(`${file} is a folder: name a file`)
    return createHash('sha256').update(readFileSync(absolute)).digest('hex')
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${file} cannot be read: ${fileReason(error, 'read')}`)
  }
}

/** What a stranger wrote may throw where it is only read. */
function readingOf<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${describeThrown(error)}`, { cause: error })
  }
}

async function load(absolute: string, path: string): Promise<Record<string, unknown>> {
  try {
    return await import(/* @vite-ignore */ pathToFileURL(absolute).href)
  } catch (error) {
    throw new InputError(`the policy file '${path}' ${describeLoadError(error, path)}`, { cause: error })
  }
}

function describeLoadError(error: unknown, path: string): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: string }
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /ts$/i.test(path)) {
    return 'is TypeScript, which this version of Node does not read: take Node 22.18 or later, or name what tsc makes of it'
  }
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
    const wanted = /Cannot find (?:package|module) '([^']+)'/.exec(message ?? '')?.[1]
    const advice =
      wanted === 'cachesim'
        ? ": run 'npm install cachesim' beside it, or export a plain object, without definePolicy()"
        : ''
    return `imports '${wanted}', which is not found${advice}`
  }
  if (/import statement outside a module|Unexpected token 'export'/.test(message ?? ''))
    return `is an ES module in a folder whose package.json says otherwise: end its name in .mjs, or set "type": "module" there`
  // With a code of Node's own it is told better by the message alone, such as TypeScript that cannot be stripped.
  if (
    (error as Error | null)?.name === 'SyntaxError' &&
    code === undefined &&
    !/does not provide an export/.test(message ?? '')
  )
    return `has a syntax error, or imports what has one: ${message} ('node ${path}' says where)`
  return `cannot be loaded: ${describeThrown(error)}`
}

/** The default export; what a compiler to CommonJS made of `export default` lies one level deeper. */
function unwrap(exported: unknown): unknown {
  const isCompiled = typeof exported === 'object' && exported !== null && '__esModule' in exported
  return isCompiled ? (exported as { default?: unknown }).default : exported
}
