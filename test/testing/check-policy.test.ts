import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import type { EvictionPolicy, PolicyContext, PolicyDraft } from '../../src/core/policy.ts'
import { withAdmission } from '../../src/experiments/policies.ts'
import { checkPolicy } from '../../src/testing/index.ts'
import { folderWith } from '../support/cli.ts'

/** FIFO over a plain array: right, and the soil of every fault below. */
class Fifo implements EvictionPolicy {
  queue: number[] = []
  touch(_key: number, _at: number): void {}
  insert(key: number, _at: number): void {
    this.queue.push(key)
  }
  evict(_incoming: number, _at: number): number {
    return this.queue.shift()!
  }
  remove(key: number): void {
    this.queue = this.queue.filter((other) => other !== key)
  }
}

const fifo = (create: (context: PolicyContext) => EvictionPolicy = () => new Fifo()): PolicyDraft => ({
  name: 'mine',
  summary: 'evicts the key that came in first',
  create,
})

const failureOf = (draft: string | PolicyDraft, options = {}) =>
  checkPolicy(draft, options).then(
    () => expect.unreachable('no fault was found'),
    (error: Error) => error,
  )

/** State outside what `create` returns. */
const shared: number[] = []
let latest: number[] = []
let calls = 0

class RoomForOneLess extends Fifo {
  readonly ring: Int32Array
  constructor({ maxEntries }: PolicyContext) {
    super()
    this.ring = new Int32Array(maxEntries - 1).fill(-1)
  }
  override insert(key: number): void {
    const free = this.ring.indexOf(-1)
    if (free === -1) throw new RangeError('the ring is full')
    this.ring[free] = key
  }
  override evict(): number {
    const victim = this.ring[0]!
    this.ring.copyWithin(0, 1)
    this.ring[this.ring.length - 1] = -1
    return victim
  }
  override remove(key: number): void {
    this.ring[this.ring.indexOf(key)] = -1
  }
}

class LastIdLess extends Fifo {
  readonly present: Uint8Array
  constructor({ keyCount }: PolicyContext) {
    super()
    this.present = new Uint8Array(keyCount - 1)
  }
  override insert(key: number): void {
    this.present[key] = 1
  }
  override evict(): number {
    const victim = this.present.indexOf(1)
    this.present[victim] = 0
    return victim
  }
  override remove(key: number): void {
    this.present[key] = 0
  }
}

