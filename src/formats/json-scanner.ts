import { isUtf8 } from 'node:buffer'

/** What stands at a wanted path. */
export const JsonKind = {
  absent: 0,
  null: 1,
  /** The range is its text, quotes left out. */
  string: 2,
  /** The range is its text. */
  boolean: 3,
  /** A whole number as JavaScript writes it: the range is its text. */
  integer: 4,
  /** Any other number: its text is found by reading it. */
  number: 5,
  /** A string with escapes, an array or an object: the range is JSON to be parsed. */
  other: 6,
} as const

/** A member on the way to a wanted path. */
interface Member {
  /**
   * As it stands in JSON, with the quote behind it. One that can only be written with escapes is then never found, as
   * names with escapes are not looked at.
   */
  readonly name: Buffer
  /** Where its value is put down, or -1 where only members of it are wanted. */
  slot: number
  readonly members: Member[]
}

/** What a byte is inside a string; one table look-up instead of several comparisons. */
const Special = { none: 0, quote: 1, backslash: 2, high: 3, control: 4 } as const
const SPECIAL = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x22) return Special.quote
  if (byte === 0x5c) return Special.backslash
  if (byte < 0x20) return Special.control
  return byte >= 0x80 ? Special.high : Special.none
})
const [SPACE, TAB, RETURN, NEWLINE, QUOTE, COMMA, COLON] = [0x20, 0x09, 0x0d, 0x0a, 0x22, 0x2c, 0x3a]
const [BRACE, BRACE_END, BRACKET, BRACKET_END] = [0x7b, 0x7d, 0x5b, 0x5d]
const [MINUS, PLUS, POINT, ZERO, LETTER_E, LETTER_U] = [0x2d, 0x2b, 0x2e, 0x30, 0x45, 0x75]
/** May this byte follow a backslash? */
const ESCAPABLE = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
)
const LITERALS = ['true', 'false', 'null'].map((word) => Buffer.from(word))

/** Whole numbers of more digits may not be what JavaScript writes. */
const SAFE_DIGITS = 15
const MAX_DEPTH = 512
/** In place of a position: the record is for a real parser. */
const UNSURE = -1

/**
 * Finds the values at wanted paths in one line of JSON as ranges of its bytes, without making a string or an object.
 * It checks all of the line, but leaves to a real parser whatever is rare: `scan` says true only of a line that
 * `JSON.parse` accepts as an object, and then has found just what a look-up in that object would (the last of several
 * members of one name). For the rest it says false: lines that are no JSON or no object, escapes in names of members,
 * a path that leads into an array, very deep nesting.
 */
export class JsonScanner {
  /** [slots] see `JsonKind`. */
  readonly kinds: Uint8Array
  /** [2 · slots] start and end of each value in the buffer. */
  readonly bounds: Int32Array
  readonly #root: Member = { name: Buffer.alloc(0), slot: -1, members: [] }
  /** [2 · paths] slots of a member of just the path's name, and of what its steps lead to. */
  readonly #slots: Int32Array
  /** Of arrays and objects within a value that is skipped: is it an object? */
  readonly #open = new Uint8Array(MAX_DEPTH)
  #buffer: Buffer = Buffer.alloc(0)
  /** Of what was scanned last: a string with escapes; a number that is not as JavaScript writes it. */
  #isEscaped = false
  #isOdd = false
  /** Bytes beyond ASCII have been met. */
  #isHigh = false

  /** @param paths dotted, as `createLookup` takes them */
  constructor(paths: readonly string[]) {
    let slots = 0
    const slotOf = (steps: readonly string[]): number => {
      let member = this.#root
      for (const step of steps) {
        const name = Buffer.from(JSON.stringify(step)).subarray(1)
        let next = member.members.find((each) => each.name.equals(name))
        if (next === undefined) {
          next = { name, slot: -1, members: [] }
          member.members.push(next)
        }
        member = next
      }
      if (member.slot < 0) member.slot = slots++
      return member.slot
    }
    this.#slots = Int32Array.from(paths.flatMap((path) => [slotOf([path]), slotOf(path.split('.'))]))
    this.kinds = new Uint8Array(slots)
    this.bounds = new Int32Array(2 * slots)
  }

