import { Op } from '../core/trace.ts'
import { KeyInterner } from './intern.ts'
import { decodeText } from './text.ts'

/** Words of cache protocols (Redis, Memcached), HTTP and storage traces for the three things a request can do. */
const WORDS: Record<Op, readonly string[]> = {
  [Op.read]: ['read', 'r', 'get', 'gets', 'mget', 'hget', 'gat', 'head', 'lookup', 'query', 'fetch'],
  [Op.write]: [
    ...[
      'write',
      'w',
      'set',
      'put',
      'add',
      'replace',
      'cas',
      'append',
      'prepend',
      'incr',
      'decr',
      'hset',
      'setex',
    ],
    ...['post', 'patch', 'insert', 'update', 'store'],
  ],
  [Op.delete]: ['delete', 'd', 'del', 'remove', 'rm', 'unlink', 'invalidate', 'purge'],
}

export const OP_NAMES = ['read', 'write', 'delete'] as const

const OPS = new Map(
  Object.entries(WORDS).flatMap(([op, words]) => words.map((word) => [word, Number(op)] as const)),
)

/** What a word such as `GET` or `del` stands for, or undefined. */
export function opOf(word: string): number | undefined {
  return OPS.get(word.trim().toLowerCase())
}

/** Reads a column of operations; each distinct word is looked up once. */
export class OpColumn {
  readonly #words = new KeyInterner()
  readonly #ops: (number | undefined)[] = []

  /** The operation in `bytes[start, end)`, or undefined for a word that means none. */
  parse(bytes: Buffer, start: number, end: number): number | undefined {
    // Only short cells are words; anything else must not fill the table.
    if (end - start > 16) return undefined
    const id = this.#words.intern(bytes, start, end)
    if (id === this.#ops.length) this.#ops.push(opOf(decodeText(bytes, start, end)))
    return this.#ops[id]
  }
}
