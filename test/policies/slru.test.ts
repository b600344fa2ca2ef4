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

it('lifts a key that is used and lets a scan pass below it, worked by hand', async () => {
  // Two segments of two. a and b are used again and fill the upper one; c and d fill the lower, and e, f drive out c, d.
  const requests = 'a a b b c d e f a b c'
  expect(await hitsIn(requests, 'slru(segments=2)', 4)).toBe('a- a+ b- b+ c- d- e- f- a+ b+ c-')
  expect(await hitsIn(requests, 'lru', 4)).toBe('a- a+ b- b+ c- d- e- f- a- b- c-')
})

it('lets the least recently used of a full segment fall to the front of the next one down', async () => {
  // a, b above; c is lifted, and a falls before d: of d and a, d goes first at e, and a is still there.
  expect(await hitsIn('a a b b c d c e a', 'slru(segments=2)', 4)).toBe('a- a+ b- b+ c- d- c+ e- a+')
})

it('is lru with one segment', async () => {
  await fc.assert(
    fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 12 }), async (keys, capacity) => {
      const trace = traceOf(keys)
      expect(await outcomesOf(trace, 'slru(segments=1)', { capacity })).toEqual(
        await outcomesOf(trace, 'lru', { capacity }),
      )
    }),
  )
})

/** Arrays, the most recently used first, the lowest segment first. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private readonly segments: Item[][]
  private readonly share: number

  constructor(context: PolicyContext, segments: number) {
    this.context = context
    this.segments = Array.from({ length: segments }, () => [])
    this.share = Math.floor(context.capacity / segments)
  }

  touch(key: number): void {
    const from = this.segments.findIndex((segment) => take(segment, key))
    const to = Math.min(from + 1, this.segments.length - 1)
    this.segments[to]!.unshift({ key, size: this.context.sizeOf(key) })
    for (let at = to; at > 0; at--) {
      while (sizeOfAll(this.segments[at]!) > this.share) {
        this.segments[at - 1]!.unshift(this.segments[at]!.pop()!)
      }
    }
  }

  insert(key: number): void {
    const item = { key, size: this.context.sizeOf(key) }
    const roomy = this.segments.find((segment) => sizeOfAll([...segment, item]) <= this.share)
    const target = roomy ?? this.segments[0]!
    target.unshift(item)
  }

  evict(): number {
    return this.segments.find((segment) => segment.length > 0)!.pop()!.key
  }

  remove(key: number): void {
    for (const segment of this.segments) take(segment, key)
  }
}

it.each([2, 3, 4])('does with %i segments what arrays do', async (segments) => {
  await expectAsModel(`slru(segments=${segments})`, (context) => new Model(context, segments))
})