  /** The slot of the value that path number `path` stands for: a member of exactly that name first. */
  slot(path: number): number {
    const whole = this.#slots[2 * path]!
    return this.kinds[whole] === JsonKind.absent ? this.#slots[2 * path + 1]! : whole
  }

  /**
   * Scans the line `buffer[start, end)`, behind which a line break must stand.
   * @returns whether the line surely is an object whose wanted values now stand in the slots
   */
  scan(buffer: Buffer, start: number, end: number): boolean {
    this.#buffer = buffer
    this.#isHigh = false
    this.kinds.fill(JsonKind.absent)
    const first = blanks(buffer, start)
    if (buffer[first] !== BRACE) return false
    const after = this.#object(first + 1, this.#root)
    if (after === UNSURE || buffer[blanks(buffer, after)] !== NEWLINE) return false
    return !this.#isHigh || isUtf8(buffer.subarray(start, end))
  }

  /** Scans an object of which members are wanted, from behind its brace; returns the position behind it. */
  #object(position: number, wanted: Member): number {
    const buffer = this.#buffer
    let at = blanks(buffer, position)
    if (buffer[at] === BRACE_END) return at + 1
    for (;;) {
      const name = at + 1
      at = this.#name(at)
      if (at === UNSURE || this.#isEscaped) return UNSURE
      const member = this.#find(wanted, name)
      at = member === undefined ? this.#skip(at) : this.#take(at, member)
      if (at === UNSURE) return UNSURE
      if (buffer[at] !== COMMA) {
        at = blanks(buffer, at)
        if (buffer[at] === BRACE_END) return at + 1
        if (buffer[at] !== COMMA) return UNSURE
      }
      at = blanks(buffer, at + 1)
    }
  }

