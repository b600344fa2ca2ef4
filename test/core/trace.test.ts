import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createColumn, createTrace, OPTIONAL_COLUMNS, Op, toShared } from '../../src/core/trace.ts'

describe('createTrace', () => {
  it('numbers keys in the order they first appear, and keeps their names', () => {
    const trace = createTrace({ keys: ['b', 'a', 'b', 'c'], name: 'mine' })
    expect([...trace.keys]).toEqual([0, 1, 0, 2])
    expect(trace).toMatchObject({ name: 'mine', length: 4, keyCount: 3 })
    expect([0, 1, 2].map((key) => trace.keyNames!.nameOf(key))).toEqual(['b', 'a', 'c'])
    expect(trace.times).toBeUndefined()
  })

  it('can be turned back into what it was made from', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => {
        const trace = createTrace({ keys: names })
        expect(Array.from(trace.keys, (key) => trace.keyNames!.nameOf(key))).toEqual(names)
        expect(trace.keyCount).toBe(new Set(names).size)
      }),
    )
  })

  it('lays its columns on shared memory, without copying those that lie there', () => {
    const times = createColumn(Float64Array, 2)
    const trace = createTrace({
      keys: [1, 2],
      times,
      sizes: [3, 4],
      costs: new Float32Array([0.5, 1]),
      ops: [Op.write, Op.delete],
      ttls: [2.5, Infinity],
      groups: [0, 3],
    })
    expect(trace.times).toBe(times)
    for (const column of ['keys', ...OPTIONAL_COLUMNS] as const) {
      expect(trace[column]!.buffer).toBeInstanceOf(SharedArrayBuffer)
    }
    expect([...trace.sizes!, ...trace.costs!, ...trace.ops!]).toEqual([3, 4, 0.5, 1, 1, 2])
    expect([...trace.ttls!, ...trace.groups!]).toEqual([2.5, Infinity, 0, 3])
    expect(toShared(Uint32Array, new Float64Array([7]))).toEqual(new Uint32Array([7]))
  })

  it.each([
    [{ times: [0] }, 'column times has 1 values for 3 keys'],
    [{ times: [0, 2, 1] }, 'times run backwards at request 2'],
    [{ times: [0, Number.NaN, 1] }, 'column times is NaN at request 1: it must hold seconds'],
    [{ times: [0, 1, Infinity] }, 'column times is Infinity at request 2'],
    [{ sizes: [1, -1, 1] }, 'column sizes is -1 at request 1: it must hold whole bytes'],
    [{ sizes: [1, 1, 0.5] }, 'column sizes is 0.5 at request 2'],
    [{ sizes: [2 ** 32, 1, 1] }, 'column sizes is 4294967296 at request 0'],
    [{ costs: [1, -1, 1] }, 'column costs is -1 at request 1: it must hold milliseconds'],
    [{ costs: [1, Number.NaN, 1] }, 'column costs is NaN at request 1'],
    [{ costs: [1e39, 1, 1] }, 'column costs is 1e+39 at request 0'],
    [{ ops: [0, 1, 3] }, 'column ops is 3 at request 2: it must hold 0 (read), 1 (write) or 2 (delete)'],
    [{ ttls: [1, 1] }, 'column ttls has 2 values for 3 keys'],
    [{ ttls: [1, 0, Number.NaN] }, 'column ttls is 0 at request 1: it must hold seconds above 0, Infinity'],
    [{ ttls: [Infinity, 1, -1] }, 'column ttls is -1 at request 2'],
    [{ ttls: [1e-50, 1, 1] }, 'column ttls is 1e-50 at request 0'],
    [{ groups: [0, 1, 0] }, 'groups run backwards at request 2'],
    [{ groups: [0, 0.5, 1] }, 'column groups is 0.5 at request 1: it must hold whole numbers'],
    [{ groups: [-1, 0, 1] }, 'column groups is -1 at request 0'],
  ])('refuses %j', (columns, message) => {
    expect(() => createTrace({ keys: ['a', 'b', 'c'], ...columns })).toThrow(RangeError)
    expect(() => createTrace({ keys: ['a', 'b', 'c'], ...columns })).toThrow(message)
  })
})
