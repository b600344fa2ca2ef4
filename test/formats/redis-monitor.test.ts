import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectNoHarmOfDamage, namesOf, read } from './support.ts'

const log = (...commands: readonly string[]) =>
  `OK\n${commands.map((text, i) => `17000000${10 + i}.000000 [0 127.0.0.1:56604] ${text}\n`).join('')}`

/** What the trace says of each request: operation, key, seconds to live where there are any. */
async function requestsOf(...commands: readonly string[]): Promise<string[]> {
  const trace = await read(log(...commands), { format: 'redis-monitor', valueSize: '=1' })
  const names = namesOf(trace)
  return Array.from(names, (name, i) => {
    const ttl = trace.ttls![i]!
    return `${'RWD'[trace.ops![i]!]} ${name}${Number.isNaN(ttl) ? '' : ` ${Math.round(ttl * 1000) / 1000}`}`
  })
}

describe('redis-monitor', () => {
  it('reads the example of the documentation of MONITOR, with what comes before it', async () => {
    const text = [
      'OK',
      '1339518083.107412 [0 127.0.0.1:60866] "keys" "*"',
      '1339518087.877697 [0 127.0.0.1:60866] "dbsize"',
      '1339518090.420270 [0 127.0.0.1:60866] "set" "x" "6"',
      '1339518096.506257 [0 127.0.0.1:60866] "get" "x"',
      '1339518099.363765 [0 lua] "del" "x"',
      '1339518100.544926 [9 unix:/tmp/re dis] "get" "x"',
    ]
    for (const lines of [text, text.map((line) => `+${line}\r`)]) {
      const trace = await read(lines.join('\n'))
      expect(trace.source!.format).toBe('redis-monitor')
      expect(namesOf(trace)).toEqual(['x', 'x', 'x', '[9] x'])
      expect(trace.keyCount).toBe(2)
      expect(Array.from(trace.ops!)).toEqual([1, 0, 2, 0])
      expect(Array.from(trace.times!, (time) => Math.round(time * 1e6))).toEqual([
        0, 6085987, 8943495, 10124656,
      ])
      expect(trace.source!.notes.join('\n')).toMatch(/2 commands read, write.*KEYS 1, DBSIZE 1/)
    }
  })

  it.each<[string, readonly string[]]>([
    ['"SET" "k" "v" "EX" "10"', ['W k 10']],
    ['"set" "k" "v" "nx" "px" "1500"', ['W k 1.5']],
    ['"SET" "k" "v" "KEEPTTL" "GET"', ['R k', 'W k']],
    ['"SET" "k" "v" "EXAT" "1700000070"', ['W k 60']],
    ['"SET" "k" "v" "PXAT" "1700000000000"', ['D k']],
    ['"SETEX" "k" "7" "v"', ['W k 7']],
    ['"PSETEX" "k" "7" "v"', ['W k 0.007']],
    ['"GETEX" "k" "EX" "5"', ['R k 5']],
    ['"GETEX" "k" "PERSIST"', ['R k Infinity']],
    ['"GETDEL" "k"', ['R k', 'D k']],
    ['"GETSET" "k" "v"', ['R k', 'W k']],
    ['"MGET" "a" "b"', ['R a', 'R b']],
    ['"MSET" "a" "1" "b" "2"', ['W a', 'W b']],
    ['"UNLINK" "a" "b"', ['D a', 'D b']],
    ['"EXPIRE" "k" "60"', ['W k 60']],
    ['"PEXPIRE" "k" "-1"', ['D k']],
    ['"EXPIREAT" "k" "1700000011"', ['W k 1']],
    ['"PERSIST" "k"', ['W k Infinity']],
    ['"HGET" "h" "f"', ['R h']],
    ['"HSET" "h" "f" "v"', ['W h']],
    ['"INCRBY" "n" "5"', ['W n']],
    ['"LPUSH" "l" "x" "y"', ['W l']],
    ['"ZRANGE" "z" "0" "-1"', ['R z']],
    ['"ZUNIONSTORE" "out" "2" "a" "b"', ['R b', 'R a', 'W out']],
    ['"XREAD" "COUNT" "2" "STREAMS" "s" "t" "0" "0"', ['R s', 'R t']],
    ['"BITOP" "AND" "out" "a" "b"', ['R b', 'R a', 'W out']],
    ['"SORT" "l" "BY" "w_*" "GET" "#" "STORE" "out"', ['R l', 'W out']],
    ['"RENAME" "a" "b"', ['D a', 'W b']],
    ['"COPY" "a" "b"', ['R a', 'W b']],
  ])('%s', async (command, expected) => {
    expect(await requestsOf(command)).toEqual(expected)
  })

  it('passes over what asks for no value, and says what', async () => {
    const others = [
      '"EXISTS" "k"',
      '"TTL" "k"',
      '"PING"',
      '"EVAL" "return 1" "1" "k"',
      '"OBJECT" "ENCODING" "k"',
    ]
    const trace = await read(log('"GET" "k"', ...others, '"JSON.GET" "k" "."', '"constructor"', '"FLUSHALL"'))
    expect(namesOf(trace)).toEqual(['k'])
    expect(trace.source).toMatchObject({ rows: 1, badRows: 0 })
    const notes = trace.source!.notes.join('\n')
    expect(notes).toMatch(/5 commands read, write.*EXISTS 1, TTL 1, PING 1, EVAL 1, OBJECT 1/)
    expect(notes).toMatch(/2 commands are not known here.*JSON\.GET 1, CONSTRUCTOR 1/)
    expect(notes).toMatch(/1 command that empties a database was passed over.*stays full/)
  })

  it('does not count keys that a command does not have', async () => {
    const many = `"MGET" ${Array.from({ length: 200_000 }, (_, i) => `"k${i}"`).join(' ')}`
    expect(await requestsOf('"LMPOP" "99999999999" "a" "LEFT"', '"ZUNION" "1e300" "a"', '"GET" "x"')).toEqual(
      ['R x'],
    )
    expect(await requestsOf(many)).toHaveLength(200_000)
  })

  it('gives a read the size of what was set before it, else after it; and none where too few are known', async () => {
    const known = [
      '"GET" "k"',
      '"SET" "k" "four"',
      '"GET" "k"',
      '"SET" "k" "\\x00\\n"',
      '"APPEND" "k" "x"',
      '"DEL" "k"',
    ]
    expect(Array.from((await read(log(...known))).sizes!)).toEqual([4, 4, 4, 2, 2, 0])
    const unknown = await read(log(...known, '"GET" "other"'))
    expect(unknown.sizes).toBeUndefined()
    expect(unknown.source!.notes.join('\n')).toMatch(/no sizes: for 1 of 7 requests/)
    expect((await read(log('"GET" "other"'), { valueSize: '=9' })).sizes![0]).toBe(9)
  })

  it.each<[string, string, RegExp]>([
    ['a line cut short', '1700000099.000000 [0 127.0.0.1:1] "get" "ke', /line 3: argument 1 is cut short/],
    ['an escape that is none', '1700000099.000000 [0 x] "get" "a\\q"', /line 3: argument 1 has an escape/],
    ['half an escape', '1700000099.000000 [0 x] "get" "a\\x4"', /line 3: argument 1 has an escape/],
    ['no quotes', '1700000099.000000 [0 x] get a', /line 3: no command in quotes/],
    ['no time', 'get a', /line 3: no time in seconds/],
    ['an absurd database', '1700000099.000000 [70000 x] "get" "a"', /line 3: no number of a database/],
    [
      'a time to live that is none',
      '1700000099.000000 [0 x] "setex" "a" "soon" "v"',
      /line 3: the time to live/,
    ],
  ])('names the line of %s', async (_, line, message) => {
    const text = `${log('"GET" "k"')}${line}\n`
    await expect(read(text, { format: 'redis-monitor' })).rejects.toThrow(message)
    expect((await read(text, { format: 'redis-monitor', maxBadRows: 1 })).source!.badRows).toBe(1)
  })

  it('counts an empty line as a bad row, whatever follows it', async () => {
    const trace = await read(`${log('"GET" "k"')}\nOK\n`, { maxBadRows: 1 })
    expect(trace.source!.badRowSamples).toEqual([{ line: 3, reason: 'the line is empty' }])
  })

  it('has no columns to choose from', async () => {
    await expect(read(log('"GET" "k"'), { key: ['name'] })).rejects.toThrow(
      /--key names columns.*'redis-monitor' has none/,
    )
  })

  it('reads any bytes that a naive writer wrote, however the stream is cut', async () => {
    const naive = (bytes: Uint8Array) =>
      `"${Array.from(bytes, (byte) => {
        const named = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' }[byte]
        if (named) return named
        return byte >= 32 && byte < 127
          ? String.fromCharCode(byte)
          : `\\x${byte.toString(16).padStart(2, '0')}`
      }).join('')}"`
    const bytes = fc.uint8Array({ maxLength: 8 })
    const row = fc.record({ key: bytes, value: bytes, database: fc.constantFrom(0, 1, 15, 300) })
    const rows = fc.array(row, { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.nat(), { maxLength: 4 }), async (all, cuts) => {
        const text = all.map(
          ({ key, value, database }, i) =>
            `${1700000000 + i}.${String(i).padStart(6, '0')} [${database} [::1]:6379] "SET" ${naive(key)} ${naive(value)}\n`,
        )
        const trace = await read(text.join(''), { format: 'redis-monitor' }, cuts)
        const ids = all.map(({ key, database }) => `${database} ${Buffer.from(key).toString('hex')}`)
        expect(Array.from(trace.keys)).toEqual(ids.map((id) => [...new Set(ids)].indexOf(id)))
        expect(Array.from(trace.sizes!)).toEqual(all.map(({ value }) => value.length))
        expect(Array.from(trace.times!, (time) => Math.round(time * 1e6))).toEqual(
          all.map((_, i) => i * 1_000_001),
        )
      }),
    )
  })

  it('turns any damage into a sound trace or one clear error, the same however the stream is cut', () =>
    // Rows are lines, and damage can give a DEL a second key.
    expectNoHarmOfDamage(
      log('"SET" "a\\"b\\x00" "v" "EX" "9"', '"GET" "a"', '"PING"', '"DEL" "b"'),
      {
        format: 'redis-monitor',
        sort: true,
      },
      300,
      { rowsAreRequests: false },
    ))
})
