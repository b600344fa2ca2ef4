/*
 * Records of what is in flight, as columns: a record is a slot, which is used again when what stood there is done. The
 * columns grow with the most that was ever in flight at once, and nothing else.
 */

/** No slot. */
export const NONE = -1

abstract class Pool {
  /** Records in use. */
  used = 0
  protected length = 0
  /** Slots that are free, the last of them taken first. */
  private free = new Int32Array(0)

  /** A free slot; what stands in its columns is of no meaning. */
  take(): number {
    if (this.used === this.length) this.lengthen()
    return this.free[this.length - ++this.used]!
  }

  give(slot: number): void {
    this.free[this.length - this.used--] = slot
  }

  protected abstract grow(length: number): void

  private lengthen(): void {
    const before = this.length
    const length = Math.max(256, 2 * before)
    // All slots before are in use: the free ones are the new ones, the lowest on top.
    const free = new Int32Array(length)
    for (let i = 0; i < length - before; i++) free[i] = length - 1 - i
    this.free = free
    this.length = length
    this.grow(length)
  }
}

function longer<T extends Uint32Array | Int32Array | Float64Array | Uint8Array>(
  column: T,
  length: number,
): T {
  const grown = new (column.constructor as new (length: number) => T)(length)
  grown.set(column as never)
  return grown
}

/** Requests that have come and are not answered. */
export class RequestPool extends Pool {
  /** [slots] index in the trace. */
  index = new Uint32Array(0)
  /** [slots] the key it looks up, with its version. */
  id = new Uint32Array(0)
  instance = new Uint32Array(0)
  /** [slots] the next that waits for the same computation. */
  next = new Int32Array(0)
  /** [slots] the tier that it looks into, and where its answer comes from, see `Source`. */
  tier = new Uint8Array(0)
  source = new Uint8Array(0)

  protected grow(length: number): void {
    this.index = longer(this.index, length)
    this.id = longer(this.id, length)
    this.instance = longer(this.instance, length)
    this.next = longer(this.next, length)
    this.tier = longer(this.tier, length)
    this.source = longer(this.source, length)
  }
}

/** Where an answer comes from: a tier, by number from the nearest, or one of these. */
export const Source = {
  computed: 254,
  /** The computation of another: a delayed hit. */
  awaited: 255,
} as const

/** Calls of the model that have not ended. */
export class CallPool extends Pool {
  /** [slots] what it computes, with its version; whose request says size and duration; for which instance. */
  id = new Uint32Array(0)
  index = new Uint32Array(0)
  instance = new Uint32Array(0)
  /** [slots] updates of the model that had been when it was asked. */
  version = new Int32Array(0)
  /** [slots] the last of them that changed its key. */
  keyVersion = new Int32Array(0)
  /** [slots] seconds: when it was asked, and how long it took. */
  since = new Float64Array(0)
  took = new Float64Array(0)
  /** [slots] when its lock may be taken by another; Infinity without one. */
  lease = new Float64Array(0)
  /** [slots] the requests that wait for it, from the first to the last; NONE where nobody does. */
  first = new Int32Array(0)
  last = new Int32Array(0)
  /** [slots] the next in the queue, or in the same batch. */
  next = new Int32Array(0)
  /** [slots] bits, see `Call`. */
  flags = new Uint8Array(0)

  protected grow(length: number): void {
    this.id = longer(this.id, length)
    this.index = longer(this.index, length)
    this.instance = longer(this.instance, length)
    this.version = longer(this.version, length)
    this.keyVersion = longer(this.keyVersion, length)
    this.since = longer(this.since, length)
    this.took = longer(this.took, length)
    this.lease = longer(this.lease, length)
    this.first = longer(this.first, length)
    this.last = longer(this.last, length)
    this.next = longer(this.next, length)
    this.flags = longer(this.flags, length)
  }
}

/** What is to be known of a call. */
export const Call = {
  /** Others can wait for it: it stands in the table of what is being computed. */
  listed: 1,
  /** It was made before anyone needed it: by a warm-up. */
  warmUp: 2,
  /** It fails at its end. */
  fails: 4,
  /** It has ended, and is being stored. */
  storing: 8,
  /** It was made to refresh an entry while that is still served. */
  refresh: 16,
} as const