const faults: Record<string, readonly [create: (context: PolicyContext) => EvictionPolicy, says: RegExp]> = {
  'forgets nothing that was removed': [
    () => Object.assign(new Fifo(), { remove() {} }),
    /evict gave up key \d+, which is not resident/,
  ],
  'removes another key': [
    () =>
      new (class extends Fifo {
        override remove() {
          this.queue.pop()
        }
      })(),
    /evict gave up (key \d+, which is not resident|nothing, which is no key)/,
  ],
  'gives up the same key again': [
    () =>
      new (class extends Fifo {
        override evict() {
          return this.queue[0]!
        }
      })(),
    /evict gave up key \d+, which is not resident/,
  ],
  'gives up the key with the lowest id that it has ever seen': [
    () =>
      new (class extends Fifo {
        override evict() {
          return Math.min(...this.queue)
        }
      })(),
    /evict gave up key \d+, which is not resident/,
  ],
  'loses a key that is used': [
    () =>
      new (class extends Fifo {
        override touch(key: number) {
          this.remove(key)
        }
      })(),
    /evict gave up nothing, which is no key/,
  ],
  'takes key 0 for none': [
    () =>
      new (class extends Fifo {
        override evict() {
          const victim = this.queue.find(Boolean)
          return victim === undefined ? -1 : this.queue.splice(this.queue.indexOf(victim), 1)[0]!
        }
      })(),
    /evict gave up key -1, which is not resident/,
  ],
  'has room for one entry less': [(context) => new RoomForOneLess(context), /failed: RangeError|gave up/],
  'knows one id less': [(context) => new LastIdLess(context), /evict gave up key -1, which is not resident/],
  'takes bytes for entries': [
    ({ capacity }) => {
      const policy = new Fifo()
      return Object.assign(policy, {
        insert(key: number) {
          if (policy.queue.push(key) > capacity) throw new Error('more entries than fit')
        },
      })
    },
    /insert failed: more entries than fit/,
  ],
  'gives up one key a request only': [
    () =>
      new (class extends Fifo {
        last = -1
        override evict(incoming: number, at: number) {
          if (this.last === at) return undefined as never
          this.last = at
          return super.evict(incoming, at)
        }
      })(),
    /evict gave up nothing, which is no key/,
  ],
  'keeps its state in the module': [() => Object.assign(new Fifo(), { queue: shared }), /did otherwise/],
  'keeps its state in the module, emptied by create': [
    () => {
      latest = []
      return {
        touch() {},
        insert: (key: number) => void latest.push(key),
        evict: () => latest.shift()!,
        remove: (key: number) => void latest.splice(latest.indexOf(key), 1),
      }
    },
    /beside another instance it did otherwise than alone/,
  ],
  'draws from elsewhere': [
    () =>
      new (class extends Fifo {
        override evict() {
          // As Math.random() does, and the same on every run of this test.
          const at = (calls++ % 3) % this.queue.length
          return this.queue.splice(at, 1)[0]!
        }
      })(),
    /did otherwise .* all chance come from context\.random/,
  ],
  'names another victim than it gives up': [
    () =>
      Object.assign(new Fifo(), {
        victim(this: Fifo) {
          return this.queue.at(-1)!
        },
      }),
    /victim named key \d+, but evict gave up key \d+/,
  ],
  'gives its victim up when asked for it': [
    () =>
      Object.assign(new Fifo(), {
        victim(this: Fifo) {
          return this.queue.shift()!
        },
      }),
    /victim named key \d+, but evict gave up|gave up nothing|is not resident/,
  ],
  'says neither yes nor no': [
    () => Object.assign(new Fifo(), { admit() {} }) as unknown as EvictionPolicy,
    /admit gave nothing/,
  ],
  'gives up a text': [
    () =>
      new (class extends Fifo {
        override evict() {
          return String(this.queue.shift()) as never
        }
      })(),
    /evict gave up '\d+', which is no key/,
  ],
  'writes to the trace': [
    (context) =>
      Object.assign(new Fifo(), {
        evict(this: Fifo, _: number, at: number) {
          context.keys[at + 1] = this.queue.at(-1)!
          return this.queue.shift()!
        },
      }),
    /it wrote to context\.keys/,
  ],
  'throws on a hit': [
    () =>
      Object.assign(new Fifo(), {
        touch() {
          throw new TypeError('oh no')
        },
      }),
    /touch failed: TypeError: oh no/,
  ],
}

