import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTrace } from '../../src/formats/index.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

const at = (second: string) => `[10/Oct/2000:13:55:${second} -0700]`
const COMMON = [
  `127.0.0.1 - frank ${at('36')} "GET /a?b=c HTTP/1.0" 200 2326`,
  `2001:db8::1 - - ${at('35')} "HEAD /a?b=c HTTP/1.1" 200 -`,
  `h - frank o'hara ${at('38')} "GET /old" 200 10`,
  `h - - ${at('38')} "GET /a?b=c HTTP/1.1" 304 0`,
  '',
].join('\n')
const COMBINED = [
  `1.2.3.4 - - ${at('36')} "GET /q\\"x HTTP/1.1" 200 5 "-" "agent \\"A\\" [x]"`,
  `1.2.3.4 - - ${at('37')} "GET /q\\x22x HTTP/2.0" 404 7 "http://r/" "-"`,
  `1.2.3.4 - - ${at('37')} "POST /form HTTP/1.1" 201 9 "-" "-"`,
  `1.2.3.4 - - ${at('37')} "OPTIONS * HTTP/1.1" 200 9 "-" "-"`,
  `1.2.3.4 - - ${at('38')} "-" 408 - "-" "-"`,
  `1.2.3.4 - - ${at('38')} "\\x16\\x03\\x01" 400 226 "-" "-"`,
  '',
].join('\n')

