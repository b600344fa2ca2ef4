import { expect, it } from 'vitest'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { expectAsModel, hitsIn, type Item, sizeOfAll, take } from '../support/against-model.ts'

it('tries newcomers out, keeps what was used and what comes back, worked by hand', async () => {
  // Shares of two, and two ghosts. e: a was used twice and moves to main, b goes and is a ghost. b comes back, to main,
  // and c goes; c does the same, and d goes. f: main holds a, b, c, more than its share, and gives up a, not used there.
  // So b, c and e are still there, and a is new.
  const requests = 'a a a b c d e b c f b c e a'
  expect(await hitsIn(requests, 's3-fifo(small=0.5,ghost=0.5)', 4)).toBe(
    'a- a+ a+ b- c- d- e- b- c- f- b+ c+ e+ a-',
  )
})

it('lets a scan pass through the small queue', async () => {
  const scan = Array.from({ length: 40 }, (_, at) => `s${at}`).join(' ')
  const hits = await hitsIn(`a a a b b b ${scan} a b`, 's3-fifo', 10)
  expect(hits.slice(-5)).toBe('a+ b+')
  expect((await hitsIn(`a a a b b b ${scan} a b`, 'lru', 10)).slice(-5)).toBe('a- b-')
})

it('fills main while there is room, if told to', async () => {
  // Both have room for 10, of which 1 is the small queue’s. Filled by 0 … 9, 0 comes in first; with main filled, 0 alone
  // is in small and goes at 10, then main is at its share and 10, in small, goes at 11. Else 0, then 1 go.
  const requests = '0 1 2 3 4 5 6 7 8 9 10 11 1 10'
  expect(await hitsIn(requests, 's3-fifo(fillMain=true)', 10)).toContain('11- 1+ 10-')
  expect(await hitsIn(requests, 's3-fifo', 10)).toContain('11- 1- 10+')
})

interface Shares {
  readonly small: number
  readonly ghost: number
  readonly threshold: number
  readonly fillMain: boolean
}

interface Used extends Item {
  uses: number
}

/** Arrays, the oldest first. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private readonly shares: Shares
  private small: Used[] = []
  private main: Used[] = []
  private ghosts: Item[] = []
  private recalled: number | undefined
  private evicted = false

  constructor(context: PolicyContext, shares: Shares) {
    this.context = context
    this.shares = shares
  }

  touch(key: number): void {
    const entry = { key, size: this.context.sizeOf(key), uses: 0 }
    for (const queue of [this.small, this.main]) {
      const at = queue.findIndex((other) => other.key === key)
      if (at !== -1) queue[at] = { ...entry, uses: queue[at]!.uses + 1 }
    }
  }

  insert(key: number): void {
    const returns = take(this.ghosts, key) !== undefined || this.recalled === key
    this.recalled = undefined
    const share = Math.floor(this.context.capacity * this.shares.small)
    const fills = this.shares.fillMain && !this.evicted && sizeOfAll(this.small) >= share
    const queue = returns || fills ? this.main : this.small
    queue.push({ key, size: this.context.sizeOf(key), uses: 0 })
  }

  evict(incoming: number): number {
    if (take(this.ghosts, incoming)) this.recalled = incoming
    this.evicted = true
    const { capacity } = this.context
    const { small, ghost, threshold } = this.shares
    const mainShare = capacity - Math.floor(capacity * small)
    if (sizeOfAll(this.main) <= mainShare) {
      for (let oldest = this.small.shift(); oldest; oldest = this.small.shift()) {
        if (oldest.uses < threshold) {
          const ghostShare = Math.floor(capacity * ghost)
          if (oldest.size <= ghostShare) {
            this.ghosts.push(oldest)
            while (sizeOfAll(this.ghosts) > ghostShare) this.ghosts.shift()
          }
          return oldest.key
        }
        this.main.push({ ...oldest, uses: 0 })
      }
    }
    for (;;) {
      const oldest = this.main.shift()!
      if (oldest.uses === 0) return oldest.key
      this.main.push({ ...oldest, uses: Math.min(oldest.uses, 3) - 1 })
    }
  }

  remove(key: number): void {
    take(this.small, key)
    take(this.main, key)
  }
}

it.each([
  { small: 0.1, ghost: 0.9, threshold: 2, fillMain: false },
  { small: 0.3, ghost: 0.5, threshold: 1, fillMain: true },
  { small: 0.6, ghost: 2, threshold: 3, fillMain: true },
  { small: 0, ghost: 1, threshold: 1, fillMain: false },
  { small: 1, ghost: 0, threshold: 2, fillMain: false },
])('does what arrays do, with %o', async (shares) => {
  const settings = Object.entries(shares).map(([name, value]) => `${name}=${value}`)
  await expectAsModel(`s3-fifo(${settings})`, (context) => new Model(context, shares))
})
