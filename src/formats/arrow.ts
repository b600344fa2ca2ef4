import { InputError } from '../core/errors.ts'
import type { FormatDefinition, ReadOptions, RequestSink, TraceInput } from '../core/format.ts'
import { layOut } from './arrow-batches.ts'
import { ARROW_MAGIC, type ArrowContents, readContents } from './arrow-messages.ts'
import { mapTrace, TRACE_METADATA } from './arrow-trace.ts'
import { type ArrowLeaf, ArrowValues, leavesOf } from './arrow-values.ts'
import { writeArrow } from './arrow-write.ts'
import { ColumnRows, type ValueAt } from './column-rows.ts'
import { randomAccess } from './random-access.ts'

/**
 * Apache Arrow's interprocess format (arrow.apache.org/docs/format/Columnar.html), file or stream; files are also called
 * Feather. What `convert` writes holds the columns as a trace has them, and is read as fast as memory is copied.
 */
const arrow: FormatDefinition = {
  name: 'arrow',
  summary: 'Apache Arrow IPC, file (Feather) or stream; the fastest to read again',
  extensions: ['arrow', 'feather', 'ipc', 'arrows'],
  detect: (head) => startsFile(head) || startsStream(head),
  read,
  write: writeArrow,
}

function startsFile(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 8)).toString('latin1') === `${ARROW_MAGIC}\0\0`
}

/** A stream begins with a message: four bytes set, then a length that is a multiple of eight. */
function startsStream(head: Uint8Array): boolean {
  const length = head[4]! | (head[5]! << 8) | (head[6]! << 16)
  return head.subarray(0, 4).every((byte) => byte === 0xff) && head[7] === 0 && length > 0 && length % 8 === 0
}

async function read(input: TraceInput, options: ReadOptions, sink: RequestSink): Promise<void> {
  if (!arrow.detect(input.head)) {
    throw new InputError(`'${input.name}' is not an Arrow file or stream: it does not begin like one`)
  }
  const source = await randomAccess(input)
  const contents = await readContents(input.name, source)
  const isPlain = sink.takesTrace && !namesColumns(options)
  const trace = isPlain ? await decoding(input.name, () => mapTrace(source, contents)) : undefined
  if (trace) {
    const columns = Object.fromEntries(
      contents.schema.fields.map(({ name }) => [name === 'cost_ms' ? 'cost' : name, name]),
    )
    sink.takeTrace({ input, format: 'arrow', columns, has: {} }, trace)
    return
  }
  await readRows(input, options, sink, new ArrowValues(source, contents.schema), contents)
}

function namesColumns(options: ReadOptions): boolean {
  const { key = [], where = [], time, timeUnit, valueSize, cost, costUnit, op, ttlColumn } = options
  const given = [time, timeUnit, valueSize, cost, costUnit, op, ttlColumn]
  return key.length > 0 || where.length > 0 || given.some((value) => value !== undefined)
}

async function readRows(
  input: TraceInput,
  options: ReadOptions,
  sink: RequestSink,
  values: ArrowValues,
  { schema, batches }: ArrowContents,
): Promise<void> {
  const leaves = leavesOf(schema.fields)
  const first = async (column: number) => {
    for await (const { rows, columns } of blocks(input.name, values, { schema, batches }, leaves, [column]))
      if (rows > 0) return columns[column]!(0) ?? null
    return undefined
  }
  const isOurs = schema.metadata.get(TRACE_METADATA.key) === TRACE_METADATA.value
  const group = isOurs ? leaves.findIndex(({ name }) => name === 'group') : -1
  const file = {
    ...{ input, format: 'arrow', columns: leaves, first },
    ...(isOurs && { timeUnit: 's' as const }),
    ...(group >= 0 && { group }),
  }
  const rows = await ColumnRows.open(file, options, sink)
  for await (const block of blocks(input.name, values, { schema, batches }, leaves, rows.needed)) {
    if (!(await decoding(input.name, async () => rows.add(block.rows, block.columns)))) return
  }
}

/** The batches of rows, with the values of the columns wanted. */
async function* blocks(
  name: string,
  values: ArrowValues,
  { schema, batches }: ArrowContents,
  leaves: readonly ArrowLeaf[],
  wanted: readonly number[],
): AsyncGenerator<{ readonly rows: number; readonly columns: readonly ValueAt[] }> {
  for (const { rows: batch, dictionary } of batches) {
    if (dictionary) {
      await decoding(name, () => values.addDictionary(dictionary))
      continue
    }
    const columns: ValueAt[] = []
    await decoding(name, async () => {
      const fields = layOut(schema.fields, batch)
      for (const column of wanted) columns[column] = await values.column(fields, leaves[column]!, batch.rows)
    })
    yield { rows: batch.rows, columns }
  }
}

/** Says of the file what is wrong with its bytes. */
async function decoding<T>(name: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode()
  } catch (error) {
    if (error instanceof InputError || !(error instanceof RangeError || isUnpacking(error))) throw error
    throw new InputError(`'${name}' cannot be read as Arrow: ${(error as Error).message}`)
  }
}

/** An error of the library that undoes zstd. */
function isUnpacking(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
}

export default arrow
