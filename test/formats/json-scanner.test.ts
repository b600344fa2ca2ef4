import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonKind, JsonScanner } from '../../src/formats/json-scanner.ts'
import { createLookup, isObject } from '../../src/formats/json-value.ts'
import { contentOf, namesOf, read } from './support.ts'

const PATHS = ['a', 'a.b', 'b', 'a.b.c', 'é.a', '', 'a"b', '__proto__', 'b.0'] as const

/** What the scanner found at each path as a value, or undefined where it leaves the line to a parser. */
function scanned(line: Uint8Array): unknown[] | undefined {
  const scanner = new JsonScanner(PATHS)
  // Something stands before and behind the line, as in the buffer of a reader.
  const buffer = Buffer.concat([Buffer.from('{"a":7,"b":8}\n'), line, Buffer.from('\n"a":9}\n')])
  const start = 14
  if (!scanner.scan(buffer, start, start + line.length)) return undefined
  return PATHS.map((_, path) => {
    const slot = scanner.slot(path)
    const kind = scanner.kinds[slot]!
    const text = buffer.toString('utf8', scanner.bounds[2 * slot], scanner.bounds[2 * slot + 1])
    if (kind === JsonKind.absent) return undefined
    if (kind === JsonKind.null) return null
    if (kind === JsonKind.string) return text
    if (kind === JsonKind.boolean) return text === 'true'
    if (kind === JsonKind.integer) {
      expect(String(Number(text))).toBe(text)
      return Number(text)
    }
    return JSON.parse(text)
  })
}

/** The same by `JSON.parse`; undefined where the line is no object. */
function parsed(line: Uint8Array): unknown[] | undefined {
  try {
    const row: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line))
    return isObject(row) ? PATHS.map((path) => createLookup(path)(row)) : undefined
  } catch {
    return undefined
  }
}

const names = fc.constantFrom('a', 'b', 'c', 'a.b', 'é', '', 'ab', '__proto__', '0')
const blank = fc.constantFrom('', '', '', ' ', '\t', ' \r ')
const number = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('-0', '0.0', '1e0', '1E+2', '-1.50e-3', '12345678901234567890', '123456789012345', '1e400'),
)
const text = fc.oneof(
  fc.string().map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
  fc.constantFrom('"\\u00e9\\n\\/"', '"\\ud800"', '"{\\"a\\":1}"', '"a"', '"7"', '"é日本🐈"'),
)
/** JSON as anyone may write it: with blanks, members of one name, numbers in any form. */
const { json, object } = fc.letrec<{ json: string; object: string; array: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(number, text, fc.constantFrom('true', 'false', 'null')),
    tie('object'),
    tie('array'),
  ),
  object: fc
    .array(fc.tuple(blank, names, blank, tie('json'), blank), { maxLength: 5 })
    .map(
      (members) =>
        `{${members.map(([one, name, two, value, three]) => `${one}${JSON.stringify(name)}${two}:${one}${value}${three}`).join(',')}}`,
    ),
  array: fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
}))

