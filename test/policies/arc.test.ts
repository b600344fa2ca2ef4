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

it('lets a scan pass beside what was seen twice, worked by hand', async () => {
  // a and b are in T2; with the target at 0, c … g pass through T1 one by one, since T1 is always over its target.
  const requests = 'a b a b c d e f g a b'
  expect(await hitsIn(requests, 'arc', 3)).toBe('a- b- a+ b+ c- d- e- f- g- a+ b+')
  expect(await hitsIn(requests, 'lru', 3)).toBe('a- b- a+ b+ c- d- e- f- g- a- b-')
})

it('gives room to keys seen once when those that left are asked for again', async () => {
  // T2: a, a used again. b, c: c drives b out to B1 (T1 over its target of 0). b is asked for again: the target rises
  // to 1, T1 = {c} is not over it, so a of T2 goes; then a comes from B2, the target falls to 0, and c goes.
  expect(await hitsIn('a a b c b c a c', 'arc', 2)).toBe('a- a+ b- c- b- c+ a- c+')
})

/** ARC(c), Figure 4 of the paper, case by case, for pages of one size: the requests that hit. */
function paperHits(requests: readonly number[], c: number): boolean[] {
  let p = 0
  // Least recently used first.
  const [t1, t2, b1, b2]: number[][] = [[], [], [], []]
  const drop = (list: number[], x: number) => {
    const at = list.indexOf(x)
    if (at !== -1) list.splice(at, 1)
    return at !== -1
  }
  const replace = (inB2: boolean) => {
    if (t1!.length > 0 && (t1!.length > p || (inB2 && t1!.length === p))) b1!.push(t1!.shift()!)
    else b2!.push(t2!.shift()!)
  }
  return requests.map((x) => {
    if (drop(t1!, x) || drop(t2!, x)) {
      t2!.push(x)
      return true
    }
    if (b1!.includes(x)) {
      p = Math.min(c, p + (b1!.length >= b2!.length ? 1 : b2!.length / b1!.length))
      replace(false)
      drop(b1!, x)
      t2!.push(x)
      return false
    }
    if (b2!.includes(x)) {
      p = Math.max(0, p - (b2!.length >= b1!.length ? 1 : b1!.length / b2!.length))
      replace(true)
      drop(b2!, x)
      t2!.push(x)
      return false
    }
    const l1 = t1!.length + b1!.length
    const total = l1 + t2!.length + b2!.length
    if (l1 === c) {
      if (t1!.length < c) {
        b1!.shift()
        replace(false)
      } else t1!.shift()
    } else if (total >= c) {
      if (total === 2 * c) b2!.shift()
      replace(false)
    }
    t1!.push(x)
    return false
  })
}

it('hits where the paper’s procedure hits', async () => {
  await fc.assert(
    fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 12 }), async (keys, capacity) => {
      const outcomes = await outcomesOf(traceOf(keys), 'arc', { capacity })
      expect(outcomes.map((outcome) => outcome === 'hit')).toEqual(paperHits(keys, capacity))
    }),
    { numRuns: 500 },
  )
})

/** The same lists, newest first, in entries or bytes, where keys may also be removed. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private t1: Item[] = []
  private t2: Item[] = []
  private b1: Item[] = []
  private b2: Item[] = []
  private p = 0
  private from: 'b1' | 'b2' | undefined

  constructor(context: PolicyContext) {
    this.context = context
  }

  touch(key: number): void {
    this.remove(key)
    this.t2.unshift({ key, size: this.context.sizeOf(key) })
  }

  insert(key: number): void {
    const { capacity } = this.context
    this.recall(key)
    const list = this.from === undefined ? this.t1 : this.t2
    list.unshift({ key, size: this.context.sizeOf(key) })
    this.from = undefined
    while (this.b1.length > 0 && sizeOfAll([...this.t1, ...this.b1]) > capacity) this.b1.pop()
    const all = () => sizeOfAll([...this.t1, ...this.t2, ...this.b1, ...this.b2])
    while (this.b2.length > 0 && all() > 2 * capacity) this.b2.pop()
  }

  evict(incoming: number): number {
    this.recall(incoming)
    const once = sizeOfAll(this.t1)
    const over = once > this.p || (once === this.p && this.from === 'b2')
    const [list, ghosts] =
      this.t2.length === 0 || (this.t1.length > 0 && over) ? [this.t1, this.b1] : [this.t2, this.b2]
    const victim = list.pop()!
    ghosts.unshift(victim)
    return victim.key
  }

  remove(key: number): void {
    take(this.t1, key)
    take(this.t2, key)
  }

  private recall(key: number): void {
    const size = this.context.sizeOf(key)
    const [one, two] = [sizeOfAll(this.b1), sizeOfAll(this.b2)]
    if (take(this.b1, key)) {
      this.p = Math.min(this.context.capacity, this.p + size * Math.max(1, two / one))
      this.from = 'b1'
    } else if (take(this.b2, key)) {
      this.p = Math.max(0, this.p - size * Math.max(1, one / two))
      this.from = 'b2'
    }
  }
}

it('does what arrays do, with removals and byte sizes', async () => {
  await expectAsModel('arc', (context) => new Model(context))
})
