import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createTrace } from '../../src/core/trace.ts'
import { formatForWriting, formats } from '../../src/formats/index.ts'
import { read } from './support.ts'

const oracle = Buffer.concat(
  [
    ...formatForWriting('a.bin').write(createTrace({ keys: [3, 4, 3], times: [0, 1, 2], sizes: [9, 9, 9] })),
  ].map((chunk) => Buffer.from(chunk as Uint8Array)),
)
const vscsi = Buffer.from(
  [
    'f400008000020000010000002a000001091a8f020000000022cf82be1f050000',
    '610000800002000001000000280000010a1a8f0200000000f18286be1f050000',
  ].join(''),
  'hex',
)

/** A small file of each format, and what must be said for it to be read. */
const FILES: readonly {
  readonly format: string
  readonly content: string | Buffer
  readonly key?: string[]
}[] = [
  { format: 'oracle-general', content: oracle },
  { format: 'vscsi', content: vscsi },
  { format: 'arc', content: '1 1 0 0\n2 8 0 0\n' },
  { format: 'lirs', content: '1\n2\n*\n1\n' },
  { format: 'spc', content: '0,5,8192,R,0.5\n0,6,512,w,0.7\n' },
  { format: 'msr-cambridge', content: '128166372003061629,usr,0,Read,7014609920,24576,41286\n' },
  { format: 'csv', content: '0 17 68\n1 5 7454\n', key: ['2'] },
  { format: 'csv', content: '1 1 1 5\n2 8 0 7\n', key: ['2'] },
  { format: 'csv', content: '0,5,8192,R,0.5\n0,6,512,x,0.7\n', key: ['2'] },
  { format: 'csv', content: '0,5,8192,1,0.5\n0,6,512,2,0.7\n', key: ['2'] },
  { format: 'csv', content: 'timestamp,key,size\n1,a,5\n' },
  { format: 'tsv', content: '1\t2\n3\t4\n', key: ['2'] },
  { format: 'jsonl', content: '{"key":"a"}\n{"key":"b"}\n' },
  { format: 'lines', content: '1\n2\n1\n' },
  { format: 'lines', content: '*\n*\n' },
]

describe('the content of a file tells its format', () => {
  it.each(FILES)('$format, plain and packed', async ({ format, content, key }) => {
    for (const bytes of [Buffer.from(content as string), gzipSync(content)])
      expect((await read(bytes, { ...(key && { key }) })).source!.format).toBe(format)
  })

  it.each(FILES)('$format, before any other that would take it', ({ format, content }) => {
    const claims = formats.all.filter((each) => each.detect(Buffer.from(content as string)))
    expect(claims[0]?.name ?? 'lines').toBe(format)
  })

  it('is not guessed of bytes that could be anything', () => {
    for (const fill of [0, 0xff, 1, 0x20]) {
      const bytes = Buffer.alloc(24 * 40, fill)
      expect(formats.all.filter((each) => each.detect(bytes)).map(({ name }) => name)).toEqual([])
    }
  })
})
