import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspectTrace } from '../../src/analysis/inspect.ts'
import { PairInterner } from '../../src/analysis/pair-interner.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, Op, type Trace, type TraceSource } from '../../src/core/trace.ts'

const source: TraceSource = {
  sampleRate: 1,
  files: ['log.csv'],
  format: 'csv',
  compression: 'none',
  rows: 0,
  filteredRows: 0,
  badRows: 0,
  badRowSamples: [],
  columns: {},
  notes: [],
}

/** A trace whose keys are composed of the cells of some columns. */
function composed(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  ops?: readonly number[],
): Trace {
  const trace = createTrace({ keys: rows.map((row) => row.join('\0')), ...(ops && { ops }) })
  const partsOf = (key: number) => trace.keyNames!.nameOf(key).split('\0')
  return {
    ...trace,
    keyNames: { nameOf: (key) => partsOf(key).join('|'), partsOf },
    source: { ...source, columns: { key: names } },
  }
}

const columnsOf = (trace: Trace) => inspectTrace(trace).keyColumns

describe('the columns of a composed key', () => {
  it('are those of a trace worked by hand', () => {
    const trace = composed(
      ['user', 'request_id', 'model'],
      [
        ['u1', 'r1', 'm'],
        ['u1', 'r2', 'm'],
        ['u2', 'r3', 'm'],
        ['u1', 'r4', 'n'],
        ['u1', 'r5', 'm'],
      ],
    )
    expect(inspectTrace(trace).hitRateCeiling).toBe(0)
    expect(columnsOf(trace)).toEqual([
      {
        column: 'user',
        values: 2,
        mostCommon: { value: 'u1', shareOfRequests: 0.8 },
        valuesReadOnce: 1,
        hitRateCeilingWithout: 0,
      },
      {
        column: 'request_id',
        values: 5,
        mostCommon: { value: 'r1', shareOfRequests: 0.2 },
        valuesReadOnce: 5,
        // u1 m, u2 m and u1 n are first sights.
        hitRateCeilingWithout: 0.4,
      },
      {
        column: 'model',
        values: 2,
        mostCommon: { value: 'm', shareOfRequests: 0.8 },
        valuesReadOnce: 1,
        hitRateCeilingWithout: 0,
      },
    ])
  })

  it('are not looked at where the key is one column, or nobody knows its parts', () => {
    const trace = composed(['user', 'model'], [['u', 'm']])
    expect(columnsOf(trace)).toHaveLength(2)
    expect(columnsOf({ ...trace, source: { ...source, columns: { key: 'user' } } })).toBeNull()
    expect(columnsOf({ ...trace, source: { ...source, columns: { key: ['user'] } } })).toBeNull()
    expect(columnsOf({ ...trace, keyNames: { nameOf: String } })).toBeNull()
    const { source: _, ...bare } = trace
    expect(columnsOf(bare)).toBeNull()
  })

  it('have the ceiling of the trace with one column fewer, and count their values', () => {
    const cell = fc.constantFrom('', 'a', 'b', 'ab', 'ba', 'c', 'é')
    const request = fc.record({ cells: fc.tuple(cell, cell, cell), op: fc.constantFrom(0, 0, 0, 1, 2) })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 40 }), fc.boolean(), (requests, onlyReads) => {
        const rows = requests.map(({ cells }) => cells)
        const ops = onlyReads ? undefined : requests.map(({ op }) => op)
        const names = ['x', 'y', 'z']
        const found = columnsOf(composed(names, rows, ops))!
        names.forEach((_, at) => {
          const shorter = rows.map((cells) => cells.filter((_, other) => other !== at).join('\0'))
          const without = inspectTrace(createTrace({ keys: shorter, ...(ops && { ops }) }))
          expect(found[at]!.hitRateCeilingWithout).toBeCloseTo(without.hitRateCeiling, 12)
          const reads = rows.filter((_, i) => (ops?.[i] ?? Op.read) === Op.read).map((cells) => cells[at]!)
          const times = (value: string) => reads.filter((read) => read === value).length
          const values = [...new Set(reads)]
          expect(found[at]!.values).toBe(values.length)
          expect(found[at]!.valuesReadOnce).toBe(values.filter((value) => times(value) === 1).length)
          if (reads.length === 0) return
          const { value, shareOfRequests } = found[at]!.mostCommon
          expect(times(value)).toBe(Math.max(...values.map(times)))
          expect(shareOfRequests).toBeCloseTo(times(value) / reads.length, 12)
        })
      }),
    )
  })

  it('tells hundreds of thousands of values apart', () => {
    const length = 300_000
    const rows = Array.from({ length }, (_, i) => [`request-${i}`, `user-${i % 1000}`])
    const [id, user] = columnsOf(composed(['id', 'user'], rows))!
    expect(id).toMatchObject({ values: length, valuesReadOnce: length })
    expect(id!.hitRateCeilingWithout).toBeCloseTo(1 - 1000 / length, 12)
    expect(user).toMatchObject({ values: 1000, hitRateCeilingWithout: 0 })
  })
})

describe('numbers of pairs', () => {
  it('are those a map gives', () => {
    const random = createRandom(1, 'pairs')
    const interner = new PairInterner(20_001)
    const map = new Map<string, number>()
    for (let i = 0; i < 30_000; i++) {
      const pair = [Math.floor(random() * 100) * 0x0100_0000, Math.floor(random() * 200)] as const
      const known = map.get(pair.join()) ?? map.size
      map.set(pair.join(), known)
      expect(interner.intern(...pair)).toBe(known)
    }
    expect(interner.size).toBe(map.size)
    expect(interner.intern(0xffff_ffff, 0xffff_ffff)).toBe(map.size)
  })
})
