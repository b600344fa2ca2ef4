import { InputError } from '../core/errors.ts'
import type { FormatDefinition, ReadOptions, TraceInput } from '../core/format.ts'
import { Op } from '../core/trace.ts'
import { formatCount } from '../core/units.ts'
import { cutShort, firstRecordsOf, readRecords } from './binary-records.ts'
import { findColumn } from './column-names.ts'
import { costFactor } from './columns.ts'
import { fixedClock } from './fixed-clock.ts'
import { nameOfId } from './id-key.ts'
import { refuseColumns } from './refuse-columns.ts'

/** Where the fields of a record stand, in words of 32 bits; fields of 64 bits have two, the lower first. */
interface Layout {
  readonly version: number
  readonly names: readonly string[]
  readonly words: number
  readonly length: number
  /** Of 16 bits each: the command in the lower half, the version in the upper one. */
  readonly commandAndVersion: number
  readonly block: number
  readonly time: number
  readonly responseTime?: number
}

/**
 * v1: u32 sn, u32 len, u32 nSG, u16 cmd, u16 ver, u64 lbn, u64 ts.
 * v2: u16 cmd, u16 ver, u32 sn, u32 len, u32 nSG, u64 lbn, u64 ts, u64 rt.
 */
const LAYOUTS: readonly Layout[] = [
  {
    version: 2,
    names: ['cmd', 'ver', 'sn', 'len', 'nSG', 'lbn', 'ts', 'rt'],
    ...{ words: 10, commandAndVersion: 0, length: 2, block: 4, time: 6, responseTime: 8 },
  },
  {
    version: 1,
    names: ['sn', 'len', 'nSG', 'cmd', 'ver', 'lbn', 'ts'],
    ...{ words: 8, length: 1, commandAndVersion: 3, block: 4, time: 6 },
  },
]

/** Commands that move blocks (SCSI Block Commands): of 6, 10, 12 and 16 bytes, with verification, and WRITE SAME. */
const READS = [0x08, 0x28, 0xa8, 0x88]
const WRITES = [0x0a, 0x2a, 0xaa, 0x8a, 0x2e, 0xae, 0x8e, 0x41, 0x93]
const OPS = new Map<number, number>([
  ...READS.map((command) => [command, Op.read] as const),
  ...WRITES.map((command) => [command, Op.write] as const),
])

/** Half of a number that doubles hold exactly. */
const MOST_HIGH = 0x001f_ffff

/**
 * Traces of virtual disks that VMware's vscsiStats records (the CloudPhysics traces of Waldspurger et al., FAST 2015, are
 * such), in the two versions that libCacheSim reads (traceReader/customizedReader/vscsi.h), and read as there: one
 * request for each command, the first block it is for as the key, its length in bytes as the size.
 */
