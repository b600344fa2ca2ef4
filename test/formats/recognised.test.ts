import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { formats } from '../../src/formats/index.ts'
import { read } from './support.ts'

/** Small files of each format. */
const FILES: Readonly<Record<string, string>> = {
  'redis-monitor':
    'OK\n1700000000.000001 [0 lua] "get" "k"\n1700000001.5 [0 lua] "get" "k"\n1700000001.500000 [0 lua] "get" "k"\n',
  'memcached-watch': 'OK\r\nts=1.5 gid=1 type=item_get key=k status=found clsid=1 cfd=2 size=3\n',
  'access-log': 'h - - [10/Oct/2000:13:55:36 -0700] "GET /a,b HTTP/1.0" 200 2326\n',
  twitter: '0,k,1,2,c,get,0\n1,k,1,2,c,get,0\n',
  jsonl: '{"key":"k"}\n',
  csv: 'time,key\n1,k\n',
  tsv: 'time\tkey\n1\tk\n',
  lines: 'k\nget k\n',
}

describe('a file without a telling name', () => {
  it.each(Object.entries(FILES))(
    'is recognised as %s by its content, plain and packed',
    async (format, text) => {
      const options = { maxBadRows: 1 }
      expect((await read(text, options)).source!.format).toBe(format)
      expect((await read(gzipSync(text), options)).source!.format).toBe(format)
    },
  )

  it.each(Object.entries(FILES))('and %s by no other that stands after it', (format, text) => {
    const detecting = formats.all.filter((each) => each.detect(Buffer.from(text))).map(({ name }) => name)
    expect(detecting.filter((name) => name !== format && !['csv', 'tsv'].includes(name))).toEqual([])
  })

  it.each(['redis-monitor', 'memcached-watch', 'access-log', 'twitter'])(
    'is refused in one sentence when it is binary and %s is asked for',
    async (format) => {
      const binary = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01'), Buffer.alloc(100)])
      await expect(read(binary, { format })).rejects.toThrow(/'-' line 1: a NUL byte/)
      await expect(read('{"a":1}\n', { format })).rejects.toThrow(/'-' line 1: /)
    },
  )
})
