import { expect, it } from 'vitest'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { expectAsModel, hitsIn } from '../support/against-model.ts'

it('makes hot what comes back in its test period, and lets a scan pass beside it, worked by hand', async () => {
  // a leaves at d, in its test period; b is the next to leave, for a, which comes back hot. From then on d, c and what
  // follows pass through the cold places, and a stays though it is not used.
  expect(await hitsIn('a b c d a e f g a', 'clock-pro', 3)).toBe('a- b- c- d- a- e- f- g- a+')
  expect(await hitsIn('a b c d a e f g a', 'clock', 3)).toBe('a- b- c- d- a- e- f- g- a-')
})

interface Page {
  readonly key: number
  size: number
  resident: boolean
  hot: boolean
  test: boolean
  used: boolean
}

/** The clock as an array and the hands as pages, as the paper tells it. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private clock: Page[] = []
  private hands: Record<'hot' | 'cold' | 'test', Page | undefined> = {
    hot: undefined,
    cold: undefined,
    test: undefined,
  }
  private mc: number
  private returning: number | undefined

  constructor(context: PolicyContext, cold: number) {
    this.context = context
    this.mc = Math.max(1, Math.floor(cold * context.capacity))
  }

  touch(key: number): void {
    const page = this.clock.find((one) => one.key === key)!
    page.used = true
    page.size = this.context.sizeOf(key)
  }

  insert(key: number): void {
    this.recall(key)
    const hot = this.returning === key
    this.returning = undefined
    const page = { key, size: this.context.sizeOf(key), resident: true, hot, test: !hot, used: false }
    this.toHead(page)
    if (hot) this.limitHot()
  }

  evict(incoming: number): number {
    this.recall(incoming)
    for (;;) {
      if (!this.clock.some(({ resident, hot }) => resident && !hot)) this.runHot()
      const page = this.step('cold')
      if (!page.resident || page.hot) continue
      if (page.used) {
        this.drop(page)
        page.used = false
        page.hot = page.test
        page.test = !page.hot
        this.toHead(page)
        if (!page.hot) continue
        this.adapt(page.size)
        this.limitHot()
        continue
      }
      if (!page.test) this.drop(page)
      page.resident = false
      while (this.weight((one) => !one.resident) > this.context.capacity) this.endTest(this.step('test'))
      return page.key
    }
  }

  remove(key: number): void {
    this.drop(this.clock.find((one) => one.key === key)!)
  }

  private weight(of: (page: Page) => boolean): number {
    return this.clock.filter(of).reduce((sum, { size }) => sum + size, 0)
  }

  private limitHot(): void {
    while (this.weight(({ hot }) => hot) > this.context.capacity - this.mc) this.runHot()
  }

  private runHot(): void {
    for (;;) {
      const page = this.step('hot')
      if (!page.hot) this.endTest(page)
      else if (page.used) page.used = false
      else {
        page.hot = false
        return
      }
    }
  }

  private endTest(page: Page): void {
    if (!page.test) return
    page.test = false
    if (!page.used) this.adapt(-page.size)
    if (!page.resident) this.drop(page)
  }

  private adapt(by: number): void {
    this.mc = Math.min(Math.max(this.mc + by, 1), this.context.capacity)
  }

  private recall(key: number): void {
    const page = this.clock.find((one) => one.key === key && !one.resident)
    if (!page) return
    this.adapt(page.size)
    this.drop(page)
    this.returning = key
  }

  /** Moves a hand on and says which page it pointed at. */
  private step(hand: 'hot' | 'cold' | 'test'): Page {
    const page = this.hands[hand]!
    this.hands[hand] = this.after(page)
    return page
  }

  private after(page: Page): Page {
    return this.clock[(this.clock.indexOf(page) + 1) % this.clock.length]!
  }

  private toHead(page: Page): void {
    if (this.clock.length === 0) this.hands = { hot: page, cold: page, test: page }
    this.clock.splice(Math.max(this.clock.indexOf(this.hands.hot!), 0), 0, page)
  }

  private drop(page: Page): void {
    for (const hand of ['hot', 'cold', 'test'] as const) {
      if (this.hands[hand] === page) this.hands[hand] = this.after(page)
    }
    this.clock = this.clock.filter((one) => one !== page)
  }
}

it.each([0.01, 0.5, 1])(
  'does with a cold share of %d to start with what an array and three hands do',
  async (cold) => {
    await expectAsModel(`clock-pro(cold=${cold})`, (context) => new Model(context, cold))
  },
)
