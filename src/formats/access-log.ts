import type { FormatDefinition, ReadOptions } from '../core/format.ts'
import { formatCount } from '../core/units.ts'
import { AccessCell as Cell, cutAccessLine, firstByteOf } from './access-log-line.ts'
import { firstLogLines, mostLinesMatch } from './first-lines.ts'
import { opOf } from './ops.ts'
import { PassedOver } from './passed-over.ts'
import type { RecordScanner } from './record-scanner.ts'
import { readTable } from './table.ts'

const COLUMNS = Object.keys(Cell) as (keyof typeof Cell)[]
const LINE =
  /^\S+ \S+ [^[]*\[(?:\d\d\/[A-Z][a-z][a-z]\/\d{4}:|\d{4}-\d\d-\d\dT)[^\]]*\] "(?:[^"\\]|\\.)*" (?:\d{3}|-) (?:\d+|-)(?: |$)/

/**
 * Access logs of Apache and nginx in the common or the combined format, with other fields after those where there are
 * any: of them only the time that the request took is known, `rt=0.123`, `request_time=0.123` or the last field, in
 * seconds if it has a fraction (nginx's `$request_time`) and else in µs (Apache's `%D`).
 *
 * What may come from a cache is replayed, which is GET and HEAD (RFC 9110, section 9.2.3); `--op method` takes in POST,
 * PUT and PATCH as writes and DELETE. Lines are written when a request ends and carry the time at which it began, so they
 * are sorted. A path is the key as it was logged, query and escapes included. The size is the one of the body that was
 * sent, which for HEAD, 206 and 304 is not that of the value.
 */
const accessLog: FormatDefinition = {
  name: 'access-log',
  summary: 'access logs of Apache and nginx, common or combined, with a request time where there is one',
  extensions: [],
  detect: (head) => mostLinesMatch(head, LINE),
  async read(input, options, sink) {
    const unit = requestTimeUnit(input.head)
    const requests = new Requests(options)
    await readTable(input, options, sink, {
      format: 'access-log',
      quotes: false,
      fixed: {
        names: unit === undefined ? COLUMNS.slice(0, -1) : COLUMNS,
        ...{ key: ['path'], time: 'time', size: 'size' },
        ...(unit && { cost: 'request_time', costUnit: unit }),
      },
      split(scanner) {
        const problem = cutAccessLine(scanner)
        scanner.cells = unit === undefined ? COLUMNS.length - 1 : COLUMNS.length
        if (problem !== undefined) return problem
        return requests.take(scanner) ? undefined : null
      },
      sizeOf: bodySize,
      unsaidSizes: 'unknown',
      sorts: true,
      notes:
        unit && options.cost === undefined && options.costUnit === undefined
          ? [`costs are request times, taken in ${unit} (--cost-unit says otherwise)`]
          : [],
    })
    for (const note of requests.notes) sink.note(note)
  },
}

/** The unit of the request times at the ends of the first lines, or undefined if there are none. */
function requestTimeUnit(head: Uint8Array): 's' | 'us' | undefined {
  const lines = firstLogLines(head).filter((line) => LINE.test(line))
  const times = lines.map((line) => {
    const record = { buffer: Buffer.from(line, 'latin1'), bounds: new Int32Array(64) }
    record.bounds[1] = record.buffer.length
    if (cutAccessLine(record) !== undefined) return ''
    const [start, end] = record.bounds.subarray(2 * Cell.request_time)
    return record.buffer.toString('latin1', start, end)
  })
  const numbers = times.filter((time) => /^\d+(\.\d+)?$/.test(time))
  if (numbers.length === 0 || 2 * numbers.length <= lines.length) return undefined
  return numbers.some((time) => time.includes('.')) ? 's' : 'us'
}

/** A body of no bytes is a dash in Apache's `%b`. */
function bodySize({ buffer, bounds }: RecordScanner): number | undefined {
  const status = bounds[2 * Cell.status]!
  const code = buffer[status]! * 100 + buffer[status + 1]! * 10 + buffer[status + 2]! - 111 * 0x30
  if (code === 304 || code === 206 || firstByteOf({ buffer, bounds }, Cell.method) === LETTER_H)
    return Number.NaN
  return firstByteOf({ buffer, bounds }, Cell.size) === DASH ? 0 : undefined
}

const [DASH, LETTER_H] = [0x2d, 0x48]

/** Which lines are requests that a cache is asked for, and the count of the others. */
class Requests {
  readonly #allMethods: boolean
  readonly #methods = new PassedOver()
  #noRequests = 0

  constructor({ op }: ReadOptions) {
    this.#allMethods = op !== undefined
  }

  take({ buffer, bounds }: RecordScanner): boolean {
    const start = bounds[2 * Cell.method]!
    const end = bounds[2 * Cell.method + 1]!
    if (start === end) {
      this.#noRequests++
      return false
    }
    const method = METHODS.get(end - start)
    if (method !== undefined && buffer.compare(method, 0, method.length, start, end) === 0) return true
    const name = buffer.toString('latin1', start, Math.min(end, start + 32))
    if (this.#allMethods && opOf(name) !== undefined) return true
    this.#methods.add(name)
    return false
  }

  get notes(): string[] {
    const count = this.#noRequests
    return [
      ...this.#methods.note(
        'request is neither GET nor HEAD and was',
        'requests are neither GET nor HEAD and were',
        this.#allMethods ? '' : '; --op method replays those that write or delete',
      ),
      ...(count > 0
        ? [`${formatCount(count)} ${count === 1 ? 'line holds' : 'lines hold'} no HTTP request, passed over`]
        : []),
    ]
  }
}

/** By their length. */
const METHODS = new Map(['GET', 'HEAD'].map((name) => [name.length, Buffer.from(name)]))

export default accessLog
