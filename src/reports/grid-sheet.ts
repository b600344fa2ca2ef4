import { type CurveName, formatTtl } from '../core/grid-ttl.ts'
import type { SweepResult } from '../core/result.ts'
import { bestFirst, byPolicy } from '../core/run-groups.ts'
import { spreadEvenly } from '../core/spread-evenly.ts'
import { heatCells } from './heat.ts'
import { formatSize, NONE, percentDigits } from './numbers.ts'
import { answerColumns } from './sweep-columns.ts'
import type { Column } from './table.ts'
import { displayWidth } from './text.ts'

/** A sweep over sizes and TTLs for people: a few policies, each with its curves by TTL. */

type Sweep = SweepResult['simulated']

/** Policies that are shown one by one; the others are in the numbers. */
const MOST_POLICIES = 3

/** One policy of a grid as a sweep of its own, in which TTLs stand where policies would. */
export interface GridSlice {
  readonly policy: string
  readonly sweep: Sweep
}

/** The policies that serve most, best first, and the names of the others. */
export function gridSlices(sweep: Sweep): { readonly shown: GridSlice[]; readonly others: string[] } {
  const policies = bestFirst(byPolicy(sweep.runs)).map(({ policy }) => policy)
  const slice = (policy: string): GridSlice => {
    const own = <T extends CurveName>(all: readonly T[]) =>
      all.filter((one) => one.policy === policy).map((one) => ({ ...one, policy: formatTtl(one) }))
    const { runs, knee, curves } = sweep
    return { policy, sweep: { ...sweep, runs: own(runs), knee: own(knee), curves: own(curves) } }
  }
  return {
    shown: policies.slice(0, MOST_POLICIES).map(slice),
    others: policies.slice(MOST_POLICIES),
  }
}

/** The answers of a sweep, a row a TTL. */
export function ttlAnswerColumns({ sweep }: GridSlice): Column[] {
  const [, ...answers] = answerColumns(sweep)
  const ttls = byPolicy(sweep.runs).map(({ policy }) => policy)
  return [{ title: ['TTL'], align: 'left', drop: 0, cells: ttls }, ...answers]
}

/**
 * TTL by size: hit rates in percent.
 * @param width limits how many sizes are chosen
 * @param shaded whether numbers stand in blocks of a heat map
 */
export function ttlRateColumns({ sweep }: GridSlice, width: number, shaded: boolean): Column[] {
  const rows = byPolicy(sweep.runs)
  const sizes = [...new Set(sweep.runs.map(({ size }) => size))].sort((a, b) => a - b)
  const unit = sweep.runs[0]!.sizeUnit
  const digits = percentDigits(sweep.runs.map(({ hitRate }) => hitRate))
  const name: Column = { title: ['TTL'], align: 'left', drop: 0, cells: rows.map(({ policy }) => policy) }
  const room = width - Math.max(...name.cells.map(displayWidth))
  return [
    name,
    ...rateBySize(
      sizes,
      rows.map(
        ({ runs }) =>
          (size) =>
            runs.find((run) => run.size === size)?.hitRate,
      ),
      { room, digits, unit, shaded },
    ),
  ]
}

/** A column a size, as many as there is room for. */
export function rateBySize(
  sizes: readonly number[],
  rows: readonly ((size: number) => number | null | undefined)[],
  look: {
    readonly room: number
    readonly digits: number
    readonly unit: 'entries' | 'bytes'
    readonly shaded: boolean
  },
): Column[] {
  const { room, digits, unit, shaded } = look
  const rates = rows.map((rateAt) => sizes.map(rateAt))
  const plain = (value: number | null | undefined) => (value == null ? NONE : (value * 100).toFixed(digits))
  const cells = shaded ? heatCells(rates, digits) : rates.map((row) => row.map(plain))
  const widest = Math.max(
    ...cells.flat().map(displayWidth),
    ...sizes.map((size) => displayWidth(formatSize(size, unit))),
  )
  return spreadEvenly([...sizes.keys()], Math.max(2, Math.floor(room / (widest + 2)))).map((at) => ({
    title: [formatSize(sizes[at]!, unit)],
    align: 'right',
    drop: 0,
    cells: cells.map((row) => row[at]!),
  }))
}
