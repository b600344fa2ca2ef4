import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

const get = (gid: number, ts: string, key: string, found = true, size = 3) =>
  `ts=${ts} gid=${gid} type=item_get key=${key} status=${found ? 'found' : 'not_found'} clsid=1 cfd=12 size=${found ? size : 0}\n`
const store = (gid: number, ts: string, key: string, rest = 'status=stored cmd=set ttl=0', size = 3) =>
  `ts=${ts} gid=${gid} type=item_store key=${key} ${rest} clsid=1 cfd=12 size=${size}\n`

describe('memcached-watch', () => {
  it('takes the number after the point for microseconds, without zeros in front', async () => {
    const text = `OK\r\n${get(1, '1466120156.99667', 'a')}${get(2, '1466120156.100000', 'b')}${get(3, '1466120157.5', 'a')}`
    const trace = await read(text)
    expect(trace.source!.format).toBe('memcached-watch')
    expect(Array.from(trace.times!, (time) => Math.round(time * 1e6))).toEqual([0, 333, 900_338])
  })

  it('undoes the encoding of keys', async () => {
    const trace = await read(get(1, '1.1', 'a%25b%2F%C3%BC%20%FF'))
    expect(namesOf(trace)).toEqual(['a%b/ü \\xff'])
  })

  it('does not take the look-up within a store for a read, and a read some time before it for one', async () => {
    const text = [
      get(1, '10.0', 'k', false),
      get(2, '10.500', 'k', false),
      store(3, '10.503', 'k', 'status=stored cmd=set ttl=60', 7),
      get(4, '10.600', 'other'),
      store(5, '10.601', 'k'),
      get(6, '10.900', 'k'),
      store(7, '10.1901', 'k'),
      `ts=10.1950 gid=8 type=deleted key=k cmd=delete clsid=1 cfd=12 size=3\n`,
    ]
    const trace = await read(text.join(''))
    expect(contentOf(trace)).toMatchObject({
      ops: [0, 1, 0, 1, 0, 1, 2],
      sizes: [7, 7, 3, 3, 3, 3, 3],
    })
    expect(namesOf(trace)).toEqual(['k', 'k', 'other', 'k', 'k', 'k', 'k'])
    expect(trace.ttls![1]).toBe(60)
    expect(trace.source!.notes.join('\n')).toMatch(/1 item_get line is a look-up/)
  })

  it('passes over stores that failed and lines of other types, and takes a store that is expired for a deletion', async () => {
    const text = [
      store(1, '1.1', 'a', 'status=not_stored cmd=add ttl=0'),
      store(2, '1.2', 'big', 'status=too_large cmd=set ttl=0'),
      get(3, '1.4', 'big', false),
      store(4, '1.5000', 'a', 'status=stored cmd=set ttl=4294967235'),
      'ts=1.6000 gid=5 type=conn_new rip=127.0.0.1 rport=1 transport=tcp cfd=3\n',
      'ts=1.6001 gid=6 type=eviction key=a fetch=no ttl=-1 la=0 clsid=1 size=1\n',
      get(7, '1.9000', 'zero'),
    ]
    const trace = await read(text.join(''))
    expect(namesOf(trace)).toEqual(['a', 'zero'])
    expect(Array.from(trace.ops!)).toEqual([2, 0])
    expect(trace.source).toMatchObject({ rows: 2, badRows: 0 })
    const notes = trace.source!.notes.join('\n')
    expect(notes).toMatch(/2 stores failed and were passed over \(not_stored 1, too_large 1\)/)
    expect(notes).toMatch(/2 lines are of other types.*conn_new 1, eviction 1/)
    expect(notes).not.toMatch(/missing/)
  })

  it('says how many lines are missing by their numbers', async () => {
    const text = `${get(10, '1.1', 'a')}${get(12, '1.2', 'b')}skipped=3\n${get(16, '1.3', 'a')}`
    expect((await read(text)).source!.notes.join('\n')).toMatch(
      /4 lines of the log are missing.*3 of them said to be skipped/,
    )
  })

  it('counts an empty line as a bad row, whatever follows it', async () => {
    const trace = await read(`${get(1, '1.1', 'a')}\nskipped=3\n${get(5, '1.2', 'a')}`, { maxBadRows: 1 })
    expect(trace.source!.badRowSamples).toEqual([{ line: 2, reason: 'the line is empty' }])
    expect(trace.source!.notes.join('\n')).toMatch(/3 lines of the log are missing/)
  })

  it('puts the lines of several worker threads in order of time', async () => {
    const text = `${get(1, '1.1', 'a')}${get(3, '1.3', 'a')}${get(2, '1.2', 'b')}${get(4, '1.4', 'b')}`
    const trace = await read(text)
    expect(namesOf(trace)).toEqual(['a', 'b', 'a', 'b'])
    expect(trace.source!.notes.join('\n')).not.toMatch(/missing/)
  })

  it.each<[string, string, RegExp]>([
    ['a line cut short', 'ts=2.5 gid=2 type=item_get key=a stat', /line 2: size ''/],
    ['too many digits', get(2, '2.1234567', 'a'), /line 2: ts=2.1234567/],
    ['a time that is negative', get(2, '-2.1', 'a'), /line 2: ts=-2.1/],
    ['a broken encoding', get(2, '2.1', 'a%2'), /line 2: key has a %/],
    ['no key', get(2, '2.1', ''), /line 2: no key=/],
    ['an absurd size', get(2, '2.1', 'a', true, 2 ** 63), /line 2: size '9223372036854776000'/],
    [
      'an absurd TTL',
      store(2, '2.1', 'a', 'status=stored cmd=set ttl=4294967296'),
      /line 2: ttl '4294967296'/,
    ],
    ['something else', 'STAT pid 1\n', /line 2: no ts=/],
  ])('names the line of %s', async (_, line, message) => {
    const text = get(1, '1.1', 'a') + line
    await expect(read(text, { format: 'memcached-watch' })).rejects.toThrow(message)
    expect((await read(text, { format: 'memcached-watch', maxBadRows: 1 })).source!.badRows).toBe(1)
  })

  it('has no columns to choose from', async () => {
    await expect(read(get(1, '1.1', 'a'), { where: ['cfd=1'] })).rejects.toThrow(
      /--where names columns.*'memcached-watch'/,
    )
  })

  it('reads what a naive writer wrote, however the stream is cut', async () => {
    const encode = (bytes: Uint8Array) =>
      Array.from(bytes, (byte) => {
        const character = String.fromCharCode(byte)
        return /[A-Za-z0-9._~-]/.test(character)
          ? character
          : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
      }).join('')
    const row = fc.record({
      ...{ key: fc.uint8Array({ minLength: 1, maxLength: 6 }), size: fc.nat(1e6), ttl: fc.nat(1e6) },
      ...{ isRead: fc.boolean(), gap: fc.integer({ min: 2000, max: 3e6 }) },
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 4 }),
        async (all, cuts) => {
          let now = 1_466_120_156_000_000
          const times = all.map(({ gap }) => (now += gap))
          const text = all.map(({ key, size, ttl, isRead }, i) => {
            const ts = `${Math.floor(times[i]! / 1e6)}.${times[i]! % 1e6}`
            return isRead
              ? get(i, ts, encode(key), true, size)
              : store(i, ts, encode(key), `status=stored cmd=set ttl=${ttl}`, size)
          })
          const trace = await read(text.join(''), { format: 'memcached-watch' }, cuts)
          const ids = all.map(({ key }) => Buffer.from(key).toString('hex'))
          expect(Array.from(trace.keys)).toEqual(ids.map((id) => [...new Set(ids)].indexOf(id)))
          expect(Array.from(trace.sizes!)).toEqual(all.map(({ size }) => size))
          expect(Array.from(trace.ops!)).toEqual(all.map(({ isRead }) => (isRead ? 0 : 1)))
          expect(Array.from(trace.times!, (time) => Math.round(time * 1e6))).toEqual(
            times.map((time) => time - times[0]!),
          )
          expect(Array.from(trace.ttls!)).toEqual(
            all.map(({ isRead, ttl }) => (isRead || ttl === 0 ? NaN : Math.fround(ttl))),
          )
        },
      ),
    )
  })

  it('turns any damage into a sound trace or one clear error, the same however the stream is cut', () =>
    expectNoHarmOfDamage(
      `OK\r\n${get(1, '1.1', 'a%20b')}${get(2, '1.500', 'a')}${store(3, '1.503', 'a')}skipped=2\n${get(6, '2.1', 'b', false)}`,
      { format: 'memcached-watch' },
      300,
    ))
})
