import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import {
  expectAsModel,
  hitsIn,
  type Item,
  keyLists,
  sizeOfAll,
  take,
  traceOf,
} from '../support/against-model.ts'
import { outcomesOf } from '../support/replay.ts'

it('lets a scan pass beside what was used twice, worked by hand', async () => {
  // At d the hand of T1 finds a and b used, moves both to T2, and takes c; e … g then pass through T1 alone.
  expect(await hitsIn('a b a b c d e f g a b', 'car', 3)).toBe('a- b- a+ b+ c- d- e- f- g- a+ b+')
})

/** CAR(x), Figure 2 of the paper, line by line, for pages of one size: the requests that hit. */
function paperHits(requests: readonly number[], c: number): boolean[] {
  let p = 0
  // Clocks from their hand on; ghosts least recently used first.
  let [t1, t2, b1, b2]: number[][] = [[], [], [], []]
  const bits = new Set<number>()
  const without = (list: number[], x: number) => list.filter((one) => one !== x)
  const replace = () => {
    for (;;) {
      const clock = t1!.length >= Math.max(1, p) ? t1! : t2!
      const head = clock.shift()!
      if (!bits.has(head)) {
        ;(clock === t1 ? b1! : b2!).push(head)
        return
      }
      bits.delete(head)
      t2!.push(head)
    }
  }
  return requests.map((x) => {
    if (t1!.includes(x) || t2!.includes(x)) {
      bits.add(x)
      return true
    }
    const remembered = b1!.includes(x) || b2!.includes(x)
    if (t1!.length + t2!.length === c) {
      replace()
      if (!remembered && t1!.length + b1!.length === c) b1!.shift()
      else if (!remembered && t1!.length + t2!.length + b1!.length + b2!.length === 2 * c) b2!.shift()
    }
    if (!remembered) t1!.push(x)
    else {
      if (b1!.includes(x)) p = Math.min(p + Math.max(1, b2!.length / b1!.length), c)
      else p = Math.max(p - Math.max(1, b1!.length / b2!.length), 0)
      b1 = without(b1!, x)
      b2 = without(b2!, x)
      t2!.push(x)
    }
    return false
  })
}

it('hits where the paper’s procedure hits', async () => {
  await fc.assert(
    fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 12 }), async (keys, capacity) => {
      const outcomes = await outcomesOf(traceOf(keys), 'car', { capacity })
      expect(outcomes.map((outcome) => outcome === 'hit')).toEqual(paperHits(keys, capacity))
    }),
    { numRuns: 500 },
  )
})

/** Arrays from the hand on, ghosts newest first, in entries or bytes, where keys may also be removed. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private t1: Item[] = []
  private t2: Item[] = []
  private b1: Item[] = []
  private b2: Item[] = []
  private bits = new Set<number>()
  private p = 0

  constructor(context: PolicyContext) {
    this.context = context
  }

  touch(key: number): void {
    this.bits.add(key)
    const item = { key, size: this.context.sizeOf(key) }
    this.t1 = this.t1.map((one) => (one.key === key ? item : one))
    this.t2 = this.t2.map((one) => (one.key === key ? item : one))
  }

  insert(key: number): void {
    const { capacity } = this.context
    const item = { key, size: this.context.sizeOf(key) }
    const [one, two] = [sizeOfAll(this.b1), sizeOfAll(this.b2)]
    if (take(this.b1, key)) {
      this.p = Math.min(capacity, this.p + item.size * Math.max(1, two / one))
      this.t2.push(item)
    } else if (take(this.b2, key)) {
      this.p = Math.max(0, this.p - item.size * Math.max(1, one / two))
      this.t2.push(item)
    } else {
      this.t1.push(item)
      while (this.b1.length > 0 && sizeOfAll([...this.t1, ...this.b1]) > capacity) this.b1.pop()
      const all = () => sizeOfAll([...this.t1, ...this.t2, ...this.b1, ...this.b2])
      while (this.b2.length > 0 && all() > 2 * capacity) this.b2.pop()
    }
  }

  evict(): number {
    for (;;) {
      const first = this.t1.length > 0 && sizeOfAll(this.t1) >= Math.max(1, this.p)
      const clock = first || this.t2.length === 0 ? this.t1 : this.t2
      const item = clock.shift()!
      if (this.bits.delete(item.key)) {
        this.t2.push(item)
        continue
      }
      ;(clock === this.t1 ? this.b1 : this.b2).unshift(item)
      return item.key
    }
  }

  remove(key: number): void {
    this.bits.delete(key)
    take(this.t1, key)
    take(this.t2, key)
  }
}

it('does what arrays do, with removals and byte sizes', async () => {
  await expectAsModel('car', (context) => new Model(context))
})
