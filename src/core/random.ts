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
