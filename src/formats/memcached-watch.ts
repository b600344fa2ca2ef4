import type { FormatDefinition, RequestSink, TraceInput } from '../core/format.ts'
import { Op } from '../core/trace.ts'
import { formatCount } from '../core/units.ts'
import { mostLinesMatch } from './first-lines.ts'
import { unixClock } from './fixed-clock.ts'
import { parseNumber } from './numbers.ts'
import { PassedOver } from './passed-over.ts'
import { RecordScanner } from './record-scanner.ts'
import { refuseColumns } from './refuse-columns.ts'
import { isSize, SIZE_RULE } from './rules.ts'
import { decodeText, quote } from './text.ts'

const LINE = /^ts=\d+\.\d{1,6} gid=\d+ type=[a-z_]+/
const [SPACE, EQUALS, PERCENT, POINT] = [0x20, 0x3d, 0x25, 0x2e]
/** A store looks its key up first, and that is logged as a read of its own, some microseconds before. */
const LOOK_UP_SECONDS = 0.001
/** A TTL is printed as 32 bits without sign: one that has run out already is just below 2^32. */
const [HALF, WHOLE] = [2 ** 31, 2 ** 32]

/**
 * The log of `watch fetchers mutations` of memcached (logger.c, doc/protocol.txt): `ts=1466120156.99667 gid=1
 * type=item_get key=foo status=not_found …`. The number after the point is microseconds without zeros in front: .99667 is
 * 0.099667 s. Keys are URI-encoded. Each worker thread writes its lines in one go, so they are sorted.
 *
 * A store looks up its key, which memcached logs as an item_get like any other: one directly before the item_store for
 * the same key, at most a millisecond earlier, is not taken for a read. Likewise for deletions, which `watch deletions`
 * logs; without it, they and incr and touch show up as reads. Stores that failed are passed over.
 */
const memcachedWatch: FormatDefinition = {
  name: 'memcached-watch',
  summary: "memcached's log of 'watch fetchers mutations'",
  extensions: [],
  detect: (head) => mostLinesMatch(head, LINE, /^OK$|^skipped=\d+$|^$/),
  async read(input, options, sink) {
    refuseColumns(options, 'memcached-watch')
    await new WatchReader(input, sink).read()
  },
}

/** A look-up whose next line must be seen first. */
class LookUp {
  isOpen = false
  line = 0
  time = 0
  size = 0
  key = Buffer.allocUnsafeSlow(1 << 10)
  length = 0

  hold(line: number, time: number, size: number, from: Buffer, start: number, end: number): void {
    if (end - start > this.key.length) this.key = Buffer.allocUnsafeSlow(2 * (end - start))
    this.length = from.copy(this.key, 0, start, end)
    this.isOpen = true
    this.line = line
    this.time = time
    this.size = size
  }

  /** Is it part of what is done to that key at that time? */
  belongsTo(time: number, bytes: Buffer, start: number, end: number): boolean {
    if (!this.isOpen || Math.abs(time - this.time) > LOOK_UP_SECONDS) return false
    return this.key.compare(bytes, start, end, 0, this.length) === 0
  }
}

const FIELDS = ['ts', 'gid', 'type', 'key', 'status', 'cmd', 'ttl', 'size'] as const
type Field = (typeof FIELDS)[number]

