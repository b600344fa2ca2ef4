import type { Random } from '../core/random.ts'
import { finish, type Steps } from '../core/steps.ts'

/** Places filled between two pauses. */
const STEP = 1 << 20

/** 0 … length − 1 in random order, each order as likely (Fisher and Yates; Durstenfeld 1964). */
export function permutation(length: number, random: Random): Uint32Array {
  return finish(permute(length, random))
}

/** The same with pauses, for lengths that take seconds. */
export function* permute(length: number, random: Random): Steps<Uint32Array> {
  const order = new Uint32Array(length)
  for (let start = 0; start < length; start += STEP) {
    shuffleIn(order, start, Math.min(length, start + STEP), random)
    yield undefined
  }
  return order
}

/** Puts start … end − 1 at random places among those before them. A function of its own: generators run slower. */
function shuffleIn(order: Uint32Array, start: number, end: number, random: Random): void {
  for (let i = start; i < end; i++) {
    const j = Math.floor(random.double() * (i + 1))
    order[i] = order[j]!
    order[j] = i
  }
}
