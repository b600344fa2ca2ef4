import { createColumn, type KeyNames } from '../core/trace.ts'
import { stableOrder } from './sort.ts'

type Column = Uint32Array | Float64Array | Float32Array | Uint8Array

/** [requests] the columns of a trace that is being made. */
export interface CollectedColumns {
  keys: Uint32Array
  times: Float64Array | undefined
  sizes: Uint32Array | undefined
  /** 1 where the size is not said. */
  unsaid: Uint8Array | undefined
  costs: Float32Array | undefined
  ops: Uint8Array | undefined
  ttls: Float32Array | undefined
  groups: Uint32Array | undefined
}

/**
 * Puts requests in order of time, equal ones as they were, and numbers their keys by first appearance in that order. Each
 * column is replaced as soon as it is sorted, so that no more than one is there twice.
 * @param times the column of times
 * @returns [keyCount] the number that each key had
 */
export function putInOrder(columns: CollectedColumns, times: Float64Array, keyCount: number): Uint32Array {
  const { length } = times
  const order = stableOrder(times)
  columns.times = inOrder(times, order, createColumn(Float64Array, length))
  columns.keys = inOrder(columns.keys, order, createColumn(Uint32Array, length))
  columns.sizes &&= inOrder(columns.sizes, order, createColumn(Uint32Array, length))
  columns.unsaid &&= inOrder(columns.unsaid, order, createColumn(Uint8Array, length))
  columns.costs &&= inOrder(columns.costs, order, createColumn(Float32Array, length))
  columns.ops &&= inOrder(columns.ops, order, createColumn(Uint8Array, length))
  columns.ttls &&= inOrder(columns.ttls, order, createColumn(Float32Array, length))
  columns.groups &&= renumberRuns(inOrder(columns.groups, order, createColumn(Uint32Array, length)))
  return renumber(columns.keys, keyCount)
}

/** Names of keys that have been numbered anew. */
export function renamed({ nameOf, partsOf }: KeyNames, original: Uint32Array): KeyNames {
  const old = (key: number) => original[key] ?? original.length
  return {
    nameOf: (key) => nameOf(old(key)),
    ...(partsOf && { partsOf: (key: number) => partsOf(old(key)) }),
  }
}

function inOrder<T extends Column>(column: T, order: Uint32Array, sorted: T): T {
  for (let i = 0; i < order.length; i++) sorted[i] = column[order[i]!]!
  return sorted
}

/** Renumbers keys in place by first appearance; returns the old id of each new one. */
function renumber(keys: Uint32Array, keyCount: number): Uint32Array {
  const original = new Uint32Array(keyCount)
  const renumbered = new Uint32Array(keyCount) // new id + 1; 0: not met yet
  let count = 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (renumbered[key] === 0) {
      original[count++] = key
      renumbered[key] = count
    }
    keys[i] = renumbered[key]! - 1
  }
  return original
}

/** Numbers runs of equal values, in place: 0, 1, 2, … */
function renumberRuns(column: Uint32Array): Uint32Array {
  let run = 0
  let last = column[0]
  for (let i = 0; i < column.length; i++) {
    if (column[i] !== last) run++
    last = column[i]
    column[i] = run
  }
  return column
}
