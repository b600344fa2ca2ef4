import { Found } from '../engine/loop.ts'

/** What each request of a run found. */
export interface Outcomes {
  /** [requests] */
  readonly codes: Uint8Array | Uint16Array | Uint32Array
  /** [codes] what a code stands for, see `Found`. One set of codes may so be that of several runs. */
  readonly kinds: Uint8Array
}

const OWN_KINDS = Uint8Array.from(Object.values(Found))

/** Of a replay, whose codes are the kinds themselves. */
export function ofReplay(codes: Uint8Array): Outcomes {
  return { codes, kinds: OWN_KINDS }
}
