import type { KeyStream } from '../core/generator.ts'

/** 0, 1, … length − 1 and again from 0, in a space of `keySpace` ids. */
export function cycle(length: number, keySpace: number): KeyStream {
  let next = 0
  return {
    keySpace,
    fill(out) {
      for (let i = 0; i < out.length; i++) {
        out[i] = next
        next = next + 1 === length ? 0 : next + 1
      }
    },
  }
}
