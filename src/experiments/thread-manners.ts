import { writeSync } from 'node:fs'
import process from 'node:process'

/** What Node warns of where a package.json says nothing of modules: nothing that a policy would have to care about. */
const MODULE_TYPE = 'MODULE_TYPELESS_PACKAGE_JSON'

/** From here on Node says nothing of modules whose type it found out by itself. */
function keepQuietOfModuleTypes(): void {
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if ((warning as { code?: unknown }).code === MODULE_TYPE) return
    for (const listener of listeners) listener.call(process, warning)
  })
}

/**
 * For a thread on which policies of others run. It has nothing to say of their modules. What they print goes to standard
 * error, for standard output is for results, and at once: a thread that is ended, or never comes to rest, would keep it
 * to itself. One that calls `process.exit()` is told so, as of any other error.
 */
export function keepManners(): void {
  keepQuietOfModuleTypes()
  for (const stream of [process.stdout, process.stderr]) stream.write = print
  const { exit } = process
  // Node ends a thread by it that has come to grief.
  process.once('uncaughtExceptionMonitor', () => {
    process.exit = exit
  })
  process.exit = (code) => {
    throw new Error(`it called process.exit(${code ?? ''}), which would end all of cachesim`)
  }
}

const STANDARD_ERROR = 2

/** As `write` of a stream, but done when it returns. */
function print(chunk: Uint8Array | string, ...rest: unknown[]): boolean {
  const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8'
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(STANDARD_ERROR, bytes, from)
    } catch (error) {
      // A reader that is behind is waited for; one that is gone misses nothing.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
  const done = rest.at(-1)
  if (typeof done === 'function') queueMicrotask(() => done())
  return true
}
