import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { formatForWriting } from '../../src/formats/index.ts'
import { contentOf, namesOf, read } from './support.ts'

const write = (trace: Trace, format: string) => [...formatForWriting('-', format).write(trace)].join('')

const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: 0 })
const name = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', ',', '"', '\n', '\r', '\t', ';', '|', '\\', ' ', 'é', '\ufeff', '0'),
    maxLength: 5,
  }),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('key', 'time', '1', '', '{"key":1}'),
)
/** Traces with any of the optional columns. */
const anyTrace = fc
  .array(
    fc.record({
      key: name,
      gap: fc.double({ min: 0, max: 1e9, noNaN: true }),
      size: fc.nat(0xffff_ffff),
      cost: float,
      op: fc.nat(2),
    }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .chain((rows) =>
    fc
      .record({ times: fc.boolean(), sizes: fc.boolean(), costs: fc.boolean(), ops: fc.boolean() })
      .map((has) => {
        const times: number[] = []
        for (const { gap } of rows) times.push(times.length === 0 ? 0 : times.at(-1)! + gap)
        return createTrace({
          keys: rows.map((row) => row.key),
          ...(has.times && { times }),
          ...(has.sizes && { sizes: rows.map((row) => row.size) }),
          ...(has.costs && { costs: rows.map((row) => row.cost) }),
          ...(has.ops && { ops: rows.map((row) => row.op) }),
        })
      }),
  )

describe('a trace that is written and read back', () => {
  it.each(['csv', 'tsv', 'jsonl'])(
    'is the same to the last bit as %s, however the stream is cut',
    async (format) => {
      await fc.assert(
        fc.asyncProperty(anyTrace, fc.array(fc.nat(), { maxLength: 4 }), async (trace, cuts) => {
          const text = write(trace, format)
          expect(contentOf(await read(text, { format }, cuts))).toEqual(contentOf(trace))
        }),
        { numRuns: 300 },
      )
    },
  )

  it.each(['csv', 'tsv', 'jsonl'])('is recognised as %s without being told', async (format) => {
    const trace = createTrace({
      keys: ['a', 'b,c', 'a'],
      times: [0, 0.1, 1e7],
      costs: [0.1, 2, 3],
      ops: [0, 1, 2],
    })
    const again = await read(write(trace, format))
    expect(again.source?.format).toBe(format)
    expect(contentOf(again)).toEqual(contentOf(trace))
    expect(namesOf(again)).toEqual(['a', 'b,c', 'a'])
  })

  it('is the same as lines where it has keys only', async () => {
    const key = fc.string({
      unit: fc.constantFrom('a', 'b', '"', ',', ' ', 'é', '\ufeff', '{'),
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(key, { minLength: 1 }), async (keys) => {
        const again = await read(write(createTrace({ keys }), 'lines'), { format: 'lines' })
        expect(namesOf(again)).toEqual(keys)
      }),
    )
  })

  it('keeps keys apart whose names are the same', async () => {
    const trace = createTrace({ keys: [1, '1', 1, '1~2', '\ud800', '\ud801'] })
    const again = await read(write(trace, 'csv'), { format: 'csv' })
    expect(Array.from(again.keys)).toEqual([0, 1, 0, 2, 3, 4])
  })

  it('writes readable rows', () => {
    const trace = createTrace({
      keys: ['a,b', 'c'],
      times: [0, 0.5],
      sizes: [1, 2],
      costs: [0.1, 1e-7],
      ops: [0, 2],
    })
    expect(write(trace, 'csv')).toBe('time,key,size,cost_ms,op\n0,"a,b",1,0.1,read\n0.5,c,2,1e-7,delete\n')
    expect(write(createTrace({ keys: ['x'], sizes: [3] }), 'jsonl')).toBe('{"key":"x","size":3}\n')
  })

  it('is refused by lines where it has more than keys, or keys a line cannot hold', () => {
    expect(() => write(createTrace({ keys: ['a'], sizes: [1] }), 'lines')).toThrow(
      /holds keys only.*has sizes/,
    )
    for (const key of ['', 'a\nb', 'a\r']) {
      expect(() => write(createTrace({ keys: [key] }), 'lines')).toThrow(/cannot hold an empty key/)
    }
  })
})
