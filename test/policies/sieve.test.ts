import { expect, it } from 'vitest'
import type { EvictionPolicy } from '../../src/core/policy.ts'
import { expectAsModel, hitsIn } from '../support/against-model.ts'

it('spares what was used and lets it keep its place, worked by hand', async () => {
  // Room for 7; a, b and g are used. h: the hand clears a and b and takes c. i: d was used and is cleared, e goes.
  // j: the hand stands at f, which goes, though a and b, older, are cleared; a second chance would have moved them ahead.
  const requests = 'a b c d e f g a b g h a d i b j a b d g h i j c'
  expect(await hitsIn(requests, 'sieve', 7)).toBe(
    'a- b- c- d- e- f- g- a+ b+ g+ h- a+ d+ i- b+ j- a+ b+ d+ g+ h+ i+ j+ c-',
  )
})

it('goes on at the oldest key once the hand has passed the newest', async () => {
  // At c the hand clears a and b, is through, and takes a. At d it stands at b, which goes; c came in ahead of it.
  expect(await hitsIn('a b a b c d c b', 'sieve', 2)).toBe('a- b- a+ b+ c- d- c+ b-')
})

/** The oldest first. */
class Model implements EvictionPolicy {
  private entries: { readonly key: number; visited: boolean }[] = []
  /** The key the hand stands at, or none: the oldest. */
  private hand: number | undefined

  touch(key: number): void {
    this.entries.find((entry) => entry.key === key)!.visited = true
  }

  insert(key: number): void {
    this.entries.push({ key, visited: false })
  }

  evict(): number {
    let at = Math.max(
      0,
      this.entries.findIndex(({ key }) => key === this.hand),
    )
    while (this.entries[at]!.visited) {
      this.entries[at]!.visited = false
      at = (at + 1) % this.entries.length
    }
    const { key } = this.entries[at]!
    this.hand = this.entries[at + 1]?.key
    this.entries.splice(at, 1)
    return key
  }

  remove(key: number): void {
    const at = this.entries.findIndex((entry) => entry.key === key)
    if (this.hand === key) this.hand = this.entries[at + 1]?.key
    this.entries.splice(at, 1)
  }
}

it('does what an array does', async () => {
  await expectAsModel('sieve', () => new Model())
})
