import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshMemory, type Memory, ReusedMemory } from '../../src/core/memory.ts'

const KINDS = ['uint8', 'uint16', 'uint32', 'float32', 'float64'] as const satisfies readonly (keyof Memory)[]

/** Up to some hundred kilobytes, so that memory grows again and again. */
const lengths = fc.oneof(fc.nat(40), fc.nat(40_000))
const runs = fc.array(
  fc.array(fc.record({ kind: fc.constantFrom(...KINDS), length: lengths }), { maxLength: 12 }),
  {
    minLength: 1,
    maxLength: 4,
  },
)

describe('memory that is used again', () => {
  it('gives arrays as fresh ones are, which share nothing and stay while others come', () => {
    fc.assert(
      fc.property(runs, (runs) => {
        const memory = new ReusedMemory()
        for (const run of runs) {
          memory.reuse()
          const taken = run.map(({ kind, length }, at) => {
            const array = memory[kind](length)
            expect(array.constructor).toBe(freshMemory[kind](0).constructor)
            expect(array.length).toBe(length)
            expect(array.every((value) => value === 0)).toBe(true)
            array.fill(at + 1)
            return array
          })
          for (const [at, array] of taken.entries())
            expect(array.every((value) => value === at + 1)).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('is the same memory again', () => {
    const memory = new ReusedMemory()
    const first = memory.uint32(1000).fill(7)
    memory.reuse()
    const second = memory.float64(500)
    second[0] = Number.NaN
    expect(first[1]).toBe(0x7ff8_0000)
  })

  it.each([undefined, Number.NaN, -1, 2.5])('refuses %s as a length, as fresh memory does', (length) => {
    for (const memory of [new ReusedMemory(), freshMemory])
      expect(() => memory.uint32(length as number)).toThrow(RangeError)
  })

  it('can be taken apart', () => {
    const { uint32 } = new ReusedMemory()
    expect([...uint32(2)]).toEqual([0, 0])
  })

  it('lies at the beginning of a cache line', () => {
    const memory = new ReusedMemory()
    memory.uint8(3)
    expect(memory.uint32(5).byteOffset % 64).toBe(0)
  })

  it('gives fresh arrays where there is no room left, and goes on', () => {
    const memory = new ReusedMemory()
    const before = memory.uint32(10).fill(1)
    // 32 GiB: more than can be addressed, or had.
    expect(() => memory.float64(2 ** 32)).toThrow(RangeError)
    const after = memory.uint32(10)
    expect([...after]).toEqual(Array(10).fill(0))
    expect([...before]).toEqual(Array(10).fill(1))
  })
})
