import type { Random } from './random.ts'

/**
 * A named stream with random access: the numbers of an index are the same whoever asks for them, in whatever order, and
 * whether others are asked for or not. Two simulations that differ in a setting then draw the same for what they have in
 * common, which is what makes their difference small beside its noise ("common random numbers", Law and Kelton,
 * "Simulation Modeling and Analysis", section 11.2). Nothing is stored: numbers come from hashing seed, index and a
 * counter (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"); the mixer is that of Wellons 2018
 * ("Prospecting for hash functions", lowbias32).
 */
export type IndexedRandom = (index: number) => Random

/** The stream. What it gives for an index is to be used before the next index is asked for. */
export function createIndexedRandom(seed: string | number, stream: string): IndexedRandom {
  const [low, high] = hashText(`${seed}/${stream}`)
  let first = 0
  let second = 0
  let count = 0
  const int32 = () => {
    const drawn = mix((first + Math.imul(count, 0x9e37_79b9)) ^ mix(second + count))
    count = (count + 1) | 0
    return drawn
  }
  const random = (() => (int32() >>> 0) * 2 ** -32) as Random
  random.int32 = int32
  random.double = () => (int32() >>> 0) * 2 ** -32 + (int32() >>> 11) * 2 ** -53
  return (index) => {
    first = mix(index ^ low)
    second = mix((index + high) | 0)
    count = 0
    return random
  }
}

/** 32 bits of which every one depends on all of `value`. */
export function mix(value: number): number {
  let x = value | 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb_352d)
  x = Math.imul(x ^ (x >>> 15), 0x846c_a68b)
  return x ^ (x >>> 16)
}

/** 64 bits of a text. */
function hashText(text: string): [number, number] {
  let low = 0x811c_9dc5
  let high = 0x9747_b28c
  for (let i = 0; i < text.length; i++) {
    low = mix(low ^ text.charCodeAt(i))
    high = mix(high + Math.imul(text.charCodeAt(i), 0x9e37_79b9))
  }
  return [low, high]
}
