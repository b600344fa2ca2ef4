import { expect, it } from 'vitest'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { expectAsModel, hitsIn, type Item, sizeOfAll, take } from '../support/against-model.ts'

it('lets a scan pass below what was used twice, worked by hand', async () => {
  // a has two uses and stands in the second queue; b … e pass through the first.
  expect(await hitsIn('a a b c d e a', 'mq', 2)).toBe('a- a+ b- c- d- e- a+')
})

it('lets a key fall that is not used for its life time', async () => {
  // With one request per entry a falls at d, to the back of the first queue behind d: e drives out d, f drives out a.
  expect(await hitsIn('a a b c d e f a', 'mq(life=1)', 2)).toBe('a- a+ b- c- d- e- f- a-')
})

interface Entry extends Item {
  count: number
  queue: number
  until: number
}

/** One array by last move, from which queues are picked, and one of what left. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private entries: Entry[] = []
  private left: Entry[] = []
  private readonly queues: number
  private readonly life: number
  private readonly out: number

  constructor(context: PolicyContext, queues: number, life: number, out: number) {
    this.context = context
    this.queues = queues
    this.life = life * context.maxEntries
    this.out = out * context.capacity
  }

  touch(key: number, at: number): void {
    this.insert(key, at)
  }

  insert(key: number, at: number): void {
    const known = (take(this.entries, key) ?? take(this.left, key)) as Entry | undefined
    const count = (known?.count ?? 0) + 1
    const queue = Math.min(Math.floor(Math.log2(count)), this.queues - 1)
    this.entries.push({ key, size: this.context.sizeOf(key), count, queue, until: at + this.life })
    for (let from = 1; from < this.queues; from++) {
      const first = this.entries.find((one) => one.queue === from)
      if (!first || first.until >= at) continue
      take(this.entries, first.key)
      this.entries.push({ ...first, queue: from - 1, until: at + this.life })
    }
  }

  evict(): number {
    const lowest = Math.min(...this.entries.map(({ queue }) => queue))
    const victim = this.entries.find(({ queue }) => queue === lowest)!
    take(this.entries, victim.key)
    this.left.push(victim)
    while (sizeOfAll(this.left) > this.out) this.left.shift()
    return victim.key
  }

  remove(key: number): void {
    take(this.entries, key)
  }
}

it.each([
  [8, 4, 4],
  [3, 0.5, 1],
  [2, 0, 0],
])('does with %d queues, a life time of %d and %d remembered what arrays do', async (queues, life, out) => {
  await expectAsModel(
    `mq(queues=${queues},life=${life},out=${out})`,
    (context) => new Model(context, queues, life, out),
  )
})
