import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KeyLists } from '../../src/core/key-lists.ts'
import { freshMemory } from '../../src/core/memory.ts'

const KEYS = 6
const operations = fc.array(
  fc.record({
    operation: fc.constantFrom('pushFirst', 'pushLast', 'moveToFirst', 'moveToLast', 'remove', 'reweigh'),
    list: fc.integer({ min: 1, max: 3 }),
    key: fc.nat(KEYS - 1),
    weight: fc.nat(5),
  }),
  { maxLength: 100, size: 'max' },
)

it('does what arrays do', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const lists = new KeyLists(freshMemory, KEYS, 3)
      const arrays: { key: number; weight: number }[][] = [[], [], [], []]
      for (const { operation, list, key, weight } of steps) {
        const from = arrays.findIndex((array) => array.some((one) => one.key === key))
        // Pushing is for keys that are in no list, everything else for those that are in one.
        if ((from === -1) !== operation.startsWith('push')) continue
        const item = { key, weight }
        if (operation === 'remove') lists.remove(key)
        else if (operation === 'reweigh') lists.reweigh(key, weight)
        else lists[operation](list, key, weight)
        if (operation === 'reweigh') {
          arrays[from] = arrays[from]!.map((one) => (one.key === key ? item : one))
          continue
        }
        if (from !== -1) arrays[from] = arrays[from]!.filter((one) => one.key !== key)
        if (operation.endsWith('First')) arrays[list]!.unshift(item)
        if (operation.endsWith('Last')) arrays[list]!.push(item)
      }
      for (let key = 0; key < KEYS; key++) {
        const list = arrays.findIndex((array) => array.some((one) => one.key === key))
        expect(lists.listOf(key)).toBe(Math.max(list, 0))
        if (list > 0) expect(lists.weightOf(key)).toBe(arrays[list]!.find((one) => one.key === key)!.weight)
      }
      for (let list = 1; list <= 3; list++) {
        const keys = arrays[list]!.map(({ key }) => key)
        expect(keys.slice(1).map((key) => lists.before(key))).toEqual(keys.slice(0, -1))
        const total = arrays[list]!.reduce((sum, { weight }) => sum + weight, 0)
        expect(lists.weight(list)).toBe(total)
        const left: number[] = []
        while (!lists.isEmpty(list)) {
          left.push(lists.first(list))
          const [first, last] = [lists.first(list), lists.last(list)]
          expect([first, last]).toEqual([arrays[list]![left.length - 1]!.key, arrays[list]!.at(-1)!.key])
          lists.remove(first)
        }
        expect(left).toEqual(keys)
      }
    }),
    { numRuns: 300 },
  )
})
