/*
 * Where the program meets the world: standard output and error, whole files or none, interrupts.
 */
import {
  accessSync,
  chmodSync,
  constants,
  createWriteStream,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { buffer as readAll } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGzip, gunzipSync } from 'node:zlib'
import pc from 'picocolors'
import { splitPackedEnding } from '../core/compression.ts'
import { fileReason, InputError } from '../core/errors.ts'

const { env, stderr, stdout } = process

/** Set by `--no-color`. */
let colorsAllowed = true

export function forbidColors(): void {
  colorsAllowed = false
}

export function stdoutColors(): boolean {
  return colorsAllowed && wantsColors(stdout.isTTY)
}

export function stderrColors(): boolean {
  return colorsAllowed && wantsColors(stderr.isTTY)
}

/** The usual conventions: NO_COLOR forbids, FORCE_COLOR demands, else a terminal decides. */
function wantsColors(isTerminal: boolean | undefined): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return isTerminal === true && env.TERM !== 'dumb'
}

/** Columns to write in: the terminal's, else COLUMNS, else 100. */
export function stdoutWidth(): number {
  const columns = stdout.isTTY ? stdout.columns : Number(env.COLUMNS)
  return columns > 0 ? Math.min(columns, 160) : 100
}

/** Says in one line what went wrong; `details`, such as a stack, stand below it. */
export function printError(message: string, details = ''): void {
  // A name that a user gave may hold anything, also what a terminal would obey.
  const line = message.replaceAll(/\s*\p{Cc}\s*/gu, ' ')
  stderr.write(`${pc.createColors(stderrColors()).red('cachesim:')} ${line}\n${details}`)
}

/** What a command that goes on for long has to say of itself. */
export function printNotice(message: string): void {
  stderr.write(`${message.replaceAll(/\s*\p{Cc}\s*/gu, ' ')}\n`)
}

export function printWarning(message: string): void {
  stderr.write(`${pc.createColors(stderrColors()).yellow('warning:')} ${message}\n`)
}

/** Files begun and not finished: they are removed, however the program ends. */
const unfinished = new Set<string>()

/** Exit codes by the signal that asks the program to end: 128 and its number, as shells have it. */
export const INTERRUPTS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** Ctrl-C ends with 130 and leaves no file half-written; a closed pipe ends the output quietly. */
export function handleInterrupts(): void {
  for (const [signal, code] of Object.entries(INTERRUPTS)) process.once(signal, () => process.exit(code))
  process.on('exit', () => {
    for (const path of unfinished) rmSync(path, { force: true })
  })
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    printError(`standard output could not be written: ${fileReason(error, 'write')}`)
    process.exit(1)
  })
}

/** Ends the program once all that was printed is on its way, whatever a policy file has left running. */
export async function end(): Promise<never> {
  for (const stream of [stdout, stderr]) await new Promise<unknown>((resolve) => stream.write('', resolve))
  process.exit()
}

/** Whether two paths lead to one file that is there, by whatever name. */
export function isSameFile(a: string, b: string): boolean {
  try {
    const [one, other] = [statSync(a), statSync(b)]
    return one.isFile() && one.dev === other.dev && one.ino === other.ino
  } catch {
    // One of them is not there, or cannot be: whoever opens it says why.
    return false
  }
}

/**
 * An output that appears whole or not at all: written beside its place under another name, then renamed. Standard
 * output (`-`) and what is no regular file (`/dev/null`, a pipe) are written to directly.
 */
export class Output {
  readonly isStdout: boolean
  /** No regular file: it has no content that could be replaced. */
  readonly isDevice: boolean
  /** Where it goes, links followed: two outputs with the same target would overwrite each other. */
  readonly target: string
  readonly #temporary: string | undefined
  /** A bare number: Node warns of a FileHandle that is open when the program ends early. */
  readonly #descriptor: number | undefined
  readonly #gzip: boolean

  private constructor(target: string, temporary?: string, descriptor?: number, gzip = false) {
    this.isStdout = descriptor === undefined
    this.isDevice = descriptor !== undefined && temporary === undefined
    this.target = target
    this.#temporary = temporary
    this.#descriptor = descriptor
    this.#gzip = gzip
  }

  /**
   * Opens an output before the work begins, so that a place that cannot be written to costs no time.
   * @param flag for the message
   * @throws InputError where the file cannot be written
   */
  static open(path: string, flag: string): Output {
    if (path === '-') return new Output(path)
    if (path === '') throw new InputError(`${flag} names no file: give one, or - for standard output`)
    const { compression } = splitPackedEnding(path)
    if (compression !== 'none' && compression !== 'gzip') {
      throw new InputError(
        `${flag} '${path}' would be packed with ${compression}, which is only read: end it with .gz, or with no packing`,
      )
    }
    const gzip = compression === 'gzip'
    try {
      const existing = statSync(path, { throwIfNoEntry: false })
      if (existing?.isDirectory() || path.endsWith('/'))
        throw new InputError(`${flag} '${path}' is a folder: name a file`)
      if (existing && !existing.isFile()) return new Output(path, undefined, openSync(path, 'w'), gzip)
      // A link stays a link: what it points to is replaced. A file that may not be written is not replaced either.
      const target = destinationOf(path)
      if (existing) accessSync(target, constants.W_OK)
      const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
      const descriptor = openSync(temporary, 'w')
      unfinished.add(temporary)
      if (existing) chmodSync(temporary, existing.mode)
      return new Output(target, temporary, descriptor, gzip)
    } catch (error) {
      if (error instanceof InputError) throw error
      throw new InputError(`${flag} '${path}' cannot be written: ${fileReason(error, 'write')}`)
    }
  }

  /** Writes all of it and puts it in its place. */
  async write(chunks: Iterable<string | Uint8Array>): Promise<void> {
    if (this.#descriptor === undefined) {
      for (const chunk of chunks) {
        if (!stdout.write(chunk)) await new Promise((resolve) => stdout.once('drain', resolve))
      }
      return
    }
    const file = createWriteStream(this.target, { fd: this.#descriptor })
    try {
      if (this.#gzip) await pipeline(chunks, createGzip(), file)
      else await pipeline(chunks, file)
      if (this.#temporary === undefined) return
      renameSync(this.#temporary, this.target)
      unfinished.delete(this.#temporary)
    } catch (error) {
      throw new Error(`'${this.target}' could not be written: ${fileReason(error, 'write')}`, {
        cause: error,
      })
    }
  }
}

/** The path with links followed, whether there is a file at its end or not yet. */
function destinationOf(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    return destinationOf(resolve(dirname(path), readlinkSync(path)))
  return join(realpathSync(dirname(path)), basename(path))
}

/**
 * The text of a file, or of standard input (`-`), gunzipped where it is compressed.
 * @throws InputError where it cannot be read
 */
export async function readWhole(file: string): Promise<string> {
  try {
    const bytes = file === '-' ? await readAll(process.stdin) : await readFile(file)
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    throw new InputError(`'${file}' cannot be read: ${fileReason(error, 'read')}`)
  }
}
