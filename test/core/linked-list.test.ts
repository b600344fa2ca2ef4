import fc from 'fast-check'
import { expect, it } from 'vitest'
import { LinkedList } from '../../src/core/linked-list.ts'
import { freshMemory } from '../../src/core/memory.ts'

const KEYS = 6
const operations = fc.array(
  fc.tuple(
    fc.constantFrom('pushFirst', 'pushLast', 'remove', 'moveToFirst', 'moveToLast', 'takeFirst', 'takeLast'),
    fc.nat(KEYS - 1),
  ),
  { maxLength: 100 },
)

it('does what an array does', () => {
  fc.assert(
    fc.property(operations, (list) => {
      const linked = new LinkedList(freshMemory, KEYS)
      let array: number[] = []
      for (const [operation, key] of list) {
        const without = array.filter((other) => other !== key)
        switch (operation) {
          case 'pushFirst':
          case 'pushLast':
            // Pushing is for keys that are not in the list, everything else for those that are.
            if (array.includes(key)) continue
            linked[operation](key)
            array = operation === 'pushFirst' ? [key, ...array] : [...array, key]
            break
          case 'takeFirst':
          case 'takeLast': {
            if (array.length === 0) continue
            const taken = operation === 'takeFirst' ? linked.first() : linked.last()
            linked.remove(taken)
            expect(taken).toBe(operation === 'takeFirst' ? array.shift() : array.pop())
            break
          }
          default:
            if (!array.includes(key)) continue
            linked[operation](key)
            array =
              operation === 'remove'
                ? without
                : operation === 'moveToFirst'
                  ? [key, ...without]
                  : [...without, key]
        }
        expect(linked.isEmpty()).toBe(array.length === 0)
        if (array.length > 0) expect([linked.first(), linked.last()]).toEqual([array[0], array.at(-1)])
        expect(array.map((key) => linked.before(key))).toEqual([KEYS, ...array].slice(0, array.length))
      }
      const left: number[] = []
      while (!linked.isEmpty()) {
        left.push(linked.first())
        linked.remove(linked.first())
      }
      expect(left).toEqual(array)
    }),
    { numRuns: 500 },
  )
})
