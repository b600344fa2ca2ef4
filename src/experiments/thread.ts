import { stderr } from 'node:process'
import { Worker } from 'node:worker_threads'
import { InputError } from '../core/errors.ts'

/*
 * Threads of our own, on which policies of others may run: how they are started, and how an error comes back from them.
 * `thread-manners.ts` is the other side.
 */

/** Threads are started from JavaScript: from the sources of this package there are none. */
export const CAN_START = import.meta.url.endsWith('.js')

/** Starts a module as a thread, which prints nothing to standard output: that is for results. */
export function startThread(file: URL, workerData: unknown): Worker {
  const worker = new Worker(file, { workerData, stdout: true })
  worker.stdout.on('data', (chunk) => stderr.write(chunk))
  // Whoever waits for an answer hears of an error; in between nobody does.
  worker.on('error', () => {})
  return worker
}

/** An error as plain data, with what caused it. */
export interface SentError {
  readonly message: string
  readonly stack: string | undefined
  /** The user's mistake, not ours. */
  readonly isInput: boolean
  readonly cause: SentError | undefined
}

export function packError(thrown: unknown): SentError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const { message, stack, cause } = error
  return {
    message,
    stack,
    isInput: error instanceof InputError,
    cause: cause === undefined ? undefined : packError(cause),
  }
}

/** The error as it was thrown on the thread. */
export function unpackError({ message, stack, isInput, cause }: SentError): Error {
  const options = cause && { cause: unpackError(cause) }
  const error = isInput ? new InputError(message, options) : new Error(message, options)
  if (stack !== undefined) error.stack = stack
  return error
}
