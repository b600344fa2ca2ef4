import { expect, it } from 'vitest'
import type { EvictionPolicy } from '../../src/core/policy.ts'
import { expectAsModel, hitsIn } from '../support/against-model.ts'

it('spares the key that was used since the hand passed, worked by hand', async () => {
  // At d the hand passes a, which was used, and takes b. At a it is a hit again, and the hand stands at c: b takes its
  // place, then the hand passes a (used once more) and d goes.
  expect(await hitsIn('a b c a d a b d', 'clock', 3)).toBe('a- b- c- a+ d- a+ b- d+')
  expect(await hitsIn('a b c a d a b c d', 'clock', 3)).toBe('a- b- c- a+ d- a+ b- c- d-')
})

it('is fifo where nothing is used twice in a stay', async () => {
  expect(await hitsIn('a b c a b c', 'clock', 2)).toBe('a- b- c- a- b- c-')
})

it('spares a key as many rounds as its counter holds', async () => {
  // With one bit two uses of a count for one: b and then a itself go. With two bits a outlives two rounds of one.
  const requests = 'a a a b c d a'
  expect(await hitsIn(requests, 'clock', 1)).toBe('a- a+ a+ b- c- d- a-')
  expect(await hitsIn(requests, 'clock', 2)).toBe('a- a+ a+ b- c- d- a-')
  expect(await hitsIn(requests, 'clock(bits=2)', 2)).toBe('a- a+ a+ b- c- d- a+')
})

/** Frames in a circle, and a hand. */
class Model implements EvictionPolicy {
  private frames: { key: number; counter: number }[] = []
  private hand = 0
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit
  }

  touch(key: number): void {
    const frame = this.frames.find((one) => one.key === key)!
    frame.counter = Math.min(frame.counter + 1, this.limit)
  }

  insert(key: number): void {
    this.frames.splice(this.hand, 0, { key, counter: 0 })
    this.hand = (this.hand + 1) % this.frames.length
  }

  evict(): number {
    while (this.frames[this.hand]!.counter > 0) {
      this.frames[this.hand]!.counter--
      this.hand = (this.hand + 1) % this.frames.length
    }
    const { key } = this.frames[this.hand]!
    this.remove(key)
    return key
  }

  remove(key: number): void {
    const at = this.frames.findIndex((one) => one.key === key)
    this.frames.splice(at, 1)
    if (at < this.hand) this.hand--
    if (this.hand === this.frames.length) this.hand = 0
  }
}

it.each([1, 2, 8])('does with %i bits what a circle of frames and a hand does', async (bits) => {
  await expectAsModel(`clock(bits=${bits})`, () => new Model(2 ** bits - 1))
})