describe('access-log', () => {
  it('reads the common format: paths are keys, in order of time', async () => {
    const trace = await read(COMMON)
    expect(trace.source!.format).toBe('access-log')
    expect(namesOf(trace)).toEqual(['/a?b=c', '/a?b=c', '/old', '/a?b=c'])
    expect(Array.from(trace.times!)).toEqual([0, 1, 3, 3])
    expect(trace.ops).toBeUndefined()
    expect(trace.costs).toBeUndefined()
    expect(trace.source!.notes.join('\n')).toMatch(/not in order of time and have been sorted/)
  })

  it('takes the size of a value for HEAD, 206 and 304 from where it was sent whole; a dash is 0 bytes', async () => {
    expect(Array.from((await read(COMMON)).sizes!)).toEqual([2326, 2326, 10, 2326])
    const dash = await read(COMMON.replace('200 2326', '200 -'))
    expect(Array.from(dash.sizes!)).toEqual([0, 0, 10, 0])
    const partly = await read(`${COMMON}h - - ${at('40')} "GET /film HTTP/1.1" 206 100\n`)
    expect(partly.sizes).toBeUndefined()
    expect(partly.source!.notes.join('\n')).toMatch(/no sizes: for 1 of 5 requests.*--value-size =1024/)
  })

  it('passes over what no cache answers, and says how much of what', async () => {
    const trace = await read(COMBINED)
    expect(namesOf(trace)).toEqual(['/q\\"x', '/q\\x22x'])
    expect(trace.source).toMatchObject({ rows: 2, badRows: 0 })
    const notes = trace.source!.notes.join('\n')
    expect(notes).toMatch(/2 requests are neither GET nor HEAD.*POST 1, OPTIONS 1.*--op method/)
    expect(notes).toMatch(/2 lines hold no HTTP request/)
  })

  it('takes writes in with --op method', async () => {
    const text = COMBINED.replace('OPTIONS *', 'DELETE /q')
    const trace = await read(text, { op: 'method' })
    expect(namesOf(trace)).toEqual(['/q\\"x', '/q\\x22x', '/form', '/q'])
    expect(Array.from(trace.ops!)).toEqual([0, 0, 1, 2])
  })

  it('has columns by name', async () => {
    const options = { where: ['status=404'], key: ['host', 'agent', 'protocol', 'referer'] }
    expect(namesOf(await read(COMBINED, options))).toEqual(['1.2.3.4|-|HTTP/2.0|http://r/'])
    expect(namesOf(await read(COMMON, { key: ['user'] }))).toEqual(['-', 'frank', "frank o'hara", '-'])
    await expect(read(COMMON, { cost: 'request_time' })).rejects.toThrow(
      /--cost: there is no column 'request_time'/,
    )
  })

  it.each([
    ["nginx's $request_time", '0.005', 5, 's'],
    ["Apache's %D", '1500', 1.5, 'us'],
    ['a named time among other fields', '"-" rt=0.250 urt="0.2" 7', 250, 's'],
    ['a quoted time after a forwarded address', '"10.0.0.1" "1.5"', 1500, 's'],
  ])('finds %s after the known fields', async (_, field, milliseconds, unit) => {
    const text = COMBINED.replaceAll(/("-"|\]")$/gm, `$1 ${field}`)
    const trace = await read(text)
    expect(Array.from(trace.costs!)).toEqual([milliseconds, milliseconds])
    expect(trace.source!.notes.join('\n')).toMatch(`request times, taken in ${unit}`)
    expect((await read(text, { costUnit: 'ns' })).costs![0]).toBe(
      Math.fround(Number(/\d+\.?\d*/.exec(field.replaceAll('"10.0.0.1"', ''))![0]) / 1e6),
    )
  })

  it('does not take the address that nginx adds for a time', async () => {
    const trace = await read(COMBINED.replaceAll(/("-"|\]")$/gm, '$1 "10.0.0.1"'))
    expect(trace.costs).toBeUndefined()
    expect(trace.length).toBe(2)
  })

  it.each<[string, string, RegExp]>([
    ['a line without a time', 'h - - "GET / HTTP/1.1" 200 1', /line 5: no time in brackets/],
    ['a line cut in the request', `h - - ${at('40')} "GET /`, /line 5: the quotes around the request/],
    ['a line cut after the request', `h - - ${at('40')} "GET / HTTP/1.1"`, /line 5: no status and size/],
    [
      'a day that does not exist',
      'h - - [31/Feb/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1',
      /line 5: time/,
    ],
    ['a size that is none', `h - - ${at('40')} "GET / HTTP/1.1" 200 1e99`, /line 5: size '1e99'/],
    ['something else', 'hello', /line 5: no time in brackets/],
  ])('names the line of %s', async (_, line, message) => {
    await expect(read(`${COMMON}${line}\n`)).rejects.toThrow(message)
    expect((await read(`${COMMON}${line}\n`, { maxBadRows: 1 })).source!.badRows).toBe(1)
  })

  it('leaves other texts that mention times alone', async () => {
    for (const text of ['[1] a "b" 200 3\n[2] a "b" 200 3\n', 'GET /a\nGET /b\n', 'key,b\n1,2\n']) {
      expect((await read(text)).source!.format).not.toBe('access-log')
    }
  })

  it('reads what a naive writer wrote, however the stream is cut', async () => {
    const character = fc.constantFrom('a', '/', '?', '%20', '\\"', '\\\\', '\\x22', '[', ']', 'é', '=')
    const word = fc.string({ unit: character, maxLength: 6 })
    const row = fc.record({
      ...{ host: fc.constantFrom('::1', '10.0.0.1', 'h.example'), user: fc.constantFrom('-', 'a b', 'x') },
      ...{ path: word.map((text) => `/${text}`), agent: word, size: fc.nat(1e6), second: fc.nat(3e9) },
      ...{
        zone: fc.constantFrom('+0000', '-0730', '+1400'),
        protocol: fc.constantFrom(' HTTP/1.1', ' HTTP/3', ''),
      },
    })
    const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
    const two = (value: number) => String(value).padStart(2, '0')
    /** The date that a clock in the zone shows, by way of Date alone. */
    const dateOf = (second: number, zone: string) => {
      const minutes = Number(`${zone[0]}1`) * (60 * Number(zone.slice(1, 3)) + Number(zone.slice(3)))
      const date = new Date((second + 60 * minutes) * 1000)
      const day = `${two(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`
      return `[${day}:${date.toISOString().slice(11, 19)} ${zone}]`
    }
    const rows = fc.array(row, { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.nat(), { maxLength: 4 }), async (all, cuts) => {
        const text = all.map(
          ({ host, user, path, agent, size, second, zone, protocol }) =>
            `${host} - ${user} ${dateOf(second, zone)} "GET ${path}${protocol}" 200 ${size} "-" "${agent}"\n`,
        )
        const sorted = all.toSorted((a, b) => a.second - b.second)
        const trace = await read(
          text.join(''),
          { format: 'access-log', key: ['path', 'agent', 'user'] },
          cuts,
        )
        expect(trace.keyNames!.partsOf!(trace.keys.at(-1)!)).toEqual([
          ...[sorted.at(-1)!.path, sorted.at(-1)!.agent, sorted.at(-1)!.user],
        ])
        expect(Array.from(trace.times!)).toEqual(sorted.map(({ second }) => second - sorted[0]!.second))
        expect(Array.from(trace.sizes!)).toEqual(sorted.map(({ size }) => size))
        expect(namesOf(await read(text.join(''), { format: 'access-log' }))).toEqual(
          sorted.map(({ path }) => path),
        )
      }),
    )
  })

  it.each([COMMON, COMBINED.replaceAll(/("-"|\]")$/gm, '$1 0.5')])(
    'turns any damage into a sound trace or one clear error, the same however the stream is cut',
    (text) => expectNoHarmOfDamage(text, { format: 'access-log' }, 200),
  )

  it.runIf(sharedFolder !== undefined)(`reads a recorded log${sharedNote}`, async () => {
    const path = sharedPath('traces/apache_logs.log.gz')
    const trace = await readTrace(path)
    expect([trace.length, trace.keyCount]).toEqual([9994, 1496])
    const all = await readTrace(path, { op: 'method' })
    // All but one request for the options of the server.
    expect([all.length, all.keyCount]).toEqual([9999, 1498])
    expect(contentOf(trace).sizes).toBeDefined()
    expect(trace.source!.badRows).toBe(0)
  })
})
