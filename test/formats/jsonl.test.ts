import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

const lines = (...rows: unknown[]) =>
  rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n')

describe('jsonl', () => {
  it('finds members by their names, nested ones too', async () => {
    const trace = await read(
      lines(
        { ts: 10, request: { prompt: 'hi', bytes: 5 }, latency_s: 1.5, op: 'get' },
        { ts: 11, request: { prompt: 'yo', bytes: '7' }, latency_s: 2, op: 'SET' },
      ),
    )
    expect(namesOf(trace)).toEqual(['hi', 'yo'])
    expect(contentOf(trace)).toMatchObject({ times: [0, 1], sizes: [5, 7], costs: [1500, 2000], ops: [0, 1] })
    expect(trace.source?.columns).toEqual({
      key: 'request.prompt',
      time: 'ts',
      size: 'request.bytes',
      cost: 'latency_s',
      op: 'op',
    })
  })

  it('takes keys of any kind: equal values are one key', async () => {
    const trace = await read(
      lines(
        { k: 1 },
        { k: '1' },
        { k: true },
        { k: { b: 1, a: [2] } },
        { k: { a: [2], b: 1 } },
        { k: 1.0 },
        { k: '' },
      ),
      { key: ['k'] },
    )
    expect(Array.from(trace.keys)).toEqual([0, 0, 1, 2, 2, 0, 3])
    expect(trace.keyNames!.nameOf(2)).toBe('{"a":[2],"b":1}')
  })

  it('keeps integers apart that a double cannot tell from each other', async () => {
    const text =
      '{"id":1234567890123456789,"s":"9999999999999999999"}\n{"id":1234567890123456788,"s":"9999999999999999999"}'
    expect(namesOf(await read(text))).toEqual(['1234567890123456789', '1234567890123456788'])
    const trace = await read(
      '{"id":"a","x":-0.12345678901234567890,"y":1e0000000000000000001,"t":"\\"12345678901234567890"}',
    )
    expect(trace.length).toBe(1)
  })

  it('composes keys of members that different values never share', async () => {
    const trace = await read(
      lines({ a: 'x|', b: 'y' }, { a: 'x', b: '|y' }, { a: 'x\0', b: 'y' }, { a: 'x', b: '\0y' }, { a: 'x' }),
      {
        key: ['a', 'b'],
      },
    )
    expect(trace.keyCount).toBe(5)
  })

  it('prefers a member of exactly that name to a path', async () => {
    const trace = await read(lines({ 'a.b': 'whole', a: { b: 'path' } }, { a: { b: 'path' } }), {
      key: ['a.b'],
    })
    expect(namesOf(trace)).toEqual(['whole', 'path'])
  })

  it('filters by members', async () => {
    const rows = lines({ key: 'a', r: { status: 200 } }, { key: 'b', r: { status: 404 } }, { key: 'c' })
    expect(namesOf(await read(rows, { where: ['r.status<300'] }))).toEqual(['a'])
    expect(namesOf(await read(rows, { where: ['r.status!=200'] }))).toEqual(['b', 'c'])
  })

  it.each<[string, string, Parameters<typeof read>[1], RegExp]>([
    ['text that is no JSON', '{"key":1}\n{"key":', {}, /line 2: '\{"key":' is not JSON/],
    ['an array', '[{"key":1},\n{"key":2}]', {}, /first line is no JSON object|line 1: .*not JSON.*jq -c/],
    ['a number', '{"key":1}\n7', {}, /line 2: '7' is not a JSON object/],
    [
      'a member that is not there',
      '{"key":1}',
      { key: ['kee'] },
      /line 1: there is no 'kee' \(--key\).*did you mean 'key'.*it has: key/,
    ],
    ['a null key', '{"key":"a"}\n{"key":null}', {}, /line 2: 'key' \(--key\) is null/],
    ['a key that is inherited only', '{"key":"a"}', { key: ['constructor'] }, /there is no 'constructor'/],
    ['no member known as key', '{"hash_ids":[1]}', {}, /no member known to be a key.*hash_ids/],
    ['a negative size', '{"key":"a","size":-1}', {}, /size '-1' of 'size'/],
    [
      'a cost that is an object',
      '{"key":"a"}\n{"key":"a","lat":{}}',
      { cost: 'lat' },
      /line 1: there is no 'lat' \(--cost\)/,
    ],
    ['a time that is no time', '{"key":"a","ts":"now"}', {}, /time 'now' of column 'ts'/],
    ['a time that is true', '{"key":"a","ts":true}', {}, /time 'true'/],
    [
      'deep nesting',
      `{"key":${'['.repeat(5000)}${']'.repeat(5000)}}`,
      { key: ['key'] },
      /line 1: the key is nested more than 100/,
    ],
    ['an empty line', '{"key":1}\n\n{"key":2}', {}, /line 2: the line is empty/],
  ])('names the line of %s', async (_, text, options, message) => {
    await expect(read(text, { format: 'jsonl', ...options })).rejects.toThrow(message)
    await expect(read(text, { format: 'jsonl', ...options })).rejects.toThrow(InputError)
  })

  it('does not take bytes that are not UTF-8 for keys', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"key":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n{"key":"\ufffd"}\n'),
    ])
    await expect(read(bytes)).rejects.toThrow(/line 1: the line is not UTF-8/)
    expect((await read(bytes, { maxBadRows: 1 })).length).toBe(1)
  })

  it('reads any strings as JSON.parse does, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
        fc.array(fc.nat()),
        async (keys, cuts) => {
          const trace = await read(lines(...keys.map((key) => ({ key }))), {}, cuts)
          expect(namesOf(trace)).toEqual(keys)
        },
      ),
    )
  })

  it('turns any damage into a sound trace or one clear error, the same however the stream is cut', () =>
    expectNoHarmOfDamage(
      '{"key":"a","ts":1,"n":[1,{"x":null}]}\n{"key":12345678901234567890,"ts":"2"}\n{"key":"é","ts":3e0}\n',
      { format: 'jsonl' },
    ))
})
