import { InputError } from '../core/errors.ts'
import type { FormatDefinition } from '../core/format.ts'
import type { Trace } from '../core/trace.ts'
import { formatCount } from '../core/units.ts'
import { isStar } from './cells.ts'
import { readTable } from './table.ts'
import { decodeText } from './text.ts'
import { distinctNames, inChunks, LOST_GROUPS, requireKeysOnly } from './write.ts'

/** The simplest trace there is: one key a line, byte for byte, nothing quoted. Read where nothing else is recognised. */
const lines: FormatDefinition = {
  name: 'lines',
  summary: 'one key a line',
  extensions: ['txt', 'lines', 'keys', 'trace'],
  // Any text is lines: nothing in the content says that it is meant so.
  detect: () => false,
  async read(input, options, sink) {
    const [first = ''] = decodeText(input.head.subarray(0, 4096)).split('\n')
    const notes = /\S[ \t]+\S/.test(first)
      ? ['each whole line is one key; if its words are columns, put commas or tabs between them']
      : []
    let stars = 0
    await readTable(input, options, sink, {
      format: 'lines',
      quotes: false,
      fixed: { names: ['key'], key: ['key'] },
      notes,
      split(scanner) {
        if (isStar(scanner)) stars++
        return undefined
      },
    })
    if (stars > 0)
      sink.note(
        `the key '*' is requested ${formatCount(stars)} times: if these lines are marks, as in the LIRS traces, --format lirs passes over them`,
      )
  },
  write(trace, note) {
    requireKeysOnly(trace, 'lines')
    if (trace.groups) note?.(LOST_GROUPS)
    return inChunks(keyLines(trace, note))
  },
}

function* keyLines(trace: Trace, note?: (text: string) => void): Generator<string> {
  const nameOf = distinctNames(trace, note)
  const first = trace.length > 0 ? nameOf(trace.keys[0]!) : ''
  // A reader drops one byte order mark; a key that begins with one needs another before it.
  if (first.startsWith('\ufeff')) yield '\ufeff'
  for (const key of trace.keys) {
    const name = nameOf(key)
    if (name === '' || /[\r\n]/.test(name)) {
      throw new InputError(
        `format 'lines' cannot hold an empty key or one with a line break: write csv, tsv, jsonl or arrow`,
      )
    }
    yield `${name}\n`
  }
}

export default lines