  /** The wanted member whose name begins at `start`. */
  #find({ members }: Member, start: number): Member | undefined {
    const buffer = this.#buffer
    for (const member of members) {
      const { name } = member
      let at = 0
      while (at < name.length && buffer[start + at] === name[at]) at++
      if (at === name.length) return member
    }
    return undefined
  }

  /** Scans the value of a wanted member and puts it down; returns the position behind it. */
  #take(position: number, member: Member): number {
    const { slot, members } = member
    const byte = this.#buffer[position]
    let after: number
    if (members.length === 0) {
      after = this.#skip(position)
    } else {
      // What an earlier member of the same name held does not count.
      this.#forget(members)
      if (byte === BRACKET) return UNSURE
      after = byte === BRACE ? this.#object(position + 1, member) : this.#skip(position)
    }
    if (slot >= 0 && after !== UNSURE) {
      const kind = this.#kindOf(byte!)
      const quotes = kind === JsonKind.string ? 1 : 0
      this.kinds[slot] = kind
      this.bounds[2 * slot] = position + quotes
      this.bounds[2 * slot + 1] = after - quotes
    }
    return after
  }

  #forget(members: readonly Member[]): void {
    for (const { slot, members: inner } of members) {
      if (slot >= 0) this.kinds[slot] = JsonKind.absent
      this.#forget(inner)
    }
  }

  /** The kind of the value that has just been scanned and began with `first`. */
  #kindOf(first: number): number {
    if (first === QUOTE) return this.#isEscaped ? JsonKind.other : JsonKind.string
    if (first === BRACE || first === BRACKET) return JsonKind.other
    if (first === MINUS || first <= ZERO + 9) return this.#isOdd ? JsonKind.number : JsonKind.integer
    return first === LITERALS[2]![0] ? JsonKind.null : JsonKind.boolean
  }

  /** Checks a value of any kind; returns the position behind it. */
  #skip(position: number): number {
    const buffer = this.#buffer
    const open = this.#open
    let at = position
    let depth = 0
    for (;;) {
      const byte = buffer[at]
      if (byte === BRACE || byte === BRACKET) {
        if (depth === MAX_DEPTH) return UNSURE
        const isObject = byte === BRACE
        at = blanks(buffer, at + 1)
        if (buffer[at] === (isObject ? BRACE_END : BRACKET_END)) {
          at++
        } else {
          open[depth++] = isObject ? 1 : 0
          if (isObject) at = this.#name(at)
          if (at === UNSURE) return UNSURE
          continue
        }
      } else {
        at = byte === QUOTE ? this.#string(at) : this.#plain(at)
        if (at === UNSURE) return UNSURE
      }
      // Behind a value: the end of what it lies in, perhaps of several, or a comma.
      for (;;) {
        if (depth === 0) return at
        at = blanks(buffer, at)
        const next = buffer[at]
        const isObject = open[depth - 1] === 1
        if (next === COMMA) {
          at = blanks(buffer, at + 1)
          if (isObject) at = this.#name(at)
          if (at === UNSURE) return UNSURE
          break
        }
        if (next !== (isObject ? BRACE_END : BRACKET_END)) return UNSURE
        at++
        depth--
      }
    }
  }

  /** Scans the name of a member with its colon; returns where the value begins. */
  #name(position: number): number {
    const buffer = this.#buffer
    if (buffer[position] !== QUOTE) return UNSURE
    const after = this.#string(position)
    if (after === UNSURE) return UNSURE
    const colon = buffer[after] === COLON ? after : blanks(buffer, after)
    return buffer[colon] === COLON ? blanks(buffer, colon + 1) : UNSURE
  }

  /** Scans a string from its quote on; returns the position behind it. A line break ends all loops. */
  #string(position: number): number {
    const buffer = this.#buffer
    this.#isEscaped = false
    let at = position + 1
    for (;;) {
      let special = SPECIAL[buffer[at]!]
      while (special === Special.none) special = SPECIAL[buffer[++at]!]
      if (special === Special.quote) return at + 1
      if (special === Special.high) {
        this.#isHigh = true
        at++
      } else if (special === Special.backslash) {
        this.#isEscaped = true
        const escaped = buffer[at + 1]!
        if (ESCAPABLE[escaped] === 1) at += 2
        else if (escaped === LETTER_U && isHexadecimal(buffer, at + 2)) at += 6
        else return UNSURE
      } else {
        return UNSURE
      }
    }
  }

  /** Scans a number, true, false or null; returns the position behind it. */
  #plain(position: number): number {
    const buffer = this.#buffer
    const byte = buffer[position]!
    if (byte === MINUS || (byte >= ZERO && byte <= ZERO + 9)) return this.#number(position)
    for (const word of LITERALS) {
      let at = 0
      while (at < word.length && buffer[position + at] === word[at]) at++
      if (at === word.length) return position + at
    }
    return UNSURE
  }

  #number(position: number): number {
    const buffer = this.#buffer
    const first = buffer[position] === MINUS ? position + 1 : position
    let at = digits(buffer, first)
    if (at === first || (buffer[first] === ZERO && at > first + 1)) return UNSURE
    // -0 is written 0.
    this.#isOdd = at - first > SAFE_DIGITS || (buffer[first] === ZERO && first > position)
    if (buffer[at] === POINT) {
      this.#isOdd = true
      const fraction = at + 1
      at = digits(buffer, fraction)
      if (at === fraction) return UNSURE
    }
    if ((buffer[at]! & ~0x20) === LETTER_E) {
      this.#isOdd = true
      at++
      if (buffer[at] === PLUS || buffer[at] === MINUS) at++
      const exponent = at
      at = digits(buffer, exponent)
      if (at === exponent) return UNSURE
    }
    return at
  }
}

/** The first position from `position` on that is not blank; line breaks are not, for they end the line. */
function blanks(buffer: Buffer, position: number): number {
  let at = position
  while (buffer[at]! <= SPACE && (buffer[at] === SPACE || buffer[at] === TAB || buffer[at] === RETURN)) at++
  return at
}

/** The first position from `position` on at which no digit stands. */
function digits(buffer: Buffer, position: number): number {
  let at = position
  while ((buffer[at]! - ZERO) >>> 0 <= 9) at++
  return at
}

/** Do four hexadecimal digits stand at `position`? */
function isHexadecimal(buffer: Buffer, position: number): boolean {
  for (let at = position; at < position + 4; at++) {
    const byte = buffer[at]!
    const letter = (byte | 0x20) - 0x61
    if (!((byte >= ZERO && byte <= ZERO + 9) || (letter >= 0 && letter <= 5))) return false
  }
  return true
}
