// Bloom filters in blocks of 16 words of 32 bits, a cache line, of which a key sets a bit in each quarter: what the
// frequency sketch and the filter of its own share.

/**
 * All four bits are looked at, whatever the first says: a branch that is told wrong costs more.
 * @param rows 28 bits of a hash: seven choose one of the 128 bits of a quarter
 */
export function holds(filter: Uint32Array, block: number, rows: number): boolean {
  const first = filter[block + ((rows >>> 5) & 3)]! >>> (rows & 31)
  const second = filter[block + 4 + ((rows >>> 12) & 3)]! >>> ((rows >>> 7) & 31)
  const third = filter[block + 8 + ((rows >>> 19) & 3)]! >>> ((rows >>> 14) & 31)
  const fourth = filter[block + 12 + ((rows >>> 26) & 3)]! >>> ((rows >>> 21) & 31)
  return (first & second & third & fourth & 1) !== 0
}

/** Puts a key into the filter; true where it was not in it. */
export function put(filter: Uint32Array, block: number, rows: number): boolean {
  if (holds(filter, block, rows)) return false
  for (let row = 0; row < 4; row++) {
    const bits = rows >>> (7 * row)
    filter[block + 4 * row + ((bits >>> 5) & 3)]! |= 1 << (bits & 31)
  }
  return true
}

/** Dense ids over all 32 bits (Chris Wellons: Prospecting for hash functions, 2018). */
export function spread(key: number): number {
  let hash = Math.imul(key ^ (key >>> 17), 0xed5a_d4bb)
  hash = Math.imul(hash ^ (hash >>> 11), 0xac4c_1b51)
  return hash ^ (hash >>> 15)
}

/** Another 32 bits out of them. */
export function rehash(hash: number): number {
  const other = Math.imul(hash, 0x3184_8bab)
  return other ^ (other >>> 14)
}
