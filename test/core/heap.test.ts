import fc from 'fast-check'
import { expect, it } from 'vitest'
import { IndexedHeap } from '../../src/core/heap.ts'
import { freshMemory } from '../../src/core/memory.ts'
import { createRandom } from '../../src/core/random.ts'

const KEYS = 40

/** Few numbers, so that most are shared by several keys; also the ends of what a number can be. */
const numbers = fc.constantFrom(-Infinity, -1, 0, 0, 1, 1, 1, 2.5, 2.5, 1e300, Infinity)
const steps = fc.array(
  fc.tuple(fc.constantFrom('set', 'set', 'remove', 'take'), fc.nat(KEYS - 1), numbers, fc.boolean()),
  { maxLength: 300, size: 'max' },
)

it('an indexed heap gives what a sorted array gives, of equals the one set first', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const heap = new IndexedHeap(freshMemory, KEYS, KEYS)
      /** In the order they were set, which a stable sort keeps among equals. */
      let model: { key: number; number: number }[] = []
      const first = () =>
        model.toSorted((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : 0))[0]!
      for (const [step, given, number, looks] of list) {
        const key = step === 'take' && model.length > 0 ? first().key : given
        const present = model.some((entry) => entry.key === key)
        if (step === 'set') {
          if (present) heap.update(key, number)
          else heap.push(key, number)
        } else if (present) heap.remove(key)
        model = model.filter((entry) => entry.key !== key)
        if (step === 'set') model.push({ key, number })
        expect(heap.isEmpty()).toBe(model.length === 0)
        // Looking puts the heap in order, which is not to be what keeps it right.
        if (looks && model.length > 0)
          expect({ key: heap.first(), number: heap.leastPriority() }).toEqual(first())
      }
    }),
    { numRuns: 500 },
  )
})

it('an indexed heap of many, some changed and some removed, gives the others back in order', () => {
  const count = 3000
  const random = createRandom(1, 'heap')
  const heap = new IndexedHeap(freshMemory, count, count)
  const numbers = Array.from({ length: count }, () => Math.floor(random() * 700))
  for (const [key, number] of numbers.entries()) heap.push(key, number)
  const kept = new Set(numbers.keys())
  for (const key of numbers.keys()) {
    if (random() < 0.3) {
      heap.remove(key)
      kept.delete(key)
    } else if (random() < 0.5) {
      numbers[key] = Math.floor(random() * 700)
      heap.update(key, numbers[key]!)
      // Behind its equals, as what was set last.
      kept.delete(key)
      kept.add(key)
    }
  }
  const given: number[] = []
  while (!heap.isEmpty()) {
    given.push(heap.first())
    heap.remove(heap.first())
  }
  expect(given).toEqual([...kept].sort((a, b) => numbers[a]! - numbers[b]!))
})
