/** The cells of a line of an access log, in the order of its columns. */
export const AccessCell = {
  host: 0,
  ident: 1,
  user: 2,
  time: 3,
  method: 4,
  path: 5,
  protocol: 6,
  status: 7,
  size: 8,
  referer: 9,
  agent: 10,
  request_time: 11,
} as const

/** A line and where its cells lie: of a scanner, the one cell that the line is. */
interface Line {
  readonly buffer: Buffer
  readonly bounds: Int32Array
}

const [SPACE, QUOTE, BACKSLASH, OPEN, CLOSE] = [0x20, 0x22, 0x5c, 0x5b, 0x5d]
const TIME_NAMES = ['rt=', 'request_time='].map((name) => Buffer.from(name))
const PROTOCOL = Buffer.from('HTTP/')

/**
 * Cuts a line in place: `host ident user [time] "method path protocol" status size "referer" "agent" …`. What is not there
 * is an empty cell; so is the method where the request is none (`-`, or bytes that are not HTTP). A quote with a backslash
 * before it does not end a field.
 * @returns what is wrong with the line, if something is
 */
export function cutAccessLine(line: Line): string | undefined {
  const { buffer, bounds } = line
  const start = bounds[0]!
  const end = bounds[1]!
  const host = find(buffer, SPACE, start, end)
  const ident = find(buffer, SPACE, host + 1, end)
  let open = ident
  while (open < end && !(buffer[open] === SPACE && buffer[open + 1] === OPEN)) open++
  const close = find(buffer, CLOSE, open, end)
  if (close >= end) return 'no time in brackets after host, ident and user'
  if (buffer[close + 1] !== SPACE || buffer[close + 2] !== QUOTE || close + 2 >= end)
    return 'no request in quotes after the time'
  const request = close + 3
  const requestEnd = closingQuote(buffer, request, end)
  if (requestEnd >= end) return 'the quotes around the request are not closed'
  const status = requestEnd + 2
  const statusEnd = find(buffer, SPACE, status, end)
  if (statusEnd >= end) return 'no status and size after the request'
  const sizeEnd = find(buffer, SPACE, statusEnd + 1, end)
  set(bounds, AccessCell.host, start, host)
  set(bounds, AccessCell.ident, host + 1, ident)
  set(bounds, AccessCell.user, Math.min(ident + 1, open), open)
  set(bounds, AccessCell.time, open + 2, close)
  set(bounds, AccessCell.status, status, statusEnd)
  set(bounds, AccessCell.size, statusEnd + 1, sizeEnd)
  cutRequest(line, request, requestEnd)
  cutRest(line, sizeEnd, end)
  return undefined
}

/** The first byte of a cell, or undefined if it is empty. */
export function firstByteOf({ buffer, bounds }: Line, cell: number): number | undefined {
  const start = bounds[2 * cell]!
  return start < bounds[2 * cell + 1]! ? buffer[start] : undefined
}

/** `GET /path HTTP/1.1`, or without a protocol. A path with blanks in it, which it must not have, is read all the same. */
function cutRequest({ buffer, bounds }: Line, start: number, end: number): void {
  let method = start
  while (method < end && isLetter(buffer[method]!)) method++
  const isRequest = method > start && buffer[method] === SPACE && method + 1 < end
  let pathEnd = end
  let protocol = end
  if (isRequest) {
    let last = end - 1
    while (last > method && buffer[last] !== SPACE) last--
    if (last > method && startsWith(buffer, PROTOCOL, last + 1, end)) {
      pathEnd = last
      protocol = last + 1
    }
  }
  set(bounds, AccessCell.method, start, isRequest ? method : start)
  set(bounds, AccessCell.path, isRequest ? method + 1 : start, pathEnd)
  set(bounds, AccessCell.protocol, protocol, end)
}

/** Fields after the size: two in quotes are referer and agent; of the others one may be the time taken. */
function cutRest({ buffer, bounds }: Line, from: number, end: number): void {
  for (const cell of [AccessCell.referer, AccessCell.agent, AccessCell.request_time])
    set(bounds, cell, end, end)
  let quoted = 0
  let isNamed = false
  for (let at = from; at < end; ) {
    if (buffer[at] === SPACE) {
      at++
      continue
    }
    const isQuoted = buffer[at] === QUOTE
    const start = isQuoted ? at + 1 : at
    const stop = isQuoted ? closingQuote(buffer, start, end) : find(buffer, SPACE, start, end)
    at = isQuoted ? stop + 1 : stop
    if (isQuoted && quoted < 2) {
      set(bounds, quoted++ === 0 ? AccessCell.referer : AccessCell.agent, start, stop)
      continue
    }
    quoted = 2
    const name = TIME_NAMES.find((each) => startsWith(buffer, each, start, stop))
    if (isNamed && name === undefined) continue
    isNamed = name !== undefined
    set(bounds, AccessCell.request_time, start + (name?.length ?? 0), stop)
  }
}

function set(bounds: Int32Array, cell: number, start: number, end: number): void {
  bounds[2 * cell] = start
  bounds[2 * cell + 1] = end
}

function find(buffer: Buffer, byte: number, from: number, end: number): number {
  let at = from
  while (at < end && buffer[at] !== byte) at++
  return Math.min(at, end)
}

function closingQuote(buffer: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && buffer[at] !== QUOTE) at += buffer[at] === BACKSLASH ? 2 : 1
  return Math.min(at, end)
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}

function startsWith(buffer: Buffer, prefix: Buffer, start: number, end: number): boolean {
  if (end - start < prefix.length) return false
  for (let i = 0; i < prefix.length; i++) if (buffer[start + i] !== prefix[i]) return false
  return true
}
