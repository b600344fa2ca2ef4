import { describe, expect, it } from 'vitest'
import * as library from '../../src/index.ts'

/*
 * What a caller without types can get wrong, through the library's own exports: one clear sentence each, never an error
 * from somewhere inside, and nothing ignored in silence.
 */

/** The exports as plain JavaScript sees them. */
const lib = library as unknown as Record<string, (...values: unknown[]) => unknown>
const create = () => ({})
const policy = { name: 'mine', summary: 'x', create }
const part = () => library.sweep({ requests: 100, keys: 9, sizes: '1,5', policies: 'lru', shard: '1/2' })
/** Merges a part whose first cell has something else. */
const mergeWith = async (other: object) => {
  const result = await part()
  Object.assign(result.simulated.cells![0]!, other)
  return lib.mergeSweeps!([{ name: 'a', result }])
}

const MISTAKES: readonly [call: string, run: () => unknown, ...says: string[]][] = [
  ['compare(null)', () => lib.compare!(null), 'compare() is given null', 'an object of workload'],
  ['compare("zipf")', () => lib.compare!('zipf'), "compare() is given 'zipf'"],
  ['compare([])', () => lib.compare!([]), 'compare() is given a list'],
  [
    'compare({polices})',
    () => lib.compare!({ polices: 'lru' }),
    "option of compare() 'polices'",
    "did you mean 'policies'?",
  ],
  ['compare({sizes})', () => lib.compare!({ sizes: '5%' }), "'sizes'", "did you mean 'size'?"],
  ['compare({ttl: 600})', () => lib.compare!({ ttl: 600 }), "'ttl' of compare() is 600", "such as '10m'"],
  ['compare({hitLatency: 2})', () => lib.compare!({ hitLatency: 2 }), "'hitLatency'", "'2ms'"],
  ['compare({rate: 5})', () => lib.compare!({ rate: 5 }), "'rate' of compare() is 5", "'100/s'"],
  ['compare({ttlMode})', () => lib.compare!({ ttlMode: 'sliding' }), "'sliding'", "'write' or 'idle'"],
  ['compare({size: true})', () => lib.compare!({ size: true }), "'size' of compare() is true"],
  ['compare({size: NaN})', () => lib.compare!({ size: Number.NaN }), "--size 'NaN'"],
  ['compare({requests: 1.5})', () => lib.compare!({ requests: 1.5 }), "--requests '1.5'"],
  ['compare({policies: {}})', () => lib.compare!({ policies: {} }), "'policies'", "'lru,lfu'"],
  ['compare({policies: [{}]})', () => lib.compare!({ policies: [{}] }), "'policies'", 'definePolicy()'],
  ['compare({policies: []})', () => lib.compare!({ policies: [] }), 'no policy is named'],
  ['compare({trace: [1, 2]})', () => lib.compare!({ trace: [1, 2] }), "'trace'", 'createTrace()'],
  ['compare({trace, key})', () => lib.compare!({ trace: 'a.csv', key: 'user' }), "'key'", "['user_id']"],
  [
    'compare({maxBadRows})',
    () => lib.compare!({ trace: 'a.csv', maxBadRows: -1 }),
    "'maxBadRows'",
    '0 or more',
  ],
  ['compare({signal: 1})', () => lib.compare!({ signal: 1 }), "'signal'", 'an AbortSignal'],
  ['compare({onProgress: 1})', () => lib.compare!({ onProgress: 1 }), "'onProgress'", 'a function'],
  ['sweep({size})', () => lib.sweep!({ size: '5%' }), "'size'", "did you mean 'sizes'?"],
  ['sweep({sizes: [{}]})', () => lib.sweep!({ sizes: [{}] }), "'sizes' of sweep()"],
  ['sweep({minimumGain})', () => lib.sweep!({ minimumGain: 1 }), "'minimumGain'", 'minGain'],
  ['sweep({ttls: []})', () => lib.sweep!({ ttls: [] }), '--ttls names no TTL', '10s,10m,none'],
  ['mergeSweeps()', () => lib.mergeSweeps!(), 'mergeSweeps() is given nothing', 'a list', '{ name, result }'],
  ['mergeSweeps(null)', () => lib.mergeSweeps!(null), 'mergeSweeps() is given null'],
  ['mergeSweeps([5])', () => lib.mergeSweeps!([5]), 'element 0', 'is 5: it must be { name, result }'],
  ['mergeSweeps([null])', () => lib.mergeSweeps!([null]), 'element 0', 'is null'],
  ['mergeSweeps([{}])', () => lib.mergeSweeps!([{}]), 'element 0', 'is an object', '{ name, result }'],
  [
    'mergeSweeps([{result: {}}])',
    () => lib.mergeSweeps!([{ name: 'a', result: {} }]),
    "'a' is not a result saved by cachesim",
  ],
  [
    'mergeSweeps(sweep())',
    async () => lib.mergeSweeps!(await part()),
    'mergeSweeps() is given an object',
    'a list',
  ],
  ['mergeSweeps([sweep()])', async () => lib.mergeSweeps!([await part()]), 'element 0', '{ name, result }'],
  [
    'mergeSweeps([compare()])',
    async () => {
      const result = await lib.compare!({ requests: 100, keys: 9, policies: 'lru' })
      return lib.mergeSweeps!([{ name: 'a', result }])
    },
    "'a' is a result of compare: it must be one of sweep",
  ],
  [
    'mergeSweeps([hits of text])',
    async () => mergeWith({ hits: 'many' }),
    "'a' is not a valid result: at simulated.cells[0].hits",
  ],
  [
    'mergeSweeps([no hits])',
    async () => mergeWith({ hits: [] }),
    "'a' has lru at 1 entry",
    'hits of 0 samples',
  ],
  ['inspect({policies})', () => lib.inspect!({ policies: 'lru' }), "option of inspect() 'policies'"],
  ['bench({rounds})', () => lib.bench!({ rounds: 0 }), '--rounds 0', 'from 1'],
  ['bench({size})', () => lib.bench!({ size: '5%' }), "'size'", "did you mean 'sizes'?"],
  ['bench({sizes: [{}]})', () => lib.bench!({ sizes: [{}] }), "'sizes' of bench()"],
  ['lruCurve({sizes})', () => lib.lruCurve!({ sizes: '5%' }), "option of lruCurve() 'sizes'"],
  ['lruCurve({unit})', () => lib.lruCurve!({ unit: 'keys' }), "'keys'", "'entries' or 'bytes'"],
  ['lruCurve({warmup})', () => lib.lruCurve!({ requests: 9, warmup: 9 }), "--warmup '9'", '9 requests'],
  ['generate({})', () => lib.generate!({ workload: 'zipf' }), "generate() needs 'file'", "'trace.csv'"],
  ['generate()', () => lib.generate!(), 'generate() is given nothing'],
  ['openWorkload({size})', () => lib.openWorkload!({ size: 5 }), "option of openWorkload() 'size'"],
  ['readTrace()', () => lib.readTrace!(), 'readTrace() is given nothing', 'name of a file'],
  ['readTrace({colum})', () => lib.readTrace!('a.csv', { tiem: 'ts' }), "'tiem'", "did you mean 'time'?"],
  ['readTrace({stdin})', () => lib.readTrace!('-', { stdin: 'a\nb' }), "'stdin'", 'process.stdin'],
  ['createTrace()', () => lib.createTrace!(), 'createTrace() is given nothing'],
  ['createTrace({})', () => lib.createTrace!({}), "createTrace() needs 'keys'", 'a list'],
  ['createTrace({keys: 5})', () => lib.createTrace!({ keys: 5 }), "'keys' of createTrace() is 5"],
  ['createTrace([null])', () => lib.createTrace!({ keys: ['a', null] }), 'key 1 of createTrace() is null'],
  [
    'createTrace({time})',
    () => lib.createTrace!({ keys: [1], time: [1] }),
    "'time'",
    "did you mean 'times'?",
  ],
  ['definePolicy()', () => lib.definePolicy!(), 'definePolicy() is given nothing'],
  ['definePolicy({})', () => lib.definePolicy!({}), "definePolicy() needs 'name'"],
  ['definePolicy({create: 5})', () => lib.definePolicy!({ ...policy, create: 5 }), "'create'", 'a function'],
  ['definePolicy({name})', () => lib.definePolicy!({ ...policy, name: 'a(b)' }), "'a(b)'", 'without blanks'],
  ['definePolicy({needs})', () => lib.definePolicy!({ ...policy, needs: ['tll'] }), "'needs'", "'ttl'"],
  [
    'definePolicy({need})',
    () => lib.definePolicy!({ ...policy, need: [] }),
    "'need'",
    "did you mean 'needs'?",
  ],
  [
    'definePolicy({needs: [3]})',
    () => lib.definePolicy!({ ...policy, needs: ['ttl', 3] }),
    "element 1 of 'needs' of definePolicy() is 3: it must be 'future' or",
  ],
  [
    'definePolicy({choices: [3]})',
    () =>
      lib.definePolicy!({
        ...policy,
        parameters: { k: { type: 'choice', default: 'a', description: 'x', choices: ['a', 3] } },
      }),
    "element 1 of 'choices' of parameter 'k' of definePolicy() is 3: it must be a text",
  ],
  [
    'definePolicy({get needs})',
    () =>
      lib.definePolicy!({
        ...policy,
        get needs() {
          throw new Error('not today')
        },
      }),
    'definePolicy() cannot be read: not today',
  ],
  [
    'compare({policies: [3]})',
    () => lib.compare!({ policies: ['lru', 3] }),
    "element 1 of 'policies' of compare() is 3: it must be a text such as 'lru', or a policy",
  ],
  [
    'compare({policies: [{needs}]})',
    () => lib.compare!({ policies: [{ ...policy, needs: [], parameters: 5 }] }),
    "'parameters' of the policy is 5",
  ],
  [
    'compare({policies: [{get name}]})',
    () =>
      lib.compare!({
        policies: [
          {
            ...policy,
            get name() {
              throw new Error('nameless')
            },
          },
        ],
      }),
    'the policy cannot be read: nameless',
  ],
  ['definePolicy({name: +})', () => lib.definePolicy!({ ...policy, name: 'a+b' }), "'a+b'", '+ and ='],
  ['defineAdmission()', () => lib.defineAdmission!(), 'defineAdmission() is given nothing'],
  ['defineAdmission({})', () => lib.defineAdmission!({}), "defineAdmission() needs 'name'"],
  [
    'defineAdmission({name})',
    () => lib.defineAdmission!({ ...policy, name: 'a+b' }),
    "'a+b'",
    'without blanks',
  ],
  ['defineAdmission({bound})', () => lib.defineAdmission!({ ...policy, bound: true }), "'bound'"],
  ['withAdmission()', () => lib.withAdmission!(), 'withAdmission() is given nothing'],
  ['withAdmission(lru)', () => lib.withAdmission!('lru'), 'no admission filter'],
  ['withAdmission(5, 5)', () => lib.withAdmission!(5, 5), 'withAdmission() is given 5', 'definePolicy()'],
  [
    'withAdmission(lru, {name: 5})',
    () => lib.withAdmission!('lru', { ...policy, name: 5, needs: [] }),
    "'name' of the admission filter is 5",
  ],
  [
    'defineAdmission({parameters})',
    () => lib.defineAdmission!({ ...policy, parameters: { k: { type: 'int' } } }),
    "'type' of parameter 'k' of defineAdmission() is 'int'",
  ],
  ['withAdmission(lru, {})', () => lib.withAdmission!('lru', {}), 'an object', 'defineAdmission()'],
  [
    'withAdmission(lru, definePolicy())',
    () => lib.withAdmission!('lru', lib.definePolicy!(policy)),
    'withAdmission() is given an object',
    'defineAdmission()',
  ],
  ['withAdmission(lru, lfu)', () => lib.withAdmission!('lru', 'lfu'), "'lfu' is a policy"],
  ['render()', () => lib.render!(), 'render() is given nothing', 'compare()'],
  ['render({}, csv)', () => lib.render!({}, 'csv'), 'render() is given an object'],
  ['findKnee()', () => lib.findKnee!(), 'two lists of numbers'],
  ['kneedle(1, 2)', () => lib.kneedle!(1, 2), 'two lists of numbers'],
]

