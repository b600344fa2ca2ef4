import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { formatForWriting, readTrace } from '../../src/formats/index.ts'

const ROWS = 4_000_000
const KEYS = 200_000

/** One row as text. */
type Row = (at: number, key: number, size: number) => string

const CASES: readonly {
  readonly file: string
  readonly header: string
  readonly rows: number
  readonly row: Row
}[] = [
  {
    file: 'plain.csv',
    header: 'timestamp,key,size\n',
    rows: ROWS,
    row: (at, key, size) => `${1_700_000_000 + (at >> 4)},${key},${size}\n`,
  },
  {
    file: 'quoted.csv',
    header: 'timestamp,key,size\n',
    rows: ROWS / 2,
    row: (at, key, size) =>
      `2024-11-15 16:57:${10 + Math.floor((at / ROWS) * 49)}.000,"item, ${key}",${size}\n`,
  },
  { file: 'keys.txt', header: '', rows: ROWS, row: (_, key) => `item/${key}\n` },
  {
    file: 'rows.jsonl',
    header: '',
    rows: ROWS / 4,
    row: (at, key, size) => `{"ts":${1_700_000_000 + (at >> 4)},"key":"item-${key}","size":${size}}\n`,
  },
]

const MAPPED_ROWS = 16_000_000

/** A file as `convert` writes it: times, keys and sizes. */
async function benchArrow(folder: string): Promise<void> {
  const random = createRandom(1, 'arrow')
  const keys = Uint32Array.from({ length: MAPPED_ROWS }, () => Math.floor(random() ** 2 * KEYS))
  const times = Float64Array.from({ length: MAPPED_ROWS }, (_, at) => at / 16)
  const trace = createTrace({ keys, times, sizes: keys })
  const path = join(folder, 'trace.arrow')
  await writeFile(path, formatForWriting(path).write(trace))
  await report('trace.arrow', path, MAPPED_ROWS, (await stat(path)).size)
}

/** Prints rows and megabytes a second, of the best of three runs. */
async function report(name: string, path: string, rows: number, bytes: number): Promise<void> {
  let best = Infinity
  for (let run = 0; run < 3; run++) {
    const start = performance.now()
    const { length } = await readTrace(path)
    if (length !== rows) throw new Error(`${name}: read ${length} of ${rows} rows`)
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  const rate = (rows / best / 1e6).toFixed(2)
  console.log(`${name.padEnd(12)} ${rate.padStart(6)} M rows/s  ${(bytes / best / 1e6).toFixed(0)} MB/s`)
}

/** Reads generated files of each kind. */
export async function benchFormats(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cachesim-bench-'))
  try {
    for (const { file, header, rows, row } of CASES) {
      const random = createRandom(1, file)
      const parts = [header]
      // The square of a uniform number: some keys are far more popular than others, as in real traffic.
      for (let at = 0; at < rows; at++) {
        parts.push(row(at, Math.floor(random() ** 2 * KEYS) * 7919, 100 + Math.floor(random() * 10_000)))
      }
      const text = parts.join('')
      const path = join(folder, file)
      await writeFile(path, text)
      await report(file, path, rows, text.length)
    }
    await benchArrow(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
