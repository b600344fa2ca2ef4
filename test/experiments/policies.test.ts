import { describe, expect, it } from 'vitest'
import { defineAdmission } from '../../src/core/admission.ts'
import { InputError } from '../../src/core/errors.ts'
import { definePolicy } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { compare } from '../../src/experiments/compare.ts'
import { choosePolicies, choosePolicy, withAdmission } from '../../src/experiments/policies.ts'
import { policies } from '../../src/policies/index.ts'
import { OTHER_NAMES } from '../../src/policies/other-names.ts'

const texts = async (choice: Parameters<typeof choosePolicies>[0]) =>
  (await choosePolicies(choice))(everything).policies.map(({ text }) => text)

/** Has all that a policy can ask for. */
const everything = createTrace({ keys: ['a'], times: [0], sizes: [1], costs: [1] })

/** Gives up the resident with the lowest id. */
const mine = definePolicy({
  name: 'mine',
  summary: 'evicts the lowest id',
  parameters: { step: { type: 'integer', default: 1, description: '' } },
  create() {
    const residents = new Set<number>()
    return {
      touch() {},
      insert: (key) => void residents.add(key),
      evict() {
        const victim = Math.min(...residents)
        residents.delete(victim)
        return victim
      },
      remove: (key) => void residents.delete(key),
    }
  },
})

describe('admission filters', () => {
  it('stand behind policies and +, in any number', async () => {
    const chain = 's3-fifo( small=0.2 ) + doorkeeper + max-size( 1 MiB )'
    expect(await texts(['lru', chain])).toEqual(['lru', 's3-fifo(small=0.2)+doorkeeper+max-size(1MiB)'])
    expect(await texts('lru+tinylfu,s3-fifo(small=0.2,ghost=1)+doorkeeper(period=2),lru')).toEqual([
      'lru+tinylfu',
      's3-fifo(small=0.2,ghost=1)+doorkeeper(period=2)',
      'lru',
    ])
    expect(choosePolicy(chain).definition).toMatchObject({ needs: ['sizes'], bound: false })
    expect(choosePolicy('greedy-dual+max-size').definition.needs).toEqual(['costs', 'sizes'])
  })

  it('may be of one’s own, before policies of one’s own', async () => {
    const even = defineAdmission({
      name: 'even',
      summary: 'admits even ids',
      create: () => ({ admit: (key) => key % 2 === 0 }),
    })
    // a is 0, b 1, c 2: b never comes in.
    const trace = createTrace({ keys: ['a', 'b', 'b', 'c', 'b', 'c', 'a'] })
    const list = [withAdmission('lru', even), withAdmission(mine, even, 'doorkeeper')]
    const { simulated } = await compare({ trace, size: 2, policies: list })
    expect(simulated.runs.map(({ policy, hits }) => [policy, hits])).toEqual([
      ['lru+even', 2],
      ['mine+even+doorkeeper', 0],
    ])
  })

  it('that weigh victims say so of a policy that names none', async () => {
    const trace = createTrace({ keys: ['a', 'b'] })
    const run = compare({ trace, size: 1, policies: [withAdmission(mine, 'tinylfu')] })
    await expect(run).rejects.toThrow(
      "admission filter 'tinylfu' weighs a newcomer against its victim, which policy 'mine' does not name",
    )
    await expect(run).rejects.toThrow(InputError)
  })
})

it('a bound has no admission filters, which would make it none', () => {
  for (const bound of ['optimal', 'optimal(bypass=false)', 'belady-size', 'pfoo-l', 'infinite']) {
    expect(() => choosePolicy(`${bound}+tinylfu+doorkeeper`)).toThrow(
      `'${bound}' is a bound, which an admission filter can only make worse, so that it would bound nothing: leave out +tinylfu+doorkeeper`,
    )
    expect(() => withAdmission(bound, 'tinylfu')).toThrow(InputError)
  }
})

describe('a name that is no policy', () => {
  it.each([
    ['belady', 'optimal'],
    ['MIN', 'optimal'],
    ['opt', 'optimal'],
    ['twoq', '2q'],
    ['two-q', '2q'],
    ['2-q', '2q'],
    ['TwoQueue', '2q'],
    ['s3fifo', 's3-fifo'],
    ['S3_FIFO', 's3-fifo'],
    ['wtinylfu', 'w-tinylfu'],
    ['w-tiny-lfu', 'w-tinylfu'],
    ['lruk', 'lru-k'],
    ['lru2', 'lru-k'],
    ['second_chance', 'clock'],
    ['allkeys-lru', 'redis-lru'],
    ['caffeine', 'w-tinylfu'],
    ['gdfs', 'gdsf'],
    ['belady-sizes', 'belady-size'],
  ])('but %s is answered with %s', (given, meant) => {
    expect(() => choosePolicy(given)).toThrow(`unknown policy '${given}'; did you mean '${meant}'?`)
  })

  it.each([
    ['tinylfu+lru', "'tinylfu' is an admission filter, which needs a policy before it: write lru+tinylfu"],
    [
      'tinylfu + lru-k( k=3 )',
      "'tinylfu' is an admission filter, which needs a policy before it: write lru-k( k=3 )+tinylfu",
    ],
    ['doorkeeper(5)+tinylfu+S3FIFO', 'write s3-fifo+doorkeeper(5)+tinylfu'],
    ['max-size(1MiB)+tinylfu', 'write lru+max-size(1MiB)+tinylfu'],
    [
      'tiny-lfu',
      "'tiny-lfu' is no policy, but 'tinylfu' is an admission filter, which needs a policy before it: write lru+tinylfu",
    ],
    ['lru+tinylfu+fifo', "'fifo' is a policy, which cannot stand behind +: admission filters are tinylfu"],
    [
      'lru+s3fifo',
      "'s3fifo' is no admission filter, but 's3-fifo' is a policy, which cannot stand behind +: admission filters are",
    ],
    ['lru+belady', "'belady' is no admission filter, but 'optimal' is a policy"],
    ['lru+tiny_lfu', "unknown admission filter 'tiny_lfu'; did you mean 'tinylfu'?"],
    ['lru+xyzzy', "unknown admission filter 'xyzzy' (allowed: tinylfu"],
  ])('nor filter in its place: %s', (given, message) => {
    expect(() => choosePolicy(given)).toThrow(message)
  })

  it('leads from other names to policies there are, and none of them is one', () => {
    expect(Object.values(OTHER_NAMES).filter((name) => !policies.has(name))).toEqual([])
    expect(Object.keys(OTHER_NAMES).filter((name) => policies.has(name))).toEqual([])
  })
})

