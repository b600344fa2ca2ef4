import type { FormatDefinition, ReadOptions } from '../core/format.ts'
import { PER_SECOND } from '../core/format.ts'
import { formatCount, formatMoney } from '../core/units.ts'
import { guessColumn, listNames } from './column-names.ts'
import { firstLines } from './first-lines.ts'
import { BadRow, firstRows } from './json-row.ts'
import { createLookup, isObject, type JsonObject, pathsOf, textOf } from './json-value.ts'
import type { JsonColumns } from './jsonl-columns.ts'
import { JsonlReader, type RowSource } from './jsonl-reader.ts'
import { keyDigest } from './key-digest.ts'
import {
  bytesOfResponse,
  hasPrompt,
  isCacheHit,
  isFailed,
  isRedacted,
  requestOf,
  spentOn,
} from './llm-call.ts'
import { refuseLoneReturns } from './scan-errors.ts'
import { quote } from './text.ts'
import { TimeColumn } from './time.ts'

/** Members that are not in the log but made of it. */
const [REQUEST, DURATION, RESPONSE] = [
  'model + prompt + parameters',
  'endTime - startTime',
  'bytes of response',
]

/**
 * Calls of language models, an object a line: LiteLLM's StandardLoggingPayload and spend logs
 * (docs.litellm.ai/docs/proxy/logging_spec), requests as OpenAI takes them under `request`, and OpenAI's batch files
 * (`custom_id`, `body`). The key is a hash of what decides the answer, see `requestOf`; failed calls are passed over.
 * Every other column can be named by its path, as in jsonl.
 */
