import { InputError } from '../core/errors.ts'
import { partitionPoint } from '../core/partition-point.ts'
import { Op, type Trace } from '../core/trace.ts'
import { plural } from '../core/units.ts'
import type { SavedWindows, WindowPlan } from '../core/window-result.ts'

/*
 * Windows: equal parts of a trace without its warm-up, of its time where it has times, else of its requests. A cell is
 * run once over the whole trace, so that the cache stays warm; hits are counted in each window.
 */

const MOST_WINDOWS = 1000

/** @throws InputError for what is no number of windows */
export function parseWindows(given: number | string | undefined): number | undefined {
  if (given === undefined) return undefined
  const windows = String(given).trim() === '' ? Number.NaN : Number(given)
  if (!Number.isInteger(windows) || windows < 2 || windows > MOST_WINDOWS)
    throw new InputError(`--windows '${given}' must be a whole number from 2 to 1,000`)
  return windows
}

/** What it takes to count hits in windows: plain data. */
export interface WindowCounter {
  /** [windows + 1] window i holds the requests from bounds[i] to bounds[i + 1] − 1. */
  readonly bounds: readonly number[]
  /** [windows] reads in each. */
  readonly requests: readonly number[]
}

export function windowCounter(trace: Trace, warmupRequests: number, windows: number): WindowCounter {
  const bounds = windowBounds(trace, warmupRequests, windows)
  const requests = bounds.slice(1).map((to, at) => {
    const from = bounds[at]!
    if (!trace.ops) return to - from
    let reads = 0
    for (let request = from; request < to; request++) if (trace.ops[request] === Op.read) reads++
    return reads
  })
  return { bounds, requests }
}

/** [windows + 1] first requests, and the end. Windows of time may be empty. */
function windowBounds(trace: Trace, from: number, windows: number): number[] {
  const { length } = trace
  const edges = windowEdges(trace, from, windows)
  return Array.from({ length: windows + 1 }, (_, at) => {
    if (at === windows) return length
    if (edges === undefined) return from + Math.floor(((length - from) * at) / windows)
    return at === 0 ? from : firstAt(trace.times!, from, edges[at]!)
  })
}

/** [windows + 1] seconds at which windows begin and the last one ends; undefined without a length of time to divide. */
function windowEdges({ times, length }: Trace, from: number, windows: number): number[] | undefined {
  if (times === undefined) return undefined
  const [first, last] = [times[from]!, times[length - 1]!]
  if (first === last) return undefined
  return Array.from({ length: windows + 1 }, (_, at) => first + ((last - first) * at) / windows)
}

/** The first request from `from` on that comes at `seconds` or later. */
function firstAt(times: Float64Array, from: number, seconds: number): number {
  return from + partitionPoint(times.length - from, (at) => times[from + at]! < seconds)
}

/**
 * What windows there are, and how many keys each has.
 * @throws InputError where there are fewer requests than windows
 */
export function planWindows(trace: Trace, warmupRequests: number, windows: number): WindowPlan[] {
  const counted = trace.length - warmupRequests
  if (counted < windows)
    throw new InputError(`--windows '${windows}' are more than the ${plural(counted, 'request')} counted`)
  const { bounds } = windowCounter(trace, warmupRequests, windows)
  const edges = windowEdges(trace, warmupRequests, windows)
  /** The last window a key was read in, from 1; 0 where no request had it. The warm-up is no window. */
  const seen = new Int32Array(trace.keyCount)
  for (let at = 0; at < warmupRequests; at++) seen[trace.keys[at]!] = -1
  return bounds.slice(1).map((to, at) => {
    const from = bounds[at]!
    let distinctKeys = 0
    let newKeys = 0
    for (let request = from; request < to; request++) {
      const key = trace.keys[request]!
      if (trace.ops && trace.ops[request] !== Op.read) {
        if (seen[key] === 0) seen[key] = -1
        continue
      }
      if (seen[key] === at + 1) continue
      distinctKeys++
      if (seen[key] === 0) newKeys++
      seen[key] = at + 1
    }
    return {
      from,
      to,
      fromSeconds: edges?.[at] ?? null,
      toSeconds: edges?.[at + 1] ?? null,
      distinctKeys,
      newKeys,
    }
  })
}

/** Several seeds as one: their mean. */
export function meanOfWindows(seeds: readonly SavedWindows[]): SavedWindows {
  const mean = (of: (seed: SavedWindows) => readonly number[]) =>
    of(seeds[0]!).map((_, at) => seeds.reduce((sum, seed) => sum + of(seed)[at]!, 0) / seeds.length)
  return { requests: mean(({ requests }) => requests), hits: mean(({ hits }) => hits) }
}
