import { expect, it } from 'vitest'
import type { EvictionPolicy } from '../../src/core/policy.ts'
import { expectAsModel, hitsIn } from '../support/against-model.ts'

it('lets what was popular once go in the end, worked by hand', async () => {
  // a has priority 3. b (1), c (2), d (3) come and go one after another, each with the age the last left with. d was set
  // later than a, so e drives out a; lfu keeps a for ever.
  const requests = 'a a a b c d e a'
  expect(await hitsIn(requests, 'lfu-da', 2)).toBe('a- a+ a+ b- c- d- e- a-')
  expect(await hitsIn(requests, 'lfu', 2)).toBe('a- a+ a+ b- c- d- e- a+')
})

class Model implements EvictionPolicy {
  private entries: { key: number; count: number; priority: number }[] = []
  private age = 0

  touch(key: number): void {
    const entry = this.entries.find((one) => one.key === key)!
    this.remove(key)
    this.entries.push({ key, count: entry.count + 1, priority: entry.count + 1 + this.age })
  }

  insert(key: number): void {
    this.entries.push({ key, count: 1, priority: 1 + this.age })
  }

  evict(): number {
    const [victim] = this.entries.toSorted((a, b) => a.priority - b.priority)
    this.age = victim!.priority
    this.remove(victim!.key)
    return victim!.key
  }

  remove(key: number): void {
    this.entries = this.entries.filter((one) => one.key !== key)
  }
}

it('does what sorting does', async () => {
  await expectAsModel('lfu-da', () => new Model())
})
