import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FifoQueue } from '../../src/core/fifo-queue.ts'
import { freshMemory } from '../../src/core/memory.ts'

const KEYS = 7
const operations = fc.array(
  fc.tuple(fc.constantFrom('add', 'add', 'take', 'take and put back', 'remove'), fc.nat(KEYS - 1)),
  { maxLength: 200, size: 'max' },
)

it('does what an array does', () => {
  fc.assert(
    fc.property(operations, fc.integer({ min: 1, max: KEYS }), (list, maxEntries) => {
      const queue = new FifoQueue(freshMemory, KEYS, maxEntries)
      const array: number[] = []
      for (const [operation, key] of list) {
        const at = array.indexOf(key)
        if (operation === 'add') {
          if (at !== -1 || array.length === maxEntries) continue
          queue.add(key)
          array.push(key)
        } else if (operation === 'remove') {
          if (at === -1) continue
          queue.remove(key)
          array.splice(at, 1)
        } else if (array.length > 0) {
          const taken = queue.take()
          expect(taken).toBe(array.shift())
          if (operation === 'take') continue
          queue.putBack(taken)
          array.push(taken)
        }
      }
      while (array.length > 0) expect(queue.take()).toBe(array.shift())
    }),
    { numRuns: 1000 },
  )
})
