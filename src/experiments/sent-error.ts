import { InputError } from '../core/errors.ts'

/*
 * How an error comes back from a thread.
 */

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
