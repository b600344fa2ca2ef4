import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { pipeline } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileReason, InputError } from '../core/errors.ts'
import { cutShort } from './unpack-errors.ts'

/** Programs that unpack from standard input to standard output, and the package of Debian and Ubuntu they are in. */
const PACKAGES = { xz: 'xz-utils', bzip2: 'bzip2' }
export type UnpackTool = keyof typeof PACKAGES

/** Flags that the environment would add, such as `--single-stream`, which reads less than there is. */
const FLAG_VARIABLES = ['XZ_DEFAULTS', 'XZ_OPT', 'BZIP', 'BZIP2']

/**
 * Undoes a packing with the system's own program for it, which reads several streams one after the other as one text. Its
 * pipes are ours alone: however this program ends, that one ends with it.
 */
export function unpackWith(tool: UnpackTool) {
  return async function* (file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const child = spawn(tool, ['-dc'], { env: environment(), windowsHide: true })
    const ended = endOf(child)
    const complaint = text(child.stderr).catch(() => '')
    let failure: unknown
    async function* fed(): AsyncGenerator<Uint8Array> {
      try {
        yield* chunks
      } catch (error) {
        failure = error
        throw error
      }
    }
    // A program that ends early says why; that it closes its input says nothing more.
    pipeline(fed, child.stdin, () => {})
    try {
      yield* child.stdout as AsyncIterable<Uint8Array>
      const { status, error } = await ended
      if (error) throw notStarted(file, tool, error)
      if (failure) throw failure
      const said = await complaint
      // bzip2 only warns of what follows its data, and leaves it out.
      if (status !== 0 || said !== '') throw refused(file, tool, said, status)
    } finally {
      child.kill('SIGKILL')
      for (const stream of child.stdio) stream?.destroy()
      await ended
    }
  }
}

interface End {
  /** The exit code, or the name of the signal that ended it. */
  readonly status?: number | string
  /** Why there was no program to end. */
  readonly error?: unknown
}

async function endOf(child: ChildProcess): Promise<End> {
  try {
    const [code, signal] = await once(child, 'exit')
    return { status: code ?? signal }
  } catch (error) {
    return { error }
  }
}

/** Ours, with messages in English and no flags of the user. */
function environment(): NodeJS.ProcessEnv {
  const { env } = process
  const flags = Object.fromEntries(FLAG_VARIABLES.map((name) => [name, undefined]))
  return { ...env, LC_ALL: 'C', ...flags }
}

function notStarted(file: string, tool: UnpackTool, error: unknown): InputError {
  const { code } = error as NodeJS.ErrnoException
  const why = code === 'ENOENT' ? 'is not installed' : `cannot be started: ${fileReason(error, 'read')}`
  return new InputError(
    `'${file}' is packed with ${tool}, and the program ${tool}, which would unpack it, ${why}; install ${tool} (Debian, Ubuntu: ${PACKAGES[tool]}) or unpack the file elsewhere`,
  )
}

function refused(
  file: string,
  tool: UnpackTool,
  said: string,
  status: number | string | undefined,
): InputError {
  if (/unexpected end|ends unexpectedly/i.test(said)) return cutShort(file, tool)
  const reason = said
    .split('\n')
    .map((line) =>
      line
        .replace(/^\w+: /, '')
        .replace(/^\(stdin\): /, '')
        .trim(),
    )
    .find((line) => line !== '')
  return new InputError(
    `'${file}' cannot be unpacked: ${tool} ends with ${status}${reason === undefined ? '' : ` and says: ${reason}`}`,
  )
}
