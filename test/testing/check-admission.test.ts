import { describe, expect, it } from 'vitest'
import type { AdmissionContext, AdmissionDraft, AdmissionFilter } from '../../src/core/admission.ts'
import { InputError } from '../../src/core/errors.ts'
import { checkAdmission } from '../../src/testing/index.ts'

const draft = (create: (context: AdmissionContext) => unknown): AdmissionDraft => ({
  name: 'mine',
  summary: 'admits what it likes',
  create: create as (context: AdmissionContext) => AdmissionFilter,
})

const failureOf = (filter: unknown, options = {}) =>
  checkAdmission(filter as AdmissionDraft, options).then(
    () => expect.unreachable('no fault was found'),
    (error: Error) => error,
  )

/** State outside what `create` returns. */
let seen = new Set<number>()
let calls = 0

const faults: Record<string, readonly [create: (context: AdmissionContext) => unknown, says: RegExp]> = {
  'says yes by a text': [
    () => ({ admit: () => 'yes' }),
    /admit of an admission filter must return true or false/,
  ],
  'says nothing': [() => ({ admit() {} }), /admit of an admission filter must return true or false/],
  'answers later': [() => ({ admit: async () => true }), /must return true or false/],
  'weighs by a number': [
    () => ({ prefers: (incoming: number, victim: number) => incoming - victim }),
    /prefers of an admission filter must return true or false/,
  ],
  'throws at a hit': [
    () => ({
      request(_: number, __: number, resident: boolean) {
        if (resident) throw new TypeError('oh no')
      },
    }),
    /touch failed: TypeError: oh no/,
  ],
  'knows one id less': [
    ({ keyCount }) => {
      const known = new Uint8Array(keyCount - 1).fill(1)
      return { admit: (key: number) => Boolean(known.at(key)!.toFixed()) }
    },
    /admit failed: TypeError/,
  ],
  'keeps what it saw in the module': [
    () => ({
      admit(key: number) {
        const known = seen.has(key)
        seen.add(key)
        return known
      },
    }),
    /did otherwise/,
  ],
  'keeps it there, emptied by create': [
    () => {
      seen = new Set()
      return {
        request: (key: number) => void seen.add(key % 3),
        admit: (key: number) => key % 2 === seen.size % 2,
      }
    },
    /beside another instance it did otherwise than alone/,
  ],
  'draws from elsewhere': [
    // As Math.random() does, and the same on every run of this test.
    () => ({ admit: () => calls++ % 3 === 0 }),
    /did otherwise .* all chance come from context\.random/,
  ],
  'writes to the trace': [
    ({ keys }) => ({
      request(_: number, at: number) {
        keys[at + 1] = keys[0]!
      },
    }),
    /it wrote to context\.keys/,
  ],
}

describe('checkAdmission', () => {
  it('is content with a filter that is right, by name or as a plain object too', async () => {
    await checkAdmission('max-size(3B)', { runs: 30 })
    await checkAdmission(draft(() => ({ admit: (key: number) => key % 2 === 0 })))
    await checkAdmission(draft(({ random }) => ({ prefers: () => random() < 0.5 })))
    await checkAdmission(
      { ...draft(() => ({ request() {} })), needs: ['sizes', 'costs', 'ttl'] },
      { runs: 30 },
    )
  })

  it.each(Object.entries(faults))('finds one that %s, in a few requests', async (_, [create, says]) => {
    const { message } = await failureOf(draft(create))
    expect(message).toMatch(says)
    expect(message).toMatch(/^policy '(lru|random)\+mine': [^\n]+\n\n {2}a cache of \d+ (entr|byte)/)
    const requests = message.match(/^ {2}request \d+:/gm) ?? []
    expect(requests.length).toBeGreaterThan(0)
    expect(requests.length, message).toBeLessThanOrEqual(6)
  })

  it('takes settings', async () => {
    const seen = new Set<unknown>()
    const filter = {
      name: 'mine',
      summary: 'x',
      parameters: { k: { type: 'integer', default: 2, minimum: 1, description: 'keys' } },
      create(_: AdmissionContext, { k }: { readonly k: number }) {
        seen.add(k)
        return { admit: () => true }
      },
    } as const
    await checkAdmission(filter, { parameters: { k: 5 }, runs: 3 })
    expect([...seen]).toEqual([5])
  })

  it.each([
    ['nothing', undefined, {}, 'checkAdmission() is given nothing'],
    ['no create', { name: 'x', summary: 'y' }, {}, "checkAdmission() needs 'create'"],
    ['a policy by name', 'lru', {}, "'lru' is a policy, which cannot stand behind +"],
    [
      'one without a method',
      draft(() => ({ admits: () => false })),
      {},
      'at least one of request, admit, prefers',
    ],
    [
      'one whose create gives nothing',
      draft(() => undefined),
      {},
      "create of admission filter 'mine' must return",
    ],
    [
      'one with a field for a method',
      draft(() => ({ admit: true })),
      {},
      "'admit' of admission filter 'mine' is no method",
    ],
    ['no runs', 'tinylfu', { runs: 0 }, "'runs' of checkAdmission() is 0"],
    ['settings beside a text', 'tinylfu', { parameters: {} }, 'write the settings of a text in brackets'],
  ])('refuses %s in a sentence', async (_, filter, options, says) => {
    const error = await failureOf(filter, options)
    expect(error).toBeInstanceOf(InputError)
    expect(error.message).toContain(says)
  })
})