it('settings that go each and not together are refused before there are requests', async () => {
  const draft = definePolicy({
    ...mine,
    name: 'odd',
    refuses: ({ step }) => (step % 2 === 0 ? `step=${step} is even` : undefined),
  })
  expect(() =>
    choosePolicy({ ...draft, parameters: { step: { ...mine.parameters.step, default: 2 } } }),
  ).toThrow('step=2 is even')
  await expect(choosePolicies('memcached(hotPercent=60)')).rejects.toThrow(
    "policy 'memcached(hotPercent=60)' cannot be: hotPercent=60 and warmPercent=40 come to 100: they must be 80 at most together",
  )
})

describe('a choice of policies', () => {
  it('is a list of names and settings, or all there are', async () => {
    expect(await texts('lru, optimal( bypass = false )')).toEqual(['lru', 'optimal(bypass=false)'])
    expect(choosePolicy('optimal(bypass=false)').parameters).toEqual({ bypass: false })
    expect(await texts('all')).toEqual(policies.names)
    expect(await texts(['lru', mine])).toEqual(['lru', 'mine'])
    expect(choosePolicy(mine).parameters).toEqual({ step: 1 })
  })

  it.each([
    ['', 'no policy is named: --policies takes a list of lru, lfu'],
    ['lur', "unknown policy 'lur'; did you mean 'lru'?"],
    ['lru,lru', "policy 'lru' stands twice in --policies"],
    ['all,lru', "policy 'lru' stands twice in --policies"],
    ['lru(k=2)', "unknown setting of policy 'lru' 'k'"],
    ['optimal(bypass=maybe)', "'bypass' of policy 'optimal' is 'maybe': it must be true or false"],
    ['lru(', "'lru(' is not understood"],
  ])('refuses %j', async (choice, message) => {
    await expect(choosePolicies(choice)).rejects.toThrow(message)
  })

  it('may hold a policy of one’s own, which runs beside the others', async () => {
    // Room for 2: c takes the place of a (id 0), which comes back for b (id 1).
    const trace = createTrace({ keys: ['a', 'b', 'c', 'c', 'a', 'c'] })
    const { simulated } = await compare({ trace, size: 2, policies: ['lru', mine] })
    expect(simulated.runs.map(({ policy, hits }) => [policy, hits])).toEqual([
      ['lru', 2],
      ['mine', 2],
    ])
  })

  it('may hold plain objects, and policies of one name in several runs', async () => {
    const trace = createTrace({ keys: ['a', 'b', 'c', 'c', 'a', 'c'] })
    const hitsOf = async (evicts: 'first' | 'last') => {
      const create = () => {
        const keys: number[] = []
        return {
          touch() {},
          insert: (key: number) => void keys.push(key),
          evict: () => (evicts === 'first' ? keys.shift()! : keys.pop()!),
          remove() {},
        }
      }
      const plain = { name: 'mine', summary: `evicts the ${evicts}`, create }
      return (await compare({ trace, size: 2, policies: [plain] })).simulated.runs[0]!.hits
    }
    // Room for 2: FIFO finds the second c and the last one, LIFO also the second a.
    expect(await Promise.all([hitsOf('first'), hitsOf('last')])).toEqual([2, 3])
  })

  it('is by default all that the trace allows', async () => {
    const keys = ['a', 'b', 'a']
    const names = async (trace: ReturnType<typeof createTrace>) =>
      (await compare({ trace, size: 1 })).simulated.runs.map(({ policy }) => policy)
    expect(await names(createTrace({ keys, times: [0, 1, 2] }))).toEqual([
      'lru',
      'lfu',
      'fifo',
      'random',
      'ttl',
      'optimal',
    ])
    expect(await names(createTrace({ keys }))).toEqual(['lru', 'lfu', 'fifo', 'random', 'optimal'])
    const { runs, warnings } = (await compare({ trace: createTrace({ keys }), size: 1, policies: 'all' }))
      .simulated
    expect(runs.map(({ policy }) => policy)).not.toContain('ttl')
    expect(warnings).toContain("the trace has no times, so ttl is left out: give createTrace() 'times'")
  })

  it('names the policy where the trace lacks what it needs', async () => {
    const trace = createTrace({ keys: ['a', 'b'], name: 'plain.txt' })
    await expect(compare({ trace, size: 1, policies: 'ttl' })).rejects.toThrow(
      /policy 'ttl' needs times, which plain\.txt does not have/,
    )
  })
})