const litellm: FormatDefinition = {
  name: 'litellm',
  summary: 'calls of language models: LiteLLM and OpenAI-style logs, batch files',
  extensions: [],
  detect(head) {
    const rows = firstRows(head)
    if (rows.length > 0) return rows.every(isCall)
    // One call may be longer than the head; its prompt then stands behind what tells LiteLLM.
    const text = Buffer.from(head).toString('latin1')
    return (
      firstLines(head, 1).length === 0 &&
      /^(\xef\xbb\xbf)?\s*\{/.test(text) &&
      /"call_type"\s*:\s*"/.test(text) &&
      /"startTime"\s*:/.test(text)
    )
  },
  async read(input, options, sink) {
    refuseLoneReturns(input)
    const columns = findColumns(firstRows(input.head), options)
    const own = columns.cost === DURATION ? { ...options, costUnit: 'ms' as const } : options
    await new JsonlReader(input, columns, own, sink, new Calls(columns, options)).read()
  },
}

/** What a log says of a call beside what was asked. */
const ANSWERED = ['startTime', 'endTime', 'response_cost']

function isCall(row: JsonObject): boolean {
  const { body, request } = row
  const isAsked = (value: unknown) => isObject(value) && typeof value.model === 'string' && hasPrompt(value)
  if (typeof row.custom_id === 'string') return isAsked(body)
  if (isAsked(request)) return true
  if (isAsked(row) && ANSWERED.some((name) => name in row)) return true
  return ['model', 'call_type'].every((name) => typeof row[name] === 'string') && 'startTime' in row
}

/** The columns the user named, and for the others what the first calls have. */
function findColumns(rows: readonly JsonObject[], options: ReadOptions): JsonColumns {
  const notes: string[] = []
  const [first = { startTime: 0, endTime: 0, response: '…' }] = rows
  const guess = (role: 'time' | 'cost') => {
    // Where models are called, a cost is money.
    const names = Object.keys(first).filter((name) => name !== 'cost')
    const name = names[guessColumn(role, names)]
    if (name !== undefined) notes.push(`'${name}' is taken as the ${role}, by its name`)
    return name
  }
  const isTimed = 'startTime' in first && 'endTime' in first
  const time = options.time ?? ('startTime' in first ? 'startTime' : guess('time'))
  const cost = options.cost ?? (isTimed ? DURATION : guess('cost'))
  const hasResponses = [first, ...rows].some(({ response }) => bytesOfResponse(response) !== undefined)
  const size = options.valueSize ?? (hasResponses ? RESPONSE : undefined)
  return {
    key: options.key?.length ? options.key : [REQUEST],
    ...(time && { time }),
    ...(cost && { cost }),
    ...(size && { size }),
    ...(options.op && { op: options.op }),
    ...(options.ttlColumn && { ttl: options.ttlColumn }),
    notes,
  }
}

/** Makes of each call of a log the row that the reader of JSON Lines reads. */
class Calls implements RowSource {
  readonly format = 'litellm'
  /** Calls are logged as they end. */
  readonly sorts = true
  readonly #columns: JsonColumns
  readonly #key: readonly ((row: JsonObject) => unknown)[]
  readonly #start: TimeColumn
  readonly #end: TimeColumn
  /** Milliseconds a unit of the clock has. */
  #unit: number | undefined
  /** Milliseconds of the last computed call of each key, by the key's hash. */
  readonly #costs = new Map<string, number>()
  #costSum = 0
  #costCount = 0
  #failed = 0
  #hits = 0
  #unknownHits = 0
  #silent = 0
  #dollars = 0

  constructor(columns: JsonColumns, options: ReadOptions) {
    this.#columns = columns
    this.#key = columns.key.map(createLookup)
    this.#start = new TimeColumn(options.timeUnit)
    this.#end = new TimeColumn(options.timeUnit)
  }

  complete(row: Record<string, unknown>): boolean {
    this.#dollars += spentOn(row)
    if (isFailed(row)) {
      this.#failed++
      return false
    }
    const { key, size, cost } = this.#columns
    if (key.includes(REQUEST)) row[REQUEST] = hashOf(row)
    if (size === RESPONSE) row[RESPONSE] = this.#bytesOf(row)
    if (cost === DURATION) row[DURATION] = this.#costOf(row)
    return true
  }

  notes(): string[] {
    const notes: string[] = []
    const calls = (count: number, one: string, many: string) =>
      `${formatCount(count)} ${count === 1 ? `call ${one}` : `calls ${many}`}`
    if (this.#failed > 0) notes.push(`${calls(this.#failed, 'failed and is', 'failed and are')} left out`)
    if (this.#hits > 0) {
      notes.push(
        `${calls(this.#hits, 'was', 'were')} answered by a cache: the cost is that of the last computed call of the same key, else the mean of those before`,
      )
    }
    if (this.#unknownHits > 0)
      notes.push(
        `${calls(this.#unknownHits, 'was', 'were')} answered by a cache before any was computed: cost 0`,
      )
    if (this.#silent > 0) notes.push(`${calls(this.#silent, 'has', 'have')} no response in the log: size 0`)
    if (this.#dollars > 0) notes.push(`by the log itself, its calls cost ${formatMoney(this.#dollars)}`)
    return notes
  }

  #bytesOf(row: JsonObject): number {
    const bytes = bytesOfResponse(row.response)
    if (bytes === undefined) this.#silent++
    return bytes ?? 0
  }

  /** Milliseconds that the model took; of a call that a cache answered, what it took before. */
  #costOf(row: JsonObject): number {
    // One text is a digest already where the key is the request; others may be long.
    const texts = this.#key.map((of) => textOf(of(row))).join('\0')
    const key = texts.length > 32 ? digest(texts) : texts
    if (isCacheHit(row)) {
      this.#hits++
      const known = this.#costs.get(key)
      if (known !== undefined) return known
      if (this.#costCount === 0) this.#unknownHits++
      return this.#costCount === 0 ? 0 : this.#costSum / this.#costCount
    }
    const start = timeOf(row, 'startTime', this.#start)
    const end = timeOf(row, 'endTime', this.#end)
    this.#unit ??= 1000 / PER_SECOND[this.#start.unit(start).unit]
    const cost = (end - start) * this.#unit
    if (cost < 0) throw new BadRow(`the call ends before it starts: endTime ${quote(textOf(row.endTime))}`)
    this.#costs.set(key, cost)
    this.#costSum += cost
    this.#costCount++
    return cost
  }
}

function timeOf(row: JsonObject, name: string, column: TimeColumn): number {
  const value = row[name]
  const text = Buffer.from(textOf(value))
  const time = typeof value === 'number' ? column.number(value) : column.parse(text, 0, text.length)
  if (Number.isNaN(time)) throw new BadRow(column.problem(textOf(value), name))
  return time
}

function hashOf(row: JsonObject): string {
  const request = requestOf(row)
  if (request === undefined) {
    throw new BadRow(
      `there is no prompt in this object: 'messages', 'prompt' or 'input' of a request is wanted (it has: ${listNames(pathsOf(row))})`,
    )
  }
  if (isRedacted(request)) {
    throw new BadRow(
      'the prompt has been redacted: without it nothing tells equal requests, unless --key names a member that does, such as cache_key',
    )
  }
  return digest(textOf(request))
}

function digest(text: string): string {
  return keyDigest(Buffer.from(text)).toString('latin1')
}

export default litellm
