import { getKeyIndexes, hasFlag, list } from '@ioredis/commands'
import { Op } from '../core/trace.ts'

/** The arguments of a command, its name not counted. */
export interface RedisArguments {
  readonly count: number
  /** Bytes of an argument. */
  length(index: number): number
  /** One character a byte. */
  text(index: number): string
}

/** What a command does to one key. */
export interface Touch {
  /** The argument that is the key. */
  readonly key: number
  readonly op: Op
  /** Bytes of the value, where the command says it. */
  readonly size?: number
  /** Seconds that the entry lives from now on, where the command says it. */
  readonly ttl?: number
}

type Rule = (args: RedisArguments, now: number) => readonly Touch[]

const KNOWN = new Set(list)
/** They ask about a key, not for its value. */
const NO_VALUE = new Set([
  ...['exists', 'ttl', 'pttl', 'expiretime', 'pexpiretime', 'type', 'object', 'memory', 'touch', 'watch'],
])
const DELETING = new Set(['del', 'unlink', 'move', 'migrate', 'delex'])
/** The first key is written from the others. */
const FIRST_WRITTEN = new Set([
  ...['sinterstore', 'sunionstore', 'sdiffstore', 'zinterstore', 'zunionstore', 'zdiffstore'],
  ...['zrangestore', 'geosearchstore', 'bitop', 'pfmerge'],
])
/** The first key is read, and written to the others. */
const FIRST_READ = new Set(['copy', 'georadius', 'georadiusbymember'])
/** Scripts: what they do is logged command by command. */
const SCRIPTS = new Set(['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro'])

/** Commands of which more is known than which keys they read or write. */
const RULES: Readonly<Record<string, Rule>> = {
  get: () => oneRead,
  set: (args, now) => {
    if (args.count === 2) return [{ key: 0, op: Op.write, size: args.length(1) }]
    const options = optionsOf(args, 2, now)
    const write = expiring(0, options.ttl, args.length(1))
    return options.words.has('GET') ? [{ key: 0, op: Op.read }, write] : [write]
  },
  setnx: (args) => [{ key: 0, op: Op.write, size: args.length(1) }],
  setex: (args) => [expiring(0, Number(args.text(1)), args.length(2))],
  psetex: (args) => [expiring(0, Number(args.text(1)) / 1000, args.length(2))],
  getset: (args) => [
    { key: 0, op: Op.read },
    { key: 0, op: Op.write, size: args.length(1) },
  ],
  getdel: () => [
    { key: 0, op: Op.read },
    { key: 0, op: Op.delete },
  ],
  getex: (args, now) => {
    const { ttl, words } = optionsOf(args, 1, now)
    if (ttl === undefined) return [{ key: 0, op: Op.read, ...(words.has('PERSIST') && { ttl: Infinity }) }]
    return ttl > 0
      ? [{ key: 0, op: Op.read, ttl }]
      : [
          { key: 0, op: Op.read },
          { key: 0, op: Op.delete },
        ]
  },
  expire: (args) => [expiring(0, Number(args.text(1)))],
  pexpire: (args) => [expiring(0, Number(args.text(1)) / 1000)],
  expireat: (args, now) => [expiring(0, Number(args.text(1)) - now)],
  pexpireat: (args, now) => [expiring(0, Number(args.text(1)) / 1000 - now)],
  persist: () => [{ key: 0, op: Op.write, ttl: Infinity }],
  mset: (args) => pairs(args),
  msetnx: (args) => pairs(args),
  rename: () => renaming,
  renamenx: () => renaming,
  sort: (args) => [{ key: 0, op: Op.read }, ...stored(args)],
  sort_ro: () => [{ key: 0, op: Op.read }],
}

const oneRead: readonly Touch[] = [{ key: 0, op: Op.read }]
const renaming: readonly Touch[] = [
  { key: 0, op: Op.delete },
  { key: 1, op: Op.write },
]

/**
 * What a command of Redis or Valkey does to which keys. The keys are found by the servers' own description of their
 * commands, as is whether they read or write.
 * @param name in lower case
 * @param now seconds since 1970, which times of expiry are compared with
 * @returns nothing where no key is read, written or deleted; undefined for a command that is not known
 */
export function touchesOf(name: string, args: RedisArguments, now: number): readonly Touch[] | undefined {
  if (!KNOWN.has(name)) return undefined
  if (NO_VALUE.has(name) || SCRIPTS.has(name)) return []
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined
  if (rule) {
    const touches = rule(args, now)
    return touches.every(({ key }) => key < args.count) ? touches : []
  }
  const reads = hasFlag(name, 'readonly')
  if (!reads && !hasFlag(name, 'write')) return []
  const keys = keysOf(name, args)
  if (DELETING.has(name)) return keys.map((key) => ({ key, op: Op.delete }))
  if (FIRST_WRITTEN.has(name))
    return keys.map((key, i) => ({ key, op: i === 0 ? Op.write : Op.read })).reverse()
  if (FIRST_READ.has(name)) return keys.map((key, i) => ({ key, op: i === 0 ? Op.read : Op.write }))
  return keys.map((key) => ({ key, op: reads ? Op.read : Op.write }))
}

function keysOf(name: string, args: RedisArguments): readonly number[] {
  const { count } = args
  // A number of keys that there are not arguments for is a command that the server refused.
  const texts = Array.from({ length: count }, (_, i) => {
    if (!hasFlag(name, 'movablekeys')) return ''
    const text = args.text(i)
    return Number(text) > count ? '0' : text
  })
  return getKeyIndexes(name, texts).filter((key) => key >= 0 && key < count)
}

/** A write of an entry that expires; one that has expired already is deleted. */
function expiring(key: number, ttl: number | undefined, size?: number): Touch {
  if (ttl !== undefined && ttl <= 0) return { key, op: Op.delete }
  return { key, op: Op.write, ...(size !== undefined && { size }), ...(ttl !== undefined && { ttl }) }
}

/** `EX 10`, `PXAT 1700000000000` and words without a value. */
function optionsOf(
  args: RedisArguments,
  from: number,
  now: number,
): { readonly ttl: number | undefined; readonly words: ReadonlySet<string> } {
  const words = new Set<string>()
  let ttl: number | undefined
  for (let i = from; i < args.count; i++) {
    const word = args.text(i).toUpperCase()
    words.add(word)
    const value = i + 1 < args.count ? Number(args.text(i + 1)) : Number.NaN
    if (word === 'EX') ttl = value
    else if (word === 'PX') ttl = value / 1000
    else if (word === 'EXAT') ttl = value - now
    else if (word === 'PXAT') ttl = value / 1000 - now
  }
  return { ttl, words }
}

function pairs(args: RedisArguments): Touch[] {
  return Array.from({ length: args.count >> 1 }, (_, i) => {
    return { key: 2 * i, op: Op.write, size: args.length(2 * i + 1) }
  })
}

function stored(args: RedisArguments): Touch[] {
  for (let i = 1; i + 1 < args.count; i++) {
    if (args.text(i).toUpperCase() === 'STORE') return [{ key: i + 1, op: Op.write }]
  }
  return []
}