const vscsi: FormatDefinition = {
  name: 'vscsi',
  summary: 'VMware’s vscsiStats, version 1 and 2: binary, a disk command a record',
  extensions: ['vscsi', 'vscsitrace'],
  detect: (head) => layoutOf(head) !== undefined,
  async read(input, options, sink) {
    refuseColumns(options, 'vscsi', ['--op', '--cost', '--cost-unit'])
    const layout = layoutOfInput(input)
    const hasOps = isColumn(options.op, 'cmd', '--op', layout, input)
    const hasCosts = isColumn(options.cost, 'rt', '--cost', layout, input)
    const cost = costOf(options, hasCosts)
    sink.begin({
      input,
      format: 'vscsi',
      columns: {
        key: 'lbn',
        time: 'ts',
        size: 'len',
        ...(hasCosts && { cost: 'rt' }),
        ...(hasOps && { op: 'cmd' }),
      },
      has: { times: true, sizes: true, costs: hasCosts, ops: hasOps },
      clock: fixedClock('us', options, 'vscsi'),
      place: 'record',
      nameOf: nameOfId,
      notes: [
        ...(hasOps ? [] : ['reads and writes of blocks count alike; --op cmd tells them apart']),
        ...cost.notes,
      ],
    })
    let record = 0
    let others = 0
    const { words: width, responseTime = 0 } = layout
    const rest = await readRecords(input.chunks(), 4 * width, (words, records) => {
      for (let at = 0, end = records * width; at < end; at += width) {
        record++
        const commandAndVersion = words[at + layout.commandAndVersion]!
        const op = hasOps ? OPS.get(commandAndVersion & 0xffff) : Op.read
        const problem = problemOf(layout, words, at, hasCosts)
        if (op === undefined && problem === undefined) {
          others++
          continue
        }
        sink.rows++
        if (problem !== undefined) {
          sink.addBad(record, problem)
          continue
        }
        const wanted = sink.addId(
          record,
          words[at + layout.block + 1]!,
          words[at + layout.block]!,
          words[at + layout.time + 1]! * 2 ** 32 + words[at + layout.time]!,
          words[at + layout.length]!,
          hasCosts ? (words[at + responseTime + 1]! * 2 ** 32 + words[at + responseTime]!) * cost.factor : 0,
          op!,
        )
        if (!wanted) return false
      }
      return true
    })
    if (rest > 0) {
      sink.rows++
      sink.addBad(record + 1, cutShort(rest, 4 * width))
    }
    if (others > 0)
      sink.note(
        `${formatCount(others)} ${others === 1 ? 'record is a command' : 'records are commands'} that neither read nor write blocks, passed over`,
      )
  },
}

/** The version that the first records have, all of them. */
function layoutOf(head: Uint8Array): Layout | undefined {
  return LAYOUTS.find((layout) => {
    const words = firstRecordsOf(head, 4 * layout.words)
    if (words.length === 0) return false
    for (let at = 0; at < words.length; at += layout.words) {
      if ((words[at + layout.commandAndVersion]! & 0xffff) > 0xff || problemOf(layout, words, at, false))
        return false
    }
    return true
  })
}

/** The version of a file that is said to be such: that of its first record, whatever stands further on. */
function layoutOfInput({ name, head }: TraceInput): Layout {
  const layout =
    layoutOf(head) ??
    LAYOUTS.find(({ words, commandAndVersion, version }) => {
      const first = firstRecordsOf(head.subarray(0, 4 * words), 4 * words)
      return first.length > 0 && first[commandAndVersion]! >>> 24 === version
    })
  if (layout === undefined)
    throw new InputError(
      `'${name}' record 1: it is no record of vscsi, neither of version 1 nor of version 2`,
    )
  return layout
}

function problemOf(layout: Layout, words: Uint32Array, at: number, hasCosts: boolean): string | undefined {
  const version = words[at + layout.commandAndVersion]! >>> 24
  if (version !== layout.version) return `it is of version ${version}, and the file of ${layout.version}`
  if (words[at + layout.time + 1]! > MOST_HIGH) return 'its time is above 2^53 µs'
  if (hasCosts && words[at + layout.responseTime! + 1]! > MOST_HIGH)
    return 'its response time is above 2^53 µs'
  return undefined
}

/** @throws InputError where the user names another column than the one that can be it */
function isColumn(
  given: string | undefined,
  only: string,
  flag: string,
  { names, version }: Layout,
  input: TraceInput,
): boolean {
  if (given === undefined) return false
  const column = names[findColumn(given, names, flag, input.name)]
  if (column === only) return true
  const can = names.includes(only) ? `must be '${only}'` : `needs version 2`
  throw new InputError(`${flag} '${given}' ${can} in '${input.name}', which is vscsi of version ${version}`)
}

function costOf(
  options: ReadOptions,
  hasCosts: boolean,
): { readonly factor: number; readonly notes: readonly string[] } {
  if (options.costUnit) return { ...costFactor(options, ''), notes: [] }
  const notes = hasCosts ? ['response times are taken as microseconds (--cost-unit says otherwise)'] : []
  return { factor: 1e-3, notes }
}

export default vscsi
