import type { FormatDefinition, RequestSink, TraceInput } from '../core/format.ts'
import { mostLinesMatch } from './first-lines.ts'
import { unixClock } from './fixed-clock.ts'
import { PassedOver } from './passed-over.ts'
import { RecordScanner } from './record-scanner.ts'
import { type RedisArguments, type Touch, touchesOf } from './redis-commands.ts'
import { refuseColumns } from './refuse-columns.ts'
import { isSize, isTtl } from './rules.ts'
import { decodeText, quote } from './text.ts'

const LINE = /^\+?\d{9,12}\.\d{6} \[\d+ [^"]*\] "/
const [NEWLINE, RETURN, TAB, BELL, BACKSPACE] = [0x0a, 0x0d, 0x09, 0x07, 0x08]
const [SPACE, QUOTE, PLUS, ZERO, POINT, OPEN, CLOSE, BACKSLASH] = [
  0x20, 0x22, 0x2b, 0x30, 0x2e, 0x5b, 0x5d, 0x5c,
]
const [LETTER_A, LETTER_B, LETTER_N, LETTER_R, LETTER_T, LETTER_X] = [0x61, 0x62, 0x6e, 0x72, 0x74, 0x78]
const MOST_DATABASES = 0xffff

/**
 * What `redis-cli MONITOR` prints (Redis and Valkey): `1378822105.089572 [0 127.0.0.1:56604] "GET" "key"`. Every key that
 * a command reads, writes or deletes is a request; what a command does beyond that is not seen: whether a SET NX wrote,
 * whether a GET found. EXPIRE and its relatives are writes that give the entry a new time to live. A key of another
 * database than 0 is another key, named `[2] key`. The size is the length of what is SET; other requests take that of the
 * nearest for the same key.
 */
const redisMonitor: FormatDefinition = {
  name: 'redis-monitor',
  summary: 'what redis-cli MONITOR prints: every command with its time, database and arguments',
  extensions: [],
  detect: (head) => mostLinesMatch(head, LINE, /^\+?OK$|^$/),
  async read(input, options, sink) {
    refuseColumns(options, 'redis-monitor')
    await new MonitorReader(input, sink).read()
  },
}

class MonitorReader implements RedisArguments {
  count = 0
  readonly #input: TraceInput
  readonly #sink: RequestSink
  readonly #scanner: RecordScanner
  /** [arguments] where each lies, its escapes undone in place; the command itself is the first. */
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #time = 0
  #database = 0
  readonly #noKey = new PassedOver()
  readonly #unknown = new PassedOver()
  readonly #flushes = new PassedOver()

  constructor(input: TraceInput, sink: RequestSink) {
    this.#input = input
    this.#sink = sink
    this.#scanner = new RecordScanner(input.name, { quotes: false })
    sink.begin({
      input,
      format: 'redis-monitor',
      columns: { key: 'key', time: 'time', size: 'value', op: 'command', ttl: 'expiry' },
      has: { times: true, sizes: true, ops: true, ttls: true },
      unsaidSizes: 'unknown',
      clock: unixClock,
      nameOf: (bytes) => {
        const database = (bytes[0]! << 8) | bytes[1]!
        return (database === 0 ? '' : `[${database}] `) + decodeText(bytes, 2)
      },
    })
  }

  async read(): Promise<void> {
    await this.#scanner.run(this.#input.chunks(), () => this.#line())
    for (const note of [
      ...this.#noKey.note(
        'command reads, writes or deletes no value of a key and was',
        'commands read, write or delete no value of a key and were',
      ),
      ...this.#unknown.note('command is not known here and was', 'commands are not known here and were'),
      ...this.#flushes.note(
        'command that empties a database was',
        'commands that empty a database were',
        ': the simulated cache stays full',
      ),
    ]) {
      this.#sink.note(note)
    }
  }

  length(index: number): number {
    return this.#ends[index + 1]! - this.#starts[index + 1]!
  }

  text(index: number): string {
    return this.#scanner.buffer.toString('latin1', this.#starts[index + 1]!, this.#ends[index + 1]!)
  }

  #line(): boolean {
    const { buffer, bounds, line } = this.#scanner
    const start = bounds[0]!
    const end = bounds[1]!
    let { problem } = this.#scanner
    if (problem === undefined) {
      if (isAccepted(buffer, start, end)) return true
      problem = this.#parse(buffer, start, end)
    }
    if (problem !== undefined) return this.#bad(line, problem)
    const name = this.text(-1).toLowerCase()
    const touches = touchesOf(name, this, this.#time)
    if (touches === undefined || touches.length === 0) {
      const passed = touches === undefined ? this.#unknown : FLUSHES.has(name) ? this.#flushes : this.#noKey
      passed.add(name.toUpperCase())
      return true
    }
    const wrong = touches.find(({ ttl = 1, size = 0 }) => !(ttl === Infinity || isTtl(ttl)) || !isSize(size))
    if (wrong)
      return this.#bad(line, `the time to live of this ${name.toUpperCase()} is not a number of 0 or more`)
    this.#sink.rows++
    return touches.every((touch) => this.#add(line, touch))
  }

  #bad(line: number, problem: string): true {
    this.#sink.rows++
    this.#sink.addBad(line, problem)
    return true
  }

  #add(line: number, { key, op, size = Number.NaN, ttl = Number.NaN }: Touch): boolean {
    const { buffer } = this.#scanner
    // The blank and the quote before an argument are done with: the database goes there, in front of the key.
    const start = this.#starts[key + 1]! - 2
    buffer[start] = this.#database >> 8
    buffer[start + 1] = this.#database & 0xff
    this.#sink.ttl = ttl
    return this.#sink.add(line, buffer, start, this.#ends[key + 1]!, this.#time, size, 0, op)
  }

  /** Takes a line apart; returns what is wrong with it, if something is. */
  #parse(buffer: Buffer, from: number, end: number): string | undefined {
    let at = buffer[from] === PLUS ? from + 1 : from
    const seconds = at
    while (at < end && buffer[at] !== POINT) at++
    const point = at
    while (at < end && buffer[at] !== SPACE) at++
    const time = digits(buffer, seconds, point) + digits(buffer, point + 1, at) / 10 ** (at - point - 1)
    if (!Number.isFinite(time))
      return `no time in seconds at the start of ${quote(decodeText(buffer, from, Math.min(end, from + 80)))}`
    if (buffer[at + 1] !== OPEN || at + 1 >= end) return 'no database and client in brackets after the time'
    const database = at + 2
    at = database
    while (at < end && buffer[at] !== SPACE && buffer[at] !== CLOSE) at++
    this.#database = digits(buffer, database, at)
    if (!(this.#database <= MOST_DATABASES))
      return `no number of a database from 0 to ${MOST_DATABASES} after the time`
    this.#time = time
    while (at < end && !(buffer[at] === CLOSE && buffer[at + 1] === SPACE && buffer[at + 2] === QUOTE)) at++
    at += 2
    if (at >= end) return 'no command in quotes after the brackets'
    return this.#parseArguments(buffer, at, end)
  }

  #parseArguments(buffer: Buffer, from: number, end: number): string | undefined {
    const starts = this.#starts
    const ends = this.#ends
    starts.length = 0
    ends.length = 0
    for (let at = from; ; at++) {
      if (buffer[at] !== QUOTE) return `argument ${starts.length} is not in quotes`
      at++
      starts.push(at)
      let to = at
      while (at < end && buffer[at] !== QUOTE) {
        if (buffer[at] !== BACKSLASH) {
          buffer[to++] = buffer[at++]!
          continue
        }
        const isHex = buffer[at + 1] === LETTER_X
        const byte = isHex ? hexByte(buffer, at + 2, end) : unescaped(buffer[at + 1]!)
        if (byte === undefined || at + 1 >= end)
          return `argument ${starts.length - 1} has an escape that is none`
        buffer[to++] = byte
        at += isHex ? 4 : 2
      }
      if (at >= end) return `argument ${starts.length - 1} is cut short: its quotes are not closed`
      ends.push(to)
      at++
      if (at === end) break
      if (buffer[at] !== SPACE) return `text after the quotes of argument ${starts.length - 1}`
    }
    this.count = starts.length - 1
    return undefined
  }
}

const FLUSHES = new Set(['flushall', 'flushdb', 'swapdb'])

/** `OK`, the answer to MONITOR itself. */
function isAccepted(buffer: Buffer, start: number, end: number): boolean {
  const from = buffer[start] === PLUS ? start + 1 : start
  return end - from === 2 && buffer[from] === 0x4f && buffer[from + 1] === 0x4b
}

function unescaped(byte: number): number | undefined {
  switch (byte) {
    case LETTER_N:
      return NEWLINE
    case LETTER_R:
      return RETURN
    case LETTER_T:
      return TAB
    case LETTER_A:
      return BELL
    case LETTER_B:
      return BACKSPACE
    case QUOTE:
    case BACKSLASH:
      return byte
    default:
      return undefined
  }
}

function hexByte(buffer: Buffer, at: number, end: number): number | undefined {
  const text = buffer.toString('latin1', at, Math.min(at + 2, end))
  return /^[0-9a-f]{2}$/i.test(text) ? Number.parseInt(text, 16) : undefined
}

/** A whole number of up to 15 digits, else NaN. */
function digits(buffer: Buffer, start: number, end: number): number {
  if (end <= start || end - start > 15) return Number.NaN
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = buffer[at]! - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

export default redisMonitor
