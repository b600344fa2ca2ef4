import seedrandom from 'seedrandom'

/**
 * A stream of uniform random numbers: `random()` gives one in [0, 1) with 32 random bits, `random.double()` one with
 * 53, `random.int32()` a signed 32-bit integer. The same on every machine.
 */
export interface Random {
  (): number
  double(): number
  int32(): number
}

/**
 * The named stream of a seed. Every consumer draws from a stream of its own, so adding one changes no number of
 * another. The generator is Alea (Johannes Baagøe), the fastest of `seedrandom`.
 */
export function createRandom(seed: string | number, stream: string): Random {
  return seedrandom.alea(`${seed}/${stream}`) as Random
}

/**
 * Whole numbers drawn from a stream of their own, which is begun by another: for hot loops that draw many at a time, such
 * as victims' samples. Xorshift with 128 bits of state (Marsaglia: Xorshift RNGs, 2003), in integers only: several times
 * faster than the stream it is begun by.
 */
export class FastRandom {
  private a: number
  private b: number
  private c: number
  private d: number

  constructor(random: Random) {
    this.a = random.int32()
    this.b = random.int32()
    this.c = random.int32()
    // All four zero would stay so.
    this.d = random.int32() | 1
  }

  /** One of 0 … limit − 1, with equal chance but for a share of limit / 2^32. */
  below(limit: number): number {
    const mixed = this.a ^ (this.a << 11)
    this.a = this.b
    this.b = this.c
    this.c = this.d
    this.d = this.d ^ (this.d >>> 19) ^ mixed ^ (mixed >>> 8)
    return ((this.d >>> 0) * (limit / 0x1_0000_0000)) >>> 0
  }
}