describe('JsonScanner', () => {
  it('finds in any object what a look-up in the parsed object finds', () => {
    let sure = 0
    let all = 0
    fc.assert(
      fc.property(fc.oneof(object, object, json), (line) => {
        const bytes = Buffer.from(line)
        const found = scanned(bytes)
        all++
        if (found === undefined) return
        sure++
        expect(found).toEqual(parsed(bytes))
      }),
      { numRuns: 3000 },
    )
    // Without this, a scanner that is never sure would do.
    expect(sure).toBeGreaterThan(all / 3)
  })

  it('is sure of every object without escapes in names and arrays on the way', () => {
    const row = fc.record({
      a: fc.record({ b: fc.jsonValue(), x: fc.jsonValue() }),
      b: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string()),
      é: fc.string({ unit: 'grapheme' }),
      other: fc.jsonValue({ maxDepth: 8 }),
    })
    fc.assert(
      fc.property(row, fc.nat({ max: 3 }), (value, indent) => {
        fc.pre(!isObject(value.a.b) && !Array.isArray(value.a.b))
        const line = Buffer.from(JSON.stringify(value, null, indent).replaceAll('\n', '\r'))
        expect(parsed(line)).toBeDefined()
        expect(scanned(line)).toEqual(parsed(line))
      }),
      { numRuns: 1000 },
    )
  })

  it('is never sure of damaged lines that JSON.parse refuses, nor finds anything else in those it accepts', () => {
    const damage = fc.array(
      fc.tuple(
        fc.nat(),
        fc.oneof(
          fc.nat({ max: 255 }),
          fc.constantFrom(...Buffer.from('{}[]",:\\0123456789-+.eEtfnu \t\r\u0001')),
        ),
        fc.constantFrom('set', 'insert', 'delete', 'cut'),
      ),
      { minLength: 1, maxLength: 3 },
    )
    fc.assert(
      fc.property(object, damage, (line, changes) => {
        let bytes = [...Buffer.from(line)]
        for (const [place, byte, how] of changes) {
          const at = place % (bytes.length + 1)
          if (how === 'set') bytes[at] = byte
          else if (how === 'insert') bytes.splice(at, 0, byte)
          else if (how === 'delete') bytes.splice(at, 1)
          else bytes = bytes.slice(0, at)
        }
        fc.pre(!bytes.includes(0x0a))
        const damaged = Buffer.from(bytes)
        const found = scanned(damaged)
        if (found !== undefined) expect(found).toEqual(parsed(damaged))
      }),
      { numRuns: 6000 },
    )
  })

  it.each([
    ...['{"a":01}', '{"a":-}', '{"a":1.}', '{"a":.5}', '{"a":1e}', '{"a":+1}', '{"a":1_0}', '{"a":0x1}'],
    ...[
      '{"a":NaN}',
      '{"a":tru}',
      '{"a":nullx}',
      '{"a":"\t"}',
      '{"a":"\\x"}',
      '{"a":"\\u12g4"}',
      '{"a":\'b\'}',
    ],
    ...[
      '{"a":1,}',
      '{,"a":1}',
      '{"a" 1}',
      '{"a":1 "b":2}',
      '{"a":[1,]}',
      '{"a":[,]}',
      '{"a":[1}]',
      '{"a":{]}',
    ],
    ...['{"a":1}}', '{"a":1} x', '{"a":1', '{"a"', '{"', '{', '{"a":1}\u00a0', '{a:1}', '[{"a":1}]', '7', ''],
    ...[
      '{"a":{"b":1}',
      '{"c":[[[]]}',
      '{"c":"x}',
      '{"a":"\\"}',
      '\ufeff{"a":1}',
      '{"a":-01}',
      '{"a":1}{"a":2}',
    ],
  ])('is not sure of %j', (line) => {
    expect(scanned(Buffer.from(line))).toBeUndefined()
    expect(parsed(Buffer.from(line))).toBeUndefined()
  })

  it('gives up on what is nested too deeply to check cheaply, and on bytes that are no UTF-8', () => {
    const deep = (depth: number) => Buffer.from(`{"c":${'['.repeat(depth)}${']'.repeat(depth)}}`)
    expect(scanned(deep(500))).toBeDefined()
    expect(scanned(deep(100_000))).toBeUndefined()
    expect(scanned(Buffer.from('{"c":"\xff"}', 'latin1'))).toBeUndefined()
    expect(scanned(Buffer.from('{"c":"\xc3\xa9"}', 'latin1'))).toBeDefined()
  })
})