describe('checkPolicy', () => {
  it('is content with a policy that is right, a plain object too', async () => {
    await checkPolicy(fifo())
    await checkPolicy({ ...fifo(), needs: ['sizes', 'costs', 'ttl'], parameters: {}, bound: false })
  })

  it.each(Object.entries(faults))('finds one that %s, in a few requests', async (_, [create, says]) => {
    const { message } = await failureOf(fifo(create))
    expect(message).toMatch(says)
    expect(message).toMatch(/^policy 'mine': [^\n]+\n\n {2}a cache of \d+ (entr|byte)/)
    const requests = message.match(/^ {2}request \d+:/gm) ?? []
    expect(requests.length).toBeGreaterThan(0)
    expect(requests.length, message).toBeLessThanOrEqual(6)
  })

  it('shows the requests, the calls, and where they come to grief', async () => {
    const { message } = await failureOf(fifo(faults['forgets nothing that was removed']![0]))
    expect(message).toMatchInlineSnapshot(`
      "policy 'mine': evict gave up key 0, which is not resident

        a cache of 1 entry; keys 0 … 4
        request 0: read key 0             insert(0, 0)
        request 1: delete key 0           remove(0)
        request 2: read key 1             insert(1, 2)
        room for key 2, again and again:  evict(2, 2) = 0"
    `)
  })

  it('shows what was done before beside what is done now', async () => {
    const { message } = await failureOf(fifo(faults['keeps its state in the module, emptied by create']![0]))
    expect(message).toMatchInlineSnapshot(`
      "policy 'mine': beside another instance it did otherwise than alone: all its state must be in what create returns, all chance come from context.random

        a cache of 1 entry; keys 0 … 2
        request 0: read key 0             insert(0, 0)
        room for key 1, again and again:  evict(1, 0) = 2   (before: evict(1, 0) = 0)"
    `)
  })

  it('keeps what the policy threw as the cause', async () => {
    const { cause } = await failureOf(fifo(faults['throws on a hit']![0]))
    expect(cause).toBeInstanceOf(TypeError)
  })

  it('checks the same with the same seed', async () => {
    const draft = fifo(faults['has room for one entry less']![0])
    const { message } = await failureOf(draft, { seed: 5 })
    expect((await failureOf(draft, { seed: 5 })).message).toBe(message)
  })

  it('takes settings', async () => {
    const seen = new Set<unknown>()
    const draft = {
      ...fifo(),
      parameters: { k: { type: 'integer', default: 2, minimum: 1, description: 'uses' } },
      create(_: PolicyContext, { k }: { readonly k: number }) {
        seen.add(k)
        return new Fifo()
      },
    } as const
    await checkPolicy(draft, { parameters: { k: 5 }, runs: 3 })
    expect([...seen]).toEqual([5])
    await expect(checkPolicy(draft, { parameters: { k: 0 } })).rejects.toThrow("'k' of policy 'mine' is '0'")
  })

  it('takes a text as the command line does, a file too, and a policy behind filters', async () => {
    await checkPolicy('lru-k(k=3)', { runs: 20 })
    await checkPolicy('lru+tinylfu', { runs: 20 })
    await checkPolicy(withAdmission(fifo(), 'doorkeeper(2)'), { runs: 20 })
    const folder = folderWith({
      'lost.mjs':
        "export default { name: 'lost', summary: 'x', create: () => ({ touch() {}, insert() {}, evict: () => 7, remove() {} }) }",
    })
    const { message } = await failureOf(join(folder, 'lost.mjs'))
    expect(message).toMatch(/^policy 'lost': evict gave up key 7, which is not resident\n/)
  })

  it.each([
    ['nothing', undefined, {}, 'checkPolicy() is given nothing'],
    ['no create', { name: 'x', summary: 'y' }, {}, "checkPolicy() needs 'create'"],
    ['no policy', fifo(() => ({}) as EvictionPolicy), {}, "create of policy 'mine' has no method 'touch'"],
    ['an unknown option', fifo(), { run: 5 }, "option of checkPolicy() 'run'; did you mean 'runs'?"],
    ['no runs', fifo(), { runs: 0 }, "'runs' of checkPolicy() is 0: it must be a whole number of 1 or more"],
    ['a name that is none', 'lur', {}, "unknown policy 'lur'; did you mean 'lru'?"],
    ['a list of names', 'lru,lfu', {}, "'lru,lfu' is not understood"],
    ['a file that is not there', './nowhere.js', {}, "'./nowhere.js' cannot be read"],
    [
      'settings beside a text',
      'lru-k',
      { parameters: { k: 3 } },
      "'lru-k' and parameters: write the settings",
    ],
    ['a part of a run', fifo(), { runs: 0.5 }, "'runs' of checkPolicy() is 0.5"],
  ])('refuses %s in a sentence', async (_, draft, options, says) => {
    const error = await failureOf(draft as PolicyDraft, options)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toContain(says)
  })
})
