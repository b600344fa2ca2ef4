import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../../src/core/policy.ts'
import { createTrace, Op } from '../../src/core/trace.ts'
import { choosePolicy } from '../../src/experiments/policies.ts'
import { expectAsModel, hitsIn, sizeOfAll, take } from '../support/against-model.ts'
import { traceFrom } from '../support/random-traces.ts'
import { outcomesOf } from '../support/replay.ts'

interface Item {
  readonly key: number
  readonly size: number
  fetched: boolean
  active: boolean
  time: number
}

type List = 'hot' | 'warm' | 'cold'

/** The lists as arrays, first to last; one look at the end of a list as memcached's `lru_pull_tail` takes it. */
class Model implements EvictionPolicy {
  private readonly lists: Record<List, Item[]> = { hot: [], warm: [], cold: [] }
  private readonly context: PolicyContext

  constructor(context: PolicyContext) {
    this.context = context
  }

  insert(key: number, at: number): void {
    const time = this.secondAt(at)
    this.lists.hot.unshift({ key, size: this.context.sizeOf(key), fetched: false, active: false, time })
    this.maintain(time)
  }

  touch(key: number, at: number): void {
    const now = this.secondAt(at)
    const [name, item] = this.find(key)
    if (this.context.isWrite(at)) {
      this.remove(key)
      this.insert(key, at)
      return
    }
    if (!item.active && item.fetched) {
      if (name === 'cold') {
        this.move(item, 'warm')
      } else item.active = true
      item.time = now
    }
    item.fetched = true
    this.maintain(now)
  }

  evict(_incoming: number, at: number): number {
    const { hot, warm, cold } = this.lists
    while (cold.length === 0 && hot.length > 0) {
      const last = hot.at(-1)!
      this.move(last, last.active ? 'warm' : 'cold')
      last.active = false
    }
    if (cold.length === 0) this.maintain(this.secondAt(at))
    return (cold.length > 0 ? cold : warm).pop()!.key
  }

  remove(key: number): void {
    for (const list of Object.values(this.lists)) take(list, key)
  }

  private secondAt(at: number): number {
    return Math.floor(this.context.timeOf(at))
  }

  private find(key: number): [List, Item] {
    for (const name of ['hot', 'warm', 'cold'] as const) {
      const item = this.lists[name].find((one) => one.key === key)
      if (item) return [name, item]
    }
    throw new Error(`no ${key}`)
  }

  private move(item: Item, to: List): void {
    this.remove(item.key)
    this.lists[to].unshift(item)
  }

  private maintain(now: number): void {
    const { hot, warm, cold } = this.lists
    const total = sizeOfAll([...hot, ...warm, ...cold])
    const coldAge = cold.length > 0 ? now - cold.at(-1)!.time : 0
    const warmRoom = Math.floor(total * 0.4)
    const hotRoom = Math.floor(total * 0.2) === 0 ? warmRoom : Math.floor(total * 0.2)
    for (;;) {
      const moved =
        this.look('hot', hotRoom, Math.floor(coldAge / 5), now) ||
        this.look('warm', warmRoom, coldAge * 2, now)
      if (!moved) return
    }
  }

  private look(name: 'hot' | 'warm', room: number, maxAge: number, now: number): boolean {
    const list = this.lists[name]
    let moved = false
    // The last first; past an active one of warm the one before it is looked at too, five at most.
    for (const item of list.slice(-5).reverse()) {
      if (!item.active) {
        if (sizeOfAll(list) <= room && now - item.time <= maxAge) return moved
        this.move(item, 'cold')
        return true
      }
      item.active = false
      moved = true
      this.move(item, 'warm')
      if (name === 'hot') return true
    }
    return moved
  }
}

