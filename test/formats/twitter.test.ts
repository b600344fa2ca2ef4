import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

const TRACE = [
  '0,nz:u:eeW511W3dcH3de3d15ec,22,304,2,get,0',
  '0,nz:u:a,b,8,0,9,get,0',
  '1,nz:u:a,b,8,96,9,set,86400',
  '1,"quoted,10,7,3,gets,0',
  '2,counter,7,8,3,incr,0',
  '3,nz:u:a,b,8,0,9,delete,0',
  '',
].join('\n')

describe('twitter', () => {
  it('is told from a table without header by its operations, plain or in CRLF lines', async () => {
    for (const text of [TRACE, TRACE.replaceAll('\n', '\r\n'), TRACE.trimEnd()]) {
      const trace = await read(text)
      expect(trace.source!.format).toBe('twitter')
      expect(namesOf(trace)).toEqual([
        ...['nz:u:eeW511W3dcH3de3d15ec', 'nz:u:a,b', 'nz:u:a,b', '"quoted', 'counter', 'nz:u:a,b'],
      ])
      expect(contentOf(trace)).toMatchObject({ times: [0, 0, 1, 1, 2, 3], ops: [0, 0, 1, 0, 1, 2] })
      expect(Array.from(trace.ttls!)).toEqual([NaN, NaN, 86400, NaN, NaN, NaN])
    }
  })

  it('takes the size of a read that found nothing from what is written, and other columns by name', async () => {
    const trace = await read(TRACE)
    expect(Array.from(trace.sizes!)).toEqual([304, 96, 96, 7, 8, 0])
    expect(trace.source!.notes.join('\n')).toMatch(/1 request does not say how large/)
    expect(Array.from((await read(TRACE, { valueSize: 'key_size' })).sizes!)).toEqual([22, 8, 8, 10, 7, 8])
    expect(namesOf(await read(TRACE, { where: ['client=9', 'op=set'], key: ['client'] }))).toEqual(['9'])
  })

  it.each<[string, string]>([
    [
      'a table with a header',
      'time,key,key_size,value_size,client,op,ttl\n1,k,1,2,c,get,0\n2,k,1,2,c,get,0\n',
    ],
    ['seven columns without operations', '1,k,1,2,c,5,0\n2,k,1,2,c,6,0\n'],
    ['operations of another trace', '1,k,1,2,c,READ,0\n2,k,1,2,c,WRITE,0\n'],
  ])('leaves %s to csv', async (_, text) => {
    expect((await read(text, { key: ['2'] })).source!.format).toBe('csv')
  })

  it.each<[string, string, RegExp]>([
    ['an unknown operation', '4,k,1,1,c,getset,0', /line 7: operation 'getset' of column 'op'/],
    ['a line cut short', '4,k,1,1,c', /line 7: fewer than the 7 cells/],
    ['an absurd size', '4,k,1,9223372036854775808,c,get,0', /line 7: size '9223372036854775808'/],
    ['a negative TTL', '4,k,1,1,c,set,-1', /line 7: TTL '-1'/],
    ['an empty line', '\n4,k,1,1,c,get,0', /line 7: the line is empty/],
  ])('names the line of %s', async (_, line, message) => {
    await expect(read(`${TRACE}${line}\n`)).rejects.toThrow(message)
    expect((await read(`${TRACE}${line}\n`, { maxBadRows: 1 })).source!.badRows).toBe(1)
  })

  it('reads what a naive writer wrote, whatever the key holds and however the stream is cut', async () => {
    const row = fc.record({
      gap: fc.nat(5),
      key: fc.string({
        unit: fc.constantFrom('a', ',', '"', ' ', 'é', '1', ':'),
        minLength: 1,
        maxLength: 6,
      }),
      size: fc.integer({ min: 1, max: 0xffff_ffff }),
      op: fc.constantFrom('get', 'set', 'delete', 'cas'),
      ttl: fc.nat(1e6),
    })
    const rows = fc.array(row, { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.nat(), { maxLength: 4 }), async (all, cuts) => {
        let now = 0
        const times = all.map(({ gap }) => (now += gap))
        const text = all.map(
          ({ key, size, op, ttl }, i) => `${times[i]},${key},${key.length},${size},7,${op},${ttl}\n`,
        )
        const trace = await read(text.join(''), { format: 'twitter' }, cuts)
        expect(namesOf(trace)).toEqual(all.map(({ key }) => key))
        expect(Array.from(trace.times!)).toEqual(times.map((time) => time - times[0]!))
        expect(Array.from(trace.sizes!)).toEqual(all.map(({ size }) => size))
        expect(Array.from(trace.ttls!)).toEqual(all.map(({ ttl }) => (ttl === 0 ? NaN : ttl)))
      }),
    )
  })

  it('turns any damage into a sound trace or one clear error, the same however the stream is cut', () =>
    expectNoHarmOfDamage(TRACE, { format: 'twitter' }, 200))
})
