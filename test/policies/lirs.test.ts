import { expect, it } from 'vitest'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { expectAsModel, hitsIn } from '../support/against-model.ts'

it('keeps keys of short inter-reference recency through a scan, worked by hand', async () => {
  // Room for 3, two of it LIR: a and b. c, d, e pass through the one HIR place. d comes back while it is in the stack,
  // above the last LIR key a: it becomes LIR in a’s place, and a takes the HIR place until f comes.
  expect(await hitsIn('a b c d e d b f a d b', 'lirs', 3)).toBe('a- b- c- d- e- d- b+ f- a- d+ b+')
})

it('hits in a loop longer than the cache, where lru never does', async () => {
  // 0 … 5 round and round with room for 4: three LIR keys hit in every round after the first.
  const loop = [0, 1, 2, 3, 4, 5]
  const requests = [...loop, ...loop, ...loop].join(' ')
  const hits = (await hitsIn(requests, 'lirs', 4)).match(/\+/g)
  expect(hits).toHaveLength(6)
  expect((await hitsIn(requests, 'lru', 4)).match(/\+/g)).toBeNull()
})

interface Block {
  readonly key: number
  size: number
  kind: 'lir' | 'hir' | 'gone'
}

/** One array for the stack, most recent first, one for the queue, and one for the order in which keys left. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private stack: Block[] = []
  private queue: Block[] = []
  private left: Block[] = []
  private readonly share: number
  private readonly limit: number

  constructor(context: PolicyContext, hir: number, stack: number) {
    this.context = context
    this.share = context.capacity - Math.max(1, Math.floor(context.capacity * hir))
    this.limit = stack * context.capacity
  }

  touch(key: number): void {
    const block = [...this.stack, ...this.queue].find((one) => one.key === key)!
    block.size = this.context.sizeOf(key)
    const inStack = this.stack.includes(block)
    this.stack = [block, ...this.stack.filter((one) => one !== block)]
    if (block.kind === 'hir') {
      this.queue = this.queue.filter((one) => one !== block)
      if (inStack) block.kind = 'lir'
      else this.queue.push(block)
    }
    this.settle()
  }

  insert(key: number): void {
    const size = this.context.sizeOf(key)
    const known = this.left.find((one) => one.key === key)
    const block: Block = known ?? { key, size, kind: 'hir' }
    block.size = size
    this.left = this.left.filter((one) => one !== known)
    if (known || this.lir() + size <= this.share) block.kind = 'lir'
    else this.queue.push(block)
    this.stack = [block, ...this.stack.filter((one) => one !== known)]
    this.settle()
  }

  evict(): number {
    if (this.queue.length === 0) this.demote()
    const victim = this.queue.shift()!
    victim.kind = 'gone'
    if (this.stack.includes(victim)) this.left.push(victim)
    return victim.key
  }

  remove(key: number): void {
    const [lir] = this.stack.filter((one) => one.key === key && one.kind === 'lir')
    this.stack = this.stack.filter((one) => one.key !== key)
    this.queue = this.queue.filter((one) => one.key !== key)
    if (lir) this.prune()
  }

  private lir(): number {
    return this.stack.reduce((sum, { kind, size }) => sum + (kind === 'lir' ? size : 0), 0)
  }

  private settle(): void {
    this.prune()
    while (this.lir() > this.share) this.demote()
    while (this.left.length > 0 && this.stack.reduce((sum, { size }) => sum + size, 0) > this.limit) {
      const longest = this.left.shift()
      this.stack = this.stack.filter((one) => one !== longest)
    }
  }

  private demote(): void {
    const block = this.stack.pop()!
    block.kind = 'hir'
    this.queue.push(block)
    this.prune()
  }

  private prune(): void {
    while (this.stack.length > 0 && this.stack.at(-1)!.kind !== 'lir') {
      const block = this.stack.pop()!
      this.left = this.left.filter((one) => one !== block)
    }
  }
}

it.each([
  [0.01, 2],
  [0.3, 1],
  [0.5, 1000],
  [1, 2],
])('does with an HIR share of %d and a stack of %d caches what arrays do', async (hir, stack) => {
  await expectAsModel(`lirs(hir=${hir},stack=${stack})`, (context) => new Model(context, hir, stack))
})
