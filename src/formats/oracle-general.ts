import { InputError } from '../core/errors.ts'
import type { FormatDefinition } from '../core/format.ts'
import type { Trace } from '../core/trace.ts'
import { formatCount } from '../core/units.ts'
import { bytesOf, cutShort, firstRecordsOf, readRecords } from './binary-records.ts'
import { fixedClock } from './fixed-clock.ts'
import { nameOfId } from './id-key.ts'
import { HEAD_BYTES } from './open.ts'
import { refuseColumns } from './refuse-columns.ts'
import { LOST_GROUPS, numericIds, requireColumns } from './write.ts'

/** Words of a record: u32 time, u64 id, u32 size, i64 next access. */
const WORDS = 6
const BYTES = 4 * WORDS
const [TIME, ID_LOW, ID_HIGH, SIZE, NEXT_LOW, NEXT_HIGH] = [0, 1, 2, 3, 4, 5] as const
const WRITTEN_AT_ONCE = 8192

/** The upper half of a next access: of a count that a double holds, of any below 0, and of the largest there is. */
const MOST_HIGH = 0x001f_ffff
const NEGATIVE = 0xffff_ffff
const NEVER_HIGH = 0x7fff_ffff

/**
 * libCacheSim's oracleGeneral (Yang et al., github.com/1a1a11a/libCacheSim, traceReader/customizedReader/oracle): records
 * of 24 bytes, little-endian, without a header. The next access is the number of the next request of the same object,
 * counted from 1, or −1 (in some files 2^63 − 1) where there is none. It is written for simulators that cannot look
 * ahead, and not needed here: only checked to be possible, which tells such a file from other content.
 */
const oracleGeneral: FormatDefinition = {
  name: 'oracle-general',
  summary: 'libCacheSim’s oracleGeneral: binary, time in s, 64-bit id, size, next access',
  extensions: ['oraclegeneral', 'bin'],
  detect(head) {
    if (head.length < BYTES || (head.length < HEAD_BYTES && head.length % BYTES !== 0)) return false
    return areRecords(firstRecordsOf(head, BYTES))
  },
  async read(input, options, sink) {
    refuseColumns(options, 'oracle-general', ['--time-unit'])
    sink.begin({
      input,
      format: 'oracle-general',
      columns: { key: 'obj_id', time: 'clock_time', size: 'obj_size' },
      has: { times: true, sizes: true },
      clock: fixedClock('s', options, 'oracle-general'),
      place: 'record',
      nameOf: nameOfId,
    })
    let record = 0
    let empty = 0
    const rest = await readRecords(input.chunks(), BYTES, (words, records) => {
      for (let at = 0, end = records * WORDS; at < end; at += WORDS) {
        record++
        sink.rows++
        const nextHigh = words[at + NEXT_HIGH]!
        if (nextHigh > MOST_HIGH && nextHigh !== NEGATIVE && nextHigh !== NEVER_HIGH) {
          sink.addBad(record, problemOf(words[at + NEXT_LOW]!, nextHigh))
          continue
        }
        const size = words[at + SIZE]!
        if (size === 0) empty++
        if (!sink.addId(record, words[at + ID_HIGH]!, words[at + ID_LOW]!, words[at + TIME]!, size, 0, 0))
          return false
      }
      return true
    })
    if (rest > 0) {
      sink.rows++
      sink.addBad(record + 1, cutShort(rest, BYTES))
    }
    if (empty > 0)
      sink.note(
        `${formatCount(empty)} ${empty === 1 ? 'record has' : 'records have'} a size of 0: they count here, and libCacheSim passes over them`,
      )
  },
  write(trace, note) {
    requireColumns(trace, 'oracle-general', ['times', 'sizes', 'groups'], 'csv, tsv, jsonl or arrow')
    const { times, length } = trace
    const last = length > 0 && times ? times[length - 1]! : 0
    if (last >= 2 ** 32)
      throw new InputError(
        `format 'oracle-general' counts up to 2^32 seconds, and '${trace.name}' spans ${last}: write csv, tsv, jsonl or arrow`,
      )
    return records(trace, note)
  },
}

/** Does every one make sense with the others? Times run forward, and a next access is of the same id. */
function areRecords(words: Uint32Array): boolean {
  const count = words.length / WORDS
  for (let i = 0, at = 0; i < count; i++, at += WORDS) {
    const nextHigh = words[at + NEXT_HIGH]!
    const nextLow = words[at + NEXT_LOW]!
    if (i > 0 && words[at + TIME]! < words[at - WORDS + TIME]!) return false
    if (words[at + SIZE]! > 0x7fff_ffff) return false
    if (nextLow === 0xffff_ffff && (nextHigh === NEGATIVE || nextHigh === NEVER_HIGH)) continue
    const next = nextHigh * 2 ** 32 + nextLow
    if (nextHigh > MOST_HIGH || next <= i) return false
    // Some writers count from 0.
    if (next < count && !isSameId(words, i, next - 1) && !isSameId(words, i, next)) return false
  }
  return true
}

function isSameId(words: Uint32Array, one: number, other: number): boolean {
  const [a, b] = [one * WORDS, other * WORDS]
  return one !== other && words[a + ID_LOW] === words[b + ID_LOW] && words[a + ID_HIGH] === words[b + ID_HIGH]
}

function problemOf(nextLow: number, nextHigh: number): string {
  const next = BigInt.asIntN(64, (BigInt(nextHigh) << 32n) | BigInt(nextLow))
  return `its next access, ${next}, can be no request of a trace: this is no record of oracleGeneral`
}

function* records(trace: Trace, note: (text: string) => void = () => {}): Generator<Uint8Array> {
  const { keys, times, sizes, length } = trace
  const ids = numericIds(trace)
  if (!ids && trace.keyNames)
    note('not all keys are numbers of 64 bits: their ids are numbers in order of first appearance')
  if (!times) note('the trace has no times: every request stands at second 0')
  if (!sizes) note('the trace has no sizes: every object has a size of 1')
  if (trace.groups) note(LOST_GROUPS)
  const nexts = nextAccesses(trace)
  let hasFractions = false
  for (let from = 0; from < length; from += WRITTEN_AT_ONCE) {
    const to = Math.min(length, from + WRITTEN_AT_ONCE)
    const words = new Uint32Array((to - from) * WORDS)
    for (let i = from, at = 0; i < to; i++, at += WORDS) {
      const key = keys[i]!
      const time = times ? times[i]! : 0
      const second = Math.floor(time)
      if (second !== time) hasFractions = true
      words[at + TIME] = second
      words[at + ID_LOW] = ids ? ids.low[key]! : key
      words[at + ID_HIGH] = ids ? ids.high[key]! : 0
      words[at + SIZE] = sizes ? sizes[i]! : 1
      const next = nexts[i]!
      words[at + NEXT_LOW] = next === 0 ? 0xffff_ffff : next
      words[at + NEXT_HIGH] = next === 0 ? NEGATIVE : 0
    }
    yield bytesOf(words)
  }
  if (hasFractions) note('times are rounded down to whole seconds, all that oracle-general holds')
}

/** [length] number of the next request of the same key, counted from 1; 0 where there is none. */
function nextAccesses({ keys, keyCount, length }: Trace): Uint32Array {
  const nexts = new Uint32Array(length)
  const later = new Uint32Array(keyCount)
  for (let i = length - 1; i >= 0; i--) {
    const key = keys[i]!
    nexts[i] = later[key]!
    later[key] = i + 1
  }
  return nexts
}

export default oracleGeneral