describe('the library refuses in a sentence', () => {
  it.each(MISTAKES)('%s', async (_, run, ...says) => {
    const error = await Promise.resolve()
      .then(run)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      )
    expect(error).toBeInstanceOf(library.InputError)
    const { message } = error as Error
    for (const part of says) expect(message).toContain(part)
    expect(message).not.toMatch(/\n|undefined|\[object/)
  })
})

describe('the library takes', () => {
  it('no options for the usual ones, and undefined for what is left out', async () => {
    const usual = await library.inspect({ requests: undefined, trace: undefined })
    expect(usual.simulated.workload).toMatchObject({ name: 'zipf', requests: 1_000_000 })
  })

  it('numbers for what has no unit', async () => {
    const options = { requests: 2000, keys: 100, alpha: 0.9, seed: 3, policies: ['lru'], size: 10 }
    const { runs } = (await library.compare({ ...options, warmup: 10, missCost: 0.01 })).simulated
    const written = { ...options, size: '10', warmup: '10', missCost: '0.01' }
    expect(runs).toEqual((await library.compare(written)).simulated.runs)
    expect(runs[0]!.requests).toBe(1990)
  })

  it('any asynchronous chunks for standard input, and an AbortSignal', async () => {
    async function* chunks() {
      yield 'a\nb\n'
      yield new TextEncoder().encode('a\n')
    }
    expect((await library.readTrace('-', { stdin: chunks() })).length).toBe(3)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(library.compare({ requests: 10, keys: 5, signal })).rejects.toThrow('enough')
  })
})
