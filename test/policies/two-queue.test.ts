import { expect, it } from 'vitest'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { expectAsModel, hitsIn, type Item, sizeOfAll, take } from '../support/against-model.ts'
import { outcomesOf } from '../support/replay.ts'

it('keeps for long only what comes back after it left the queue, worked by hand', async () => {
  // Room for 4: A1in 1, A1out 2. a b c d fill it. e drives a out, which is remembered; a comes back, to Am, and drives
  // out b. Newcomers f, g, h then drive out c, d, e and never a.
  const requests = 'a b c d e a f g h i a c'
  expect(await hitsIn(requests, '2q', 4)).toBe('a- b- c- d- e- a- f- g- h- i- a+ c-')
})

it('does not count hits while a key is in the queue of newcomers', async () => {
  // a is used three times before it leaves, and leaves all the same.
  expect(await hitsIn('a a a b c d e a', '2q', 4)).toBe('a- a+ a+ b- c- d- e- a-')
})

it('forgets a key that left the queue too long ago', async () => {
  // a, b, c leave in turn and two are remembered: a returns as a newcomer, and e f g h drive it out once more.
  const requests = 'a b c d e f g a h i j k a'
  expect(await hitsIn(requests, '2q', 4)).toBe('a- b- c- d- e- f- g- a- h- i- j- k- a-')
})

it('takes in what is larger than the share of newcomers', async () => {
  const trace = createTrace({ keys: ['a', 'b', 'b', 'c', 'b'], sizes: [60, 90, 90, 10, 90] })
  const outcomes = await outcomesOf(trace, '2q', { capacity: 100, capacityUnit: 'bytes' })
  expect(outcomes).toEqual(['compulsory', 'compulsory', 'hit', 'compulsory', 'hit'])
})

/** Arrays, newest first, as in the paper’s procedure. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private a1in: Item[] = []
  private a1out: Item[] = []
  private am: Item[] = []
  private readonly kin: number
  private readonly kout: number
  private recalled = new Set<number>()

  constructor(context: PolicyContext, kin: number, kout: number) {
    this.context = context
    this.kin = Math.floor(context.capacity * kin)
    this.kout = Math.floor(context.capacity * kout)
  }

  touch(key: number): void {
    const item = { key, size: this.context.sizeOf(key) }
    if (take(this.am, key)) this.am.unshift(item)
    else this.a1in = this.a1in.map((one) => (one.key === key ? item : one))
  }

  insert(key: number): void {
    const known = take(this.a1out, key) !== undefined || this.recalled.has(key)
    this.recalled.clear()
    const queue = known ? this.am : this.a1in
    queue.unshift({ key, size: this.context.sizeOf(key) })
  }

  evict(incoming: number): number {
    if (take(this.a1out, incoming)) this.recalled.add(incoming)
    if (sizeOfAll(this.a1in) <= this.kin && this.am.length > 0) return this.am.pop()!.key
    const victim = this.a1in.pop()!
    if (victim.size <= this.kout) {
      this.a1out.unshift(victim)
      while (sizeOfAll(this.a1out) > this.kout) this.a1out.pop()
    }
    return victim.key
  }

  remove(key: number): void {
    take(this.a1in, key)
    take(this.am, key)
  }
}

it.each([
  [0.25, 0.5],
  [0, 3],
  [1, 0],
  [0.5, 1],
])('does with kin %d and kout %d what arrays do', async (kin, kout) => {
  await expectAsModel(`2q(kin=${kin},kout=${kout})`, (context) => new Model(context, kin, kout))
})
