import { hash } from 'node:crypto'

/**
 * The 128-bit hash that stands for a key, as 32 hexadecimal digits: the first half of SHA-256, so that equal keys are
 * equal in every file and on every machine, and different ones differ but for one chance in 2^64 among a billion keys.
 */
export function keyDigest(bytes: Uint8Array, start = 0, end = bytes.length): Buffer {
  return Buffer.from(hash('sha256', bytes.subarray(start, end), 'hex').slice(0, 32), 'latin1')
}
