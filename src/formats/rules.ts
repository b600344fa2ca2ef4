import { OP_NAMES } from './ops.ts'

/** What values of a trace may be, and the words in which a bad row says so. */

const MAX_SIZE = 0xffff_ffff

export const SIZE_RULE = `a whole number of bytes from 0 to ${MAX_SIZE}`
export const COST_RULE = 'a number of 0 or more'
export const OP_RULE = `a word for ${OP_NAMES.join(', ')}`

export const TTL_RULE = "a number of 0 or more, or 'inf'"

export function isSize(size: number): boolean {
  return size >= 0 && size <= MAX_SIZE && Number.isInteger(size)
}

/** @param cost in milliseconds; kept as a 32-bit float */
export function isCost(cost: number): boolean {
  return cost >= 0 && Math.fround(cost) < Infinity
}

/** @param ttl in seconds; 0 stands for none, as caches have it, Infinity for a life without end */
export function isTtl(ttl: number): boolean {
  return ttl >= 0
}

/** Stands for a life without end, where a text says so. */
export const FOR_EVER = 'inf'
