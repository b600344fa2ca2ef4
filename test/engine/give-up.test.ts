import { describe, expect, it } from 'vitest'
import { definePolicy, type PolicyContext } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { outcomesOf, startReplay } from '../support/replay.ts'

/** Keeps what came last, and drops everything else the moment it comes. */
const lastOnly = (context: PolicyContext) => {
  let held: number | undefined
  return {
    touch() {},
    insert(key: number) {
      if (held !== undefined) context.giveUp(held)
      held = key
    },
    evict: () => {
      throw new Error('there is always room')
    },
    remove(key: number) {
      if (key === held) held = undefined
    },
  }
}
const policy = definePolicy({ name: 'last-only', summary: 'holds one', givesUp: true, create: lastOnly })

describe('a policy that gives up keys without need', () => {
  const keys = [...'abbacca']

  it('frees their room, and its requests find them evicted', async () => {
    const replay = await startReplay(createTrace({ keys }), policy, { capacity: 5 })
    const occupied: number[] = []
    while (!replay.done) {
      replay.advance(1)
      occupied.push(replay.occupied)
    }
    expect(occupied).toEqual(keys.map(() => 1))
    expect(replay.evictions).toBe(4)
    expect(await outcomesOf(createTrace({ keys }), policy, { capacity: 5 })).toEqual([
      'compulsory',
      'compulsory',
      'hit',
      'capacity',
      'compulsory',
      'hit',
      'capacity',
    ])
  })

  it('frees their bytes, and they do not expire any more', async () => {
    const trace = createTrace({ keys, sizes: [3, 4, 4, 3, 5, 5, 3], times: [0, 1, 2, 3, 4, 5, 20] })
    const settings = { capacity: 12, capacityUnit: 'bytes', ttlSeconds: 6 } as const
    const replay = await startReplay(trace, policy, settings)
    replay.advance(5)
    expect(replay.occupied).toBe(5)
    expect(await outcomesOf(trace, policy, settings)).toEqual([
      'compulsory',
      'compulsory',
      'hit',
      'capacity',
      'compulsory',
      'hit',
      'capacity',
    ])
  })

  it('is told where it gives up a key that is not there', async () => {
    const wrong = definePolicy({
      name: 'wrong',
      summary: 'gives up its key twice',
      givesUp: true,
      create: (context) => ({
        ...lastOnly(context),
        touch(key) {
          context.giveUp(key)
          context.giveUp(key)
        },
      }),
    })
    const replay = await startReplay(createTrace({ keys }), wrong, { capacity: 5 })
    expect(() => replay.advance()).toThrow(
      "policy 'wrong' gave up key 1, which is not resident, at request 2",
    )
  })
})

describe('isWrite', () => {
  it('tells writes from reads and deletes', async () => {
    const seen: boolean[] = []
    const watcher = definePolicy({
      name: 'watcher',
      summary: 'watches',
      create: ({ isWrite }) => ({
        touch: (_key, at) => seen.push(isWrite(at)),
        insert: (_key, at) => seen.push(isWrite(at)),
        evict: () => 0,
        remove: () => {},
      }),
    })
    const ops = [0, 1, 0, 2, 1]
    await outcomesOf(createTrace({ keys: ops.map(() => 'a'), ops }), watcher, { capacity: 1 })
    expect(seen).toEqual([false, true, false, true])
    seen.length = 0
    await outcomesOf(createTrace({ keys: ['a', 'a'] }), watcher, { capacity: 1 })
    expect(seen).toEqual([false, false])
  })
})
