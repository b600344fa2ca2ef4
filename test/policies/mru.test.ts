import { expect, it } from 'vitest'
import type { EvictionPolicy } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { expectAsModel, hitsIn } from '../support/against-model.ts'
import { hitsOf } from '../support/replay.ts'

it('gives up the key used last, worked by hand', async () => {
  expect(await hitsIn('a b a c b a c', 'mru', 2)).toBe('a- b- a+ c- b+ a- c+')
})

it('is the best there is for a loop longer than the cache', async () => {
  // Ten rounds of 0 … 19 with room for 8: lru hits never, mru as often as Belady’s MIN.
  const trace = createTrace({ keys: Array.from({ length: 200 }, (_, at) => at % 20) })
  expect(await hitsOf(trace, 'lru', { capacity: 8 })).toBe(0)
  expect(await hitsOf(trace, 'mru', { capacity: 8 })).toBe(
    await hitsOf(trace, 'optimal(bypass=false)', { capacity: 8 }),
  )
})

class Model implements EvictionPolicy {
  private keys: number[] = []

  touch(key: number): void {
    this.remove(key)
    this.keys.push(key)
  }

  insert(key: number): void {
    this.keys.push(key)
  }

  evict(): number {
    return this.keys.pop()!
  }

  remove(key: number): void {
    this.keys = this.keys.filter((one) => one !== key)
  }
}

it('does what an array does', async () => {
  await expectAsModel('mru', () => new Model())
})
