import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { formatForWriting, type ReadTraceOptions, readTrace } from '../../src/formats/index.ts'

const ROWS = 4_000_000
const KEYS = 200_000

/** One row of the file. */
type Row = (at: number, key: number, size: number) => string | Uint8Array

const CASES: readonly {
  readonly file: string
  readonly header: string
  readonly rows: number
  readonly row: Row
  readonly options?: ReadTraceOptions
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
    file: 'blanks.txt',
    header: '',
    rows: ROWS,
    row: (at, key, size) => `${at} ${key} ${size}\n`,
    options: { key: ['2'] },
  },
  {
    file: 'records.oracleGeneral',
    header: '',
    rows: ROWS,
    row: (at, key, size) => oracleRecord(1_700_000_000 + (at >> 4), key, size),
  },
  {
    file: 'rows.jsonl',
    header: '',
    rows: ROWS / 4,
    row: (at, key, size) => `{"ts":${1_700_000_000 + (at >> 4)},"key":"item-${key}","size":${size}}\n`,
  },
  {
    file: 'calls.jsonl',
    header: '',
    rows: ROWS / 16,
    row: (at, key, size) =>
      `{"id":"chatcmpl-${at}","call_type":"acompletion","status":"success","startTime":${1_700_000_000 + (at >> 4)}.5,"endTime":${1_700_000_001 + (at >> 4)}.75,"model":"a-model-of-ours","messages":[{"role":"system","content":"Answer in a word."},{"role":"user","content":"item ${key}"}],"model_parameters":{"temperature":0.25,"max_tokens":50},"response":{"choices":[{"message":{"role":"assistant","content":"${size}"}}]},"response_cost":0.0002}\n`,
  },
  {
    file: 'deep.jsonl',
    header: '',
    rows: ROWS / 8,
    row: (at, key, size) =>
      `{"trace":"0b6e${at}","meta":{"region":"eu-west-1","tags":["batch","retry",${at & 7}],"user":{"name":"someone \\"else\\"","plan":null}},"call":{"model":"a-model-of-ours","prompt":"item ${key}","options":{"temperature":0.25,"stop":[]}},"response":{"bytes":${size},"cached":false,"ok":true},"timestamp":${1_700_000_000 + (at >> 4)}.25}\n`,
  },
  {
    file: 'twitter',
    header: '',
    rows: ROWS / 2,
    row: (at, key, size) => `${at >> 10},nz:u:${key},12,${size},7,${at % 8 === 0 ? 'set' : 'get'},0\n`,
  },
  {
    file: 'access.log',
    header: '',
    rows: ROWS / 8,
    row: (at, key, size) =>
      `10.0.0.1 - - [10/Oct/2000:13:${10 + (at >> 17)}:${10 + ((at >> 12) & 31)} +0000] "GET /item/${key} HTTP/1.1" 200 ${size} "-" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/130.0"\n`,
  },
  {
    file: 'monitor.txt',
    header: 'OK\n',
    rows: ROWS / 8,
    row: (at, key, size) =>
      `${1_700_000_000 + (at >> 10)}.000000 [0 127.0.0.1:56604] ${at % 8 === 0 ? `"SET" "item:${key}" "${size}"` : `"GET" "item:${key}"`}\n`,
  },
  {
    file: 'watch.txt',
    header: 'OK\r\n',
    rows: ROWS / 8,
    row: (at, key, size) =>
      `ts=${1_700_000_000 + (at >> 10)}.5 gid=${at + 1} type=item_get key=item%3A${key} status=found clsid=1 cfd=12 size=${size}\n`,
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
  await report(path, MAPPED_ROWS)
}

/** Prints rows and megabytes a second, of the best of three runs. */
async function report(path: string, rows: number, options: ReadTraceOptions = {}): Promise<void> {
  const { size } = await stat(path)
  const name = basename(path)
  let best = Infinity
  for (let run = 0; run < 3; run++) {
    const start = performance.now()
    const { length } = await readTrace(path, options)
    if (length !== rows) throw new Error(`${name}: read ${length} of ${rows} rows`)
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  const rate = (rows / best / 1e6).toFixed(2)
  console.log(`${name.padEnd(21)} ${rate.padStart(6)} M rows/s  ${(size / best / 1e6).toFixed(0)} MB/s`)
}

function oracleRecord(time: number, key: number, size: number): Uint8Array {
  const record = Buffer.alloc(24, 0xff)
  record.writeUInt32LE(time)
  record.writeBigUInt64LE(BigInt(key), 4)
  record.writeUInt32LE(size, 12)
  return record
}

/** Reads generated files of each kind. */
export async function benchFormats(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cachesim-bench-'))
  try {
    for (const { file, header, rows, row, options } of CASES) {
      const random = createRandom(1, file)
      const parts: Uint8Array[] = [Buffer.from(header)]
      // The square of a uniform number: some keys are far more popular than others, as in real traffic.
      for (let at = 0; at < rows; at++) {
        const one = row(at, Math.floor(random() ** 2 * KEYS) * 7919, 100 + Math.floor(random() * 10_000))
        parts.push(typeof one === 'string' ? Buffer.from(one) : one)
      }
      const path = join(folder, file)
      await writeFile(path, Buffer.concat(parts))
      await report(path, rows, options)
    }
    await benchArrow(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
