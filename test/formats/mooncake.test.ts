import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { contentOf, namesOf, read } from './support.ts'

const request = (timestamp: unknown, ids: unknown, more: object = {}) =>
  JSON.stringify({ timestamp, input_length: 900, output_length: 5, hash_ids: ids, ...more })
const log = (...lines: string[]) => lines.join('\n')

describe('mooncake', () => {
  it('touches the blocks of a request last one first, as one group, at its time', async () => {
    const trace = await read(log(request(0, [7, 8, 9]), request(1500, [7, 8]), request(1500, [10])))
    expect(trace.source).toMatchObject({ format: 'mooncake', rows: 3 })
    expect(namesOf(trace)).toEqual(['9', '8', '7', '8', '7', '10'])
    expect([...trace.groups!]).toEqual([0, 0, 0, 1, 1, 2])
    expect(contentOf(trace)).toMatchObject({ times: [0, 0, 0, 1.5, 1.5, 1.5], sizes: undefined })
    expect(trace.source!.notes.join()).toMatch(/3 requests touch 6 blocks/)
  })

  it('leaves out requests without blocks, and says so', async () => {
    const trace = await read(log(request(0, []), request(1, [1]), request(2, []), request(3, [2])))
    expect([...trace.groups!]).toEqual([1, 3])
    expect(trace.source!.rows).toBe(4)
    expect(trace.source!.notes.join()).toMatch(/2 requests have no blocks/)
    await expect(read(log(request(0, []), request(1, [])))).rejects.toThrow(
      /has no requests: 2 requests have no blocks/,
    )
  })

  it('keeps blocks that a request names twice, and ids that a double cannot hold', async () => {
    const long = '{"timestamp":0,"input_length":1,"hash_ids":[12345678901234567890,12345678901234567891,3,3]}'
    expect(namesOf(await read(long))).toEqual(['3', '3', '12345678901234567891', '12345678901234567890'])
    expect(namesOf(await read(request(0, ['a3f', 'é'.repeat(90)])))).toEqual(['é'.repeat(90), 'a3f'])
  })

  it('takes Qwen-Bailian times as seconds, and any as the user says', async () => {
    const seconds = log(request(1.5, [1], { chat_id: 4 }), request(61.114, [1], { chat_id: 5 }))
    expect((await read(seconds)).times![1]).toBeCloseTo(59.614)
    expect((await read(seconds, { timeUnit: 'ms' })).times![1]).toBeCloseTo(0.059614)
  })

  it('stops in the middle of a request where enough is read', async () => {
    expect(namesOf(await read(log(request(0, [1, 2, 3]), request(1, [4])), { limit: 2 }))).toEqual(['3', '2'])
  })

  it('sorts requests as wholes where asked to', async () => {
    const trace = await read(log(request(9, [1, 2]), request(3, [5, 6])), { sort: true })
    expect(namesOf(trace)).toEqual(['6', '5', '2', '1'])
    expect([...trace.groups!]).toEqual([0, 0, 1, 1])
  })

  it.each<[string, string, Parameters<typeof read>[1], RegExp]>([
    [
      'times that run backwards',
      log(request(5, [1]), request(4, [1])),
      {},
      /line 2: time runs backwards, from 5 to 4/,
    ],
    [
      'an id that is none',
      log(request(0, [1]), request(1, [1, null])),
      {},
      /line 2: block '' of 'hash_ids' is not/,
    ],
    ['an id that is a list', log(request(0, [1]), request(1, [[1]])), {}, /line 2: block '\[1\]'/],
    ['a fraction', log(request(0, [1]), request(1, [1.5])), {}, /line 2: block '1.5'/],
    ['no list', log(request(0, [1]), request(1, 7)), {}, /line 2: there is no list of 'hash_ids'/],
    ['no time', log(request(0, [1]), request(null, [7])), {}, /line 2: column 'timestamp' has no time/],
    ['a time that is a list', log(request(0, [1]), request([4], [7])), {}, /line 2: time '\[4\]' of column/],
    [
      'a time nested deeply',
      `${request(0, [1])}\n{"timestamp":${'['.repeat(300)}${']'.repeat(300)},"input_length":1,"hash_ids":[1]}`,
      {},
      /line 2: a value is nested/,
    ],
    ['a line cut short', log(request(0, [1]), '{"timestamp":1,"inp'), {}, /line 2: .* is not JSON/],
    ['a key', request(0, [1]), { key: ['timestamp'] }, /--key names columns.*'mooncake' has none/],
    ['a condition', request(0, [1]), { where: ['input_length<9'] }, /--where names columns/],
    ['empty lines', '\n\n', {}, /no requests|empty/],
    ['a table', 'a,b\n1,2\n', {}, /line 1: 'a,b' is not JSON/],
  ])('says where it is: %s', async (_, text, options, message) => {
    await expect(read(text, { format: 'mooncake', ...options })).rejects.toThrow(message)
    await expect(read(text, { format: 'mooncake', ...options })).rejects.toThrow(InputError)
  })

  it('takes a constant size for every block', async () => {
    expect([...(await read(request(0, [1, 2]), { valueSize: '=512' })).sizes!]).toEqual([512, 512])
  })

  it('turns any damage into a trace or one clear error, the same however the stream is cut', async () => {
    const base = Buffer.from(log(request(0, [1, 2]), request(1.5, ['é', 3]), request(2, [])))
    const places = fc.array(fc.tuple(fc.nat({ max: base.length - 1 }), fc.nat({ max: 255 })), {
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(places, fc.array(fc.nat(), { maxLength: 4 }), async (changes, cuts) => {
        const bytes = Buffer.from(base)
        for (const [at, byte] of changes) bytes[at] = byte
        const outcome = async (at: readonly number[]) => {
          try {
            const trace = await read(bytes, { format: 'mooncake', maxBadRows: 1 }, at)
            return { ...contentOf(trace), names: namesOf(trace), source: trace.source }
          } catch (error) {
            if (!(error instanceof InputError)) throw error
            return error.message
          }
        }
        expect(await outcome(cuts)).toEqual(await outcome([]))
      }),
      { numRuns: 300 },
    )
  })
})
