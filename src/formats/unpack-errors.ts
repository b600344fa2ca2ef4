import { InputError } from '../core/errors.ts'
import type { Compression } from '../core/trace.ts'

/** What can be wrong with packed data, whatever they are packed with. */

export function cutShort(file: string, compression: Compression): InputError {
  return new InputError(`'${file}' is cut short: the ${compression} data ends in the middle`)
}

export function damaged(file: string, compression: Compression, why: string): InputError {
  return new InputError(`'${file}' is damaged: the ${compression} data cannot be unpacked (${why})`)
}