class WatchReader {
  readonly #input: TraceInput
  readonly #sink: RequestSink
  readonly #scanner: RecordScanner
  /** [start, end) of each field in the buffer; empty where the line has none. */
  readonly #fields: Record<Field, [start: number, end: number]> = {
    ...{ ts: [0, 0], gid: [0, 0], type: [0, 0], key: [0, 0] },
    ...{ status: [0, 0], cmd: [0, 0], ttl: [0, 0], size: [0, 0] },
  }
  /** The read that came last, and the store that failed last. */
  readonly #read = new LookUp()
  readonly #failed = new LookUp()
  readonly #others = new PassedOver()
  readonly #failures = new PassedOver()
  #lookUps = 0
  #skipped = 0
  #numbered = 0
  #firstNumber = Infinity
  #lastNumber = -Infinity

  constructor(input: TraceInput, sink: RequestSink) {
    this.#input = input
    this.#sink = sink
    this.#scanner = new RecordScanner(input.name, { quotes: false })
    sink.begin({
      input,
      format: 'memcached-watch',
      columns: { key: 'key', time: 'ts', size: 'size', op: 'type', ttl: 'ttl' },
      has: { times: true, sizes: true, ops: true, ttls: true },
      unsaidSizes: 'empty',
      sorts: true,
      clock: unixClock,
    })
  }

  async read(): Promise<void> {
    await this.#scanner.run(this.#input.chunks(), () => this.#line())
    this.#release()
    for (const note of this.#notes()) this.#sink.note(note)
  }

  #notes(): string[] {
    const missing = this.#lastNumber - this.#firstNumber + 1 - this.#numbered
    const skipped = this.#skipped > 0 ? `, ${formatCount(this.#skipped)} of them said to be skipped` : ''
    return [
      ...(missing > 0 || this.#skipped > 0
        ? [
            `${formatCount(Math.max(missing, this.#skipped))} lines of the log are missing (gaps in gid${skipped}): memcached drops lines that are not read fast enough, and numbers those for other watchers too`,
          ]
        : []),
      ...(this.#lookUps > 0
        ? [
            `${formatCount(this.#lookUps)} item_get ${this.#lookUps === 1 ? 'line is a look-up within a store or deletion, no read, and was' : 'lines are look-ups within stores or deletions, no reads, and were'} passed over`,
          ]
        : []),
      ...this.#failures.note('store failed and was', 'stores failed and were'),
      ...this.#others.note('line is of another type and was', 'lines are of other types and were'),
    ]
  }

  #line(): boolean {
    const { buffer, bounds, line } = this.#scanner
    const start = bounds[0]!
    const end = bounds[1]!
    let { problem } = this.#scanner
    if (problem === undefined) {
      if (this.#isMark(buffer, start, end)) return true
      problem = this.#findFields(buffer, start, end)
    }
    if (problem !== undefined) return this.#bad(line, problem)
    const time = this.#time(buffer)
    if (Number.isNaN(time))
      return this.#bad(line, `ts=${this.#text('ts')} is no time in seconds and microseconds`)
    const gid = this.#number(buffer, 'gid')
    if (!(gid >= 0)) return this.#bad(line, `gid=${this.#text('gid')} is no number`)
    this.#numbered++
    this.#firstNumber = Math.min(this.#firstNumber, gid)
    this.#lastNumber = Math.max(this.#lastNumber, gid)
    const type = this.#text('type')
    if (type !== 'item_get' && type !== 'item_store' && type !== 'deleted') {
      this.#others.add(type)
      return true
    }
    const wrong = this.#decodeKey(buffer)
    if (wrong !== undefined) return this.#bad(line, wrong)
    const size = this.#number(buffer, 'size')
    if (!isSize(size)) return this.#bad(line, `size ${quote(this.#text('size'))} is not ${SIZE_RULE}`)
    return type === 'item_get' ? this.#get(line, time, size) : this.#change(line, time, size, type)
  }

  #get(line: number, time: number, size: number): boolean {
    const { buffer } = this.#scanner
    const [start, end] = this.#fields.key
    if (this.#failed.belongsTo(time, buffer, start, end)) {
      this.#failed.isOpen = false
      this.#lookUps++
      return true
    }
    const isFound = this.#text('status') === 'found'
    const isMore = this.#release()
    this.#read.hold(line, time, isFound ? size : Number.NaN, buffer, start, end)
    return isMore
  }

  #change(line: number, time: number, size: number, type: 'item_store' | 'deleted'): boolean {
    const { buffer } = this.#scanner
    const [start, end] = this.#fields.key
    if (this.#read.belongsTo(time, buffer, start, end)) {
      this.#read.isOpen = false
      this.#lookUps++
    }
    if (!this.#release()) return false
    const isDeleted = type === 'deleted'
    const status = this.#text('status')
    if (!isDeleted && status !== 'stored') {
      this.#failures.add(status)
      if (status === 'too_large' || status === 'no_memory')
        this.#failed.hold(line, time, 0, buffer, start, end)
      return true
    }
    const ttl = isDeleted ? 0 : this.#number(buffer, 'ttl')
    if (!(ttl >= 0 && ttl < WHOLE))
      return this.#bad(line, `ttl ${quote(this.#text('ttl'))} is no number of seconds below 2^32`)
    const op = isDeleted || ttl >= HALF ? Op.delete : Op.write
    this.#sink.rows++
    this.#sink.ttl = ttl === 0 || op === Op.delete ? Number.NaN : ttl
    return this.#sink.add(line, buffer, start, end, time, size, 0, op)
  }

  /** Lets the read that was held go to the trace; returns whether more is wanted. */
  #release(): boolean {
    const read = this.#read
    if (!read.isOpen) return true
    read.isOpen = false
    this.#sink.rows++
    this.#sink.ttl = Number.NaN
    return this.#sink.add(read.line, read.key, 0, read.length, read.time, read.size, 0, Op.read)
  }

  #bad(line: number, problem: string): true {
    this.#sink.rows++
    this.#sink.addBad(line, problem)
    return true
  }

  /** `OK`, the answer to watch itself, or `skipped=12`. */
  #isMark(buffer: Buffer, start: number, end: number): boolean {
    if (end - start > 40) return false
    const text = buffer.toString('latin1', start, end)
    const skipped = /^skipped=(\d{1,15})$/.exec(text)
    if (skipped) this.#skipped += Number(skipped[1])
    return skipped !== null || text === 'OK'
  }

  /** Finds the fields `name=value` of a line; returns what is missing, if something is. */
  #findFields(buffer: Buffer, from: number, end: number): string | undefined {
    const fields = this.#fields
    for (const name of FIELDS) fields[name][0] = fields[name][1] = end
    for (let at = from; at < end; at++) {
      const start = at
      while (at < end && buffer[at] !== SPACE && buffer[at] !== EQUALS) at++
      const equals = at
      while (at < end && buffer[at] !== SPACE) at++
      for (const name of FIELDS) {
        if (!isWord(buffer, start, equals, name)) continue
        // What a client sent may stand at the end of a line, and look like fields.
        if (fields[name][0] === end) fields[name] = [equals + 1, at]
      }
    }
    for (const name of ['ts', 'gid', 'type'] as const) {
      if (fields[name][0] === end)
        return `no ${name}= in ${quote(decodeText(buffer, from, Math.min(end, from + 80)))}`
    }
    return undefined
  }

  #text(field: Field): string {
    const [start, end] = this.#fields[field]
    return this.#scanner.buffer.toString('latin1', start, Math.min(end, start + 80))
  }

  #number(buffer: Buffer, field: Field): number {
    const [start, end] = this.#fields[field]
    return parseNumber(buffer, start, end)
  }

  /** Seconds since 1970; the microseconds are printed as a number of their own. */
  #time(buffer: Buffer): number {
    const [start, end] = this.#fields.ts
    let point = start
    while (point < end && buffer[point] !== POINT) point++
    if (end - point < 2 || end - point > 7) return Number.NaN
    const seconds = parseNumber(buffer, start, point)
    const microseconds = parseNumber(buffer, point + 1, end)
    const isWhole = Number.isInteger(seconds) && Number.isInteger(microseconds)
    return isWhole && seconds >= 0 && seconds < 1e12 && microseconds >= 0
      ? seconds + microseconds / 1e6
      : Number.NaN
  }

  /** Undoes the URI-encoding in place; returns what is wrong with the key, if something is. */
  #decodeKey(buffer: Buffer): string | undefined {
    const field = this.#fields.key
    const [start, end] = field
    if (start === end) return 'no key='
    let to = start
    for (let at = start; at < end; at++) {
      if (buffer[at] !== PERCENT) {
        buffer[to++] = buffer[at]!
        continue
      }
      const text = at + 3 <= end ? buffer.toString('latin1', at + 1, at + 3) : ''
      if (!/^[0-9a-f]{2}$/i.test(text)) return `key has a % that two digits do not follow`
      buffer[to++] = Number.parseInt(text, 16)
      at += 2
    }
    field[1] = to
    return undefined
  }
}

/** Are the bytes that word of ASCII? */
function isWord(buffer: Buffer, start: number, end: number, word: string): boolean {
  if (word.length !== end - start) return false
  for (let i = 0; i < word.length; i++) if (buffer[start + i] !== word.charCodeAt(i)) return false
  return true
}

export default memcachedWatch
