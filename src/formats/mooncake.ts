import type { FormatDefinition, ReadOptions, RequestSink, TraceInput } from '../core/format.ts'
import { formatCount } from '../core/units.ts'
import { BadRow, firstRows, parseRow, reasonOf } from './json-row.ts'
import { type JsonObject, mayBeRounded, textOf } from './json-value.ts'
import { RecordScanner } from './record-scanner.ts'
import { refuseColumns } from './refuse-columns.ts'
import { refuseLoneReturns } from './scan-errors.ts'
import { quote } from './text.ts'
import { TimeColumn } from './time.ts'

/**
 * Requests to a language model as the blocks of tokens that their prompts are made of: an object a line with
 * `timestamp`, `input_length`, `output_length` and `hash_ids`, an id for each block that stands for the block and all
 * before it (Qin et al., "Mooncake: Trading More Storage for Less Computation", FAST 2025: 512 tokens a block, times in
 * ms; Alibaba's Qwen-Bailian traces, told by their `chat_id`: 16 tokens, times in s).
 *
 * Each block is a key, and a request is a group of touches: the last block first, so that of one request's blocks the
 * deepest are the least recently used. A block is of no use without those before it.
 */
const mooncake: FormatDefinition = {
  name: 'mooncake',
  summary: 'LLM requests as hash_ids of their prefix blocks, each block a key',
  extensions: [],
  detect(head) {
    const rows = firstRows(head)
    return rows.length > 0 && rows.every(isRequest)
  },
  async read(input, options, sink) {
    refuseLoneReturns(input)
    const { timeUnit: _, ...columns } = options
    refuseColumns(columns, 'mooncake')
    await new MooncakeReader(input, options, sink).read()
  },
}

function isRequest({ timestamp, hash_ids: ids, input_length: length }: JsonObject): boolean {
  return Array.isArray(ids) && timestamp !== undefined && typeof length === 'number'
}

class MooncakeReader {
  readonly #sink: RequestSink
  readonly #input: TraceInput
  readonly #scanner: RecordScanner
  readonly #time: TimeColumn
  #id = Buffer.allocUnsafeSlow(64)
  #requests = 0
  #touches = 0
  #empty = 0

  constructor(input: TraceInput, options: ReadOptions, sink: RequestSink) {
    this.#sink = sink
    this.#input = input
    this.#scanner = new RecordScanner(input.name, { quotes: false })
    const isBailian = firstRows(input.head)[0]?.chat_id !== undefined
    this.#time = new TimeColumn(options.timeUnit ?? (isBailian ? 's' : 'ms'))
    const unit = isBailian ? 'seconds, as Qwen-Bailian traces have them' : 'ms, as Mooncake has them'
    sink.begin({
      input,
      format: 'mooncake',
      columns: { key: 'hash_ids', time: 'timestamp' },
      has: { times: true, groups: true },
      clock: this.#time,
      notes:
        options.timeUnit === undefined ? [`times are taken as ${unit} (--time-unit says otherwise)`] : [],
    })
  }

  async read(): Promise<void> {
    await this.#scanner.run(this.#input.chunks(), () => this.#record())
    const empty = this.#empty
    if (empty > 0) {
      this.#sink.note(
        `${formatCount(empty)} ${empty === 1 ? 'request has' : 'requests have'} no blocks and touch nothing`,
      )
    }
    if (this.#touches > 0) {
      this.#sink.note(
        `${formatCount(this.#requests)} requests touch ${formatCount(this.#touches)} blocks, each request its last block first`,
      )
    }
  }

  #record(): boolean {
    const { problem, buffer, bounds, line } = this.#scanner
    this.#sink.rows++
    try {
      if (problem !== undefined) throw new BadRow(problem)
      return this.#request(parseRow(buffer, bounds[0]!, bounds[1]!, hasLongIds))
    } catch (error) {
      this.#sink.addBad(line, reasonOf(error))
      return true
    }
  }

  #request({ timestamp, hash_ids: ids }: JsonObject): boolean {
    const time = this.#timeOf(timestamp)
    if (!Array.isArray(ids)) throw new BadRow(`there is no list of 'hash_ids' in this object`)
    const wrong = ids.find((id) => !isId(id))
    if (wrong !== undefined)
      throw new BadRow(`block ${quote(textOf(wrong))} of 'hash_ids' is not an id: a whole number or a word`)
    const sink = this.#sink
    sink.group = this.#requests++
    if (ids.length === 0) this.#empty++
    for (let at = ids.length - 1; at >= 0; at--) {
      this.#touches++
      const length = this.#write(String(ids[at]))
      if (!sink.add(this.#scanner.line, this.#id, 0, length, time, 0, 0, 0)) return false
    }
    return true
  }

  #timeOf(timestamp: unknown): number {
    const text = Buffer.from(textOf(timestamp))
    const time =
      typeof timestamp === 'number'
        ? this.#time.number(timestamp)
        : typeof timestamp === 'string'
          ? this.#time.parse(text, 0, text.length)
          : Number.NaN
    if (Number.isNaN(time)) throw new BadRow(this.#time.problem(textOf(timestamp), 'timestamp'))
    return time
  }

  #write(id: string): number {
    if (3 * id.length > this.#id.length) this.#id = Buffer.allocUnsafeSlow(6 * id.length)
    return this.#id.write(id)
  }
}

function hasLongIds({ hash_ids: ids }: JsonObject): boolean {
  return mayBeRounded(ids)
}

function isId(id: unknown): boolean {
  return typeof id === 'string' ? id !== '' : Number.isInteger(id)
}

export default mooncake