describe('memcached', () => {
  it('keeps a key that was used twice through a scan, worked by hand', async () => {
    // In room for 10, hot holds 2 and warm 4. When a … j are in, i and j are hot and the rest cold, a last. One use
    // changes nothing: a goes at k. With the second it is warm, and outlives ten that come after it.
    expect(await hitsIn('a b c d e f g h i j a k a', 'memcached', 10)).toMatch(/a\+ k- a-$/)
    const scan = 'k l m n o p q r s t'
    expect(await hitsIn(`a b c d e f g h i j a a ${scan} a b`, 'memcached', 10)).toMatch(
      /a\+ a\+ .* t- a\+ b-$/,
    )
    expect(await hitsIn(`a b c d e f g h i j a a ${scan} a b`, 'lru', 10)).toMatch(/t- a- b-$/)
  })

  it('takes an active key from hot to warm, and one that is not to cold', async () => {
    // All of hot at once, j used twice: with k, i goes to cold and j to warm.
    expect(await hitsIn('a b c d e f g h i j j j k l m n o p q r s t i j', 'memcached', 10)).toMatch(
      /i- j\+$/,
    )
  })

  it('moves to cold what is too old for hot or warm', async () => {
    // 0 is warm since 0 s, alone, and never used again. One key a second comes and goes: the last of cold is 9 s old. Once
    // 0 is older than twice that it goes to cold, and out nine seconds later.
    const filling = [...Array(10).keys()]
    const scan = Array.from({ length: 40 }, (_, at) => 10 + at)
    const last = async (uses: number, second: (at: number) => number) => {
      const keys = [...filling, 0, 0, ...scan.slice(0, uses), 0]
      const times = [...filling, 0, 0].map(() => 0)
      const trace = createTrace({
        keys,
        times: [...times, ...scan.slice(0, uses).map((_, at) => second(at)), second(uses)],
      })
      return (await outcomesOf(trace, 'memcached', { capacity: 10 })).at(-1)
    }
    expect(await last(18, (at) => at + 1)).toBe('hit')
    expect(await last(30, (at) => at + 1)).toBe('capacity')
    expect(await last(30, () => 0)).toBe('hit')
  })

  it('takes a key that is used in warm back to the front', async () => {
    // Room for 5: hot and warm hold 1 and 2. a, b and c become warm in turn; with c, a would go to cold, but it was used,
    // and b goes, which is evicted by the fourth that comes after.
    const requests = 'a b c d e a a b b a c c f g h i j'
    expect(await hitsIn(`${requests} a`, 'memcached', 5)).toMatch(/a\+$/)
    expect(await hitsIn(`${requests} c`, 'memcached', 5)).toMatch(/c\+$/)
    expect(await hitsIn(`${requests} b`, 'memcached', 5)).toMatch(/b-$/)
  })

  it('does what arrays do', async () => {
    await expectAsModel('memcached', (context) => new Model(context))
  })

  it('does what arrays do over hours', async () => {
    const request = fc.record({
      key: fc.oneof(fc.nat(5), fc.nat(25)),
      gap: fc.constantFrom(0, 0, 0, 0, 1, 20, 61, 200),
      op: fc.constantFrom(...new Array<number>(15).fill(Op.read), Op.write, Op.delete),
    })
    let evictions = 0
    const model = definePolicy({
      name: 'model',
      summary: 'a model',
      create: (context) => new Model(context),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 50, maxLength: 400, size: 'max' }),
        fc.integer({ min: 1, max: 20 }),
        async (list, capacity) => {
          const trace = traceFrom(list)
          const expected = await outcomesOf(trace, model, { capacity })
          expect(await outcomesOf(trace, 'memcached', { capacity })).toEqual(expected)
          if (expected.includes('capacity')) evictions++
        },
      ),
      { numRuns: 200 },
    )
    expect(evictions).toBeGreaterThan(100)
  })

  // As memcached 1.6.18 does when it is started with -o hot_lru_pct=…,warm_lru_pct=…
  it.each([
    ['hotPercent=40,warmPercent=40', true],
    ['hotPercent=79,warmPercent=1', true],
    ['hotPercent=1,warmPercent=79', true],
    ['hotPercent=40', true],
    ['warmMaxFactor=0.001', true],
    ['hotPercent=41,warmPercent=40', false],
    ['warmPercent=61', false],
    ['hotPercent=41', false],
    ['hotPercent=80,warmPercent=1', false],
    ['hotPercent=0', false],
    ['warmPercent=0', false],
    ['hotMaxFactor=0', false],
    ['warmMaxFactor=0', false],
  ])('(%s) can be as the server can: %s', (settings, starts) => {
    const choose = () => choosePolicy(`memcached(${settings})`)
    if (starts) expect(choose).not.toThrow()
    else expect(choose).toThrow(/they must be 80 at most together|it must be a (whole )?number from/)
  })

  it('counts time in requests where the trace has none', async () => {
    // As above, one request a second: 0 grows too old for warm.
    const keys = [...Array(10).keys(), 0, 0, ...Array.from({ length: 40 }, (_, at) => 10 + at), 0]
    const run = (policy: string, times?: number[]) =>
      outcomesOf(createTrace({ keys, ...(times && { times }) }), policy, { capacity: 10 })
    const slow = await run('memcached(requestsPerSecond=1)')
    expect(slow.at(-1)).toBe('capacity')
    expect(slow).toEqual(await run('memcached', [...keys.keys()]))
    expect((await run('memcached')).at(-1)).toBe('hit')
  })
})