describe('jsonl', () => {
  it('makes the same requests of lines it scans and of lines it must parse', async () => {
    const value = fc.oneof(number, text, json)
    const row = fc.record(
      {
        k: value,
        'r.m': value,
        ts: fc.oneof(number, text, fc.constantFrom('1', '2.5', '1e0', '"3"', '"2024-01-01T00:00:00Z"')),
        n: fc.oneof(number, text, fc.constantFrom('1', '2', '3.0', '"4"', 'null')),
        op: fc.oneof(text, fc.constantFrom('"get"', '"SET"', '"del"')),
        r: fc.oneof(
          json,
          value.map((m) => `{"m":${m}}`),
          value.map((m) => `[${m}]`),
        ),
      },
      { requiredKeys: ['ts'] },
    )
    const lineOf = (members: Record<string, string | undefined>, rare: string) =>
      `{${[...Object.entries(members).map(([name, json]) => `${JSON.stringify(name)}:${json}`), rare].join(',')}}`
    const where = fc.constantFrom([], ['n>1'], ['r.m!='], ['k<b', 'op=get'])
    const options = fc.record({
      key: fc.constantFrom(['k'], ['r.m'], ['k', 'r.m'], ['r']),
      valueSize: fc.constantFrom(undefined, 'n'),
      cost: fc.constantFrom(undefined, 'n'),
      op: fc.constantFrom(undefined, 'op'),
      ttlColumn: fc.constantFrom(undefined, 'n'),
      time: fc.constantFrom(undefined, 'ts'),
      where,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), options, async (rows, wanted) => {
        const given = Object.fromEntries(Object.entries(wanted).filter(([, name]) => name !== undefined))
        const outcome = async (rare: string) => {
          try {
            const content = rows.map((members) => lineOf(members, rare)).join('\n')
            const trace = await read(content, { format: 'jsonl', maxBadRows: 99, sort: true, ...given })
            const { rows: seen, badRows, filteredRows } = trace.source!
            return {
              ...contentOf(trace),
              ttls: trace.ttls && [...trace.ttls],
              names: namesOf(trace),
              counts: [seen, badRows, filteredRows],
            }
          } catch (error) {
            return (error as Error).name
          }
        }
        // An escape in the name of a member is what the scanner leaves to the parser.
        expect(await outcome('"zz":0')).toEqual(await outcome('"z\\u007a":0'))
      }),
      { numRuns: 1000 },
    )
  })

  it('takes the last of several members of one name, as JSON.parse does', async () => {
    const lines = [
      '{"key":"x","key":"y"}',
      '{"r":{"key":"x"},"r":{"other":1},"key":"z"}',
      '{"key":"x","k\\u0065y":"w"}',
    ]
    expect(namesOf(await read(lines.join('\n'), { key: ['key'] }))).toEqual(['y', 'z', 'w'])
    await expect(read(lines[1]!, { key: ['r.key'] })).rejects.toThrow(/no 'r.key'/)
  })

  it('takes one number written in several ways for one key', async () => {
    const forms = ['1', '1.0', '1e0', '"1"', '0.1E1', '10e-1']
    const content = forms.map((form) => `{"key":${form}}`).join('\n')
    expect((await read(content)).keyCount).toBe(1)
    expect(namesOf(await read('{"key":-0}\n{"key":0}\n{"key":"-0"}'))).toEqual(['0', '0', '-0'])
  })

  it('follows a path into an array', async () => {
    const content = '{"messages":[{"content":"hi"}]}\n{"messages":[{"content":"yo"},{"content":"hi"}]}'
    expect(namesOf(await read(content, { key: ['messages.0.content'] }))).toEqual(['hi', 'yo'])
  })

  it('hashes equal objects to one key, however they are written', async () => {
    const content = [
      '{"key":{"model":"m","n":1,"t":"é"}}',
      '{"key":{"t":"\\u00e9","n":1.0,"model":"m"}}',
      '{ "key" : { "n" : 1e0 , "model" : "\\u006d", "t": "é" } }',
      '{"key":{"t":"e","n":1,"model":"m"}}',
    ].join('\n')
    const trace = await read(content, { key: ['key'], keyHash: true })
    expect([...trace.keys]).toEqual([0, 0, 0, 1])
    expect(trace.keyNames!.nameOf(0)).toMatch(/^[0-9a-f]{32}$/)
  })
})
