/**
 * Updates of the model, and what they change. Several models may share a cache: an update then changes the predictions
 * for some keys only.
 */
export class Versions {
  /** Updates so far. */
  count = 0
  /** [updates] when each happened, in seconds. */
  readonly times: number[] = []
  /** [updates] the keys whose predictions it changed; undefined: all. */
  private readonly masks: (Uint8Array | undefined)[] = []
  /** [keyCount] the last update that changed a key, counted from 1, where some updates changed only some. */
  private lastOf: Uint16Array | undefined
  /** The last update that changed all keys. */
  private lastOfAll = 0
  private readonly keyCount: number

  constructor(keyCount: number) {
    this.keyCount = keyCount
  }

  update(now: number, affected: Uint8Array | undefined): void {
    this.count++
    this.times.push(now)
    this.masks.push(affected)
    if (affected === undefined) {
      this.lastOfAll = this.count
      return
    }
    this.lastOf ??= new Uint16Array(this.keyCount)
    for (let key = 0; key < this.keyCount; key++) if (affected[key] === 1) this.lastOf[key] = this.count
  }

  /** The version of a key: the last update that changed it, counted from 1; 0 before any. */
  of(key: number): number {
    if (this.lastOf === undefined) return this.lastOfAll
    return Math.max(this.lastOfAll, this.lastOf[key]!)
  }

  /** How many of the first `known` updates changed a key: the version that one who knows no more would ask for. */
  knownOf(key: number, known: number): number {
    let count = 0
    for (let update = 0; update < known; update++) {
      const mask = this.masks[update]
      if (mask === undefined || mask[key] === 1) count++
    }
    return count
  }

  /** Seconds since a value computed after `version` updates was outdated. It must be. */
  outdatedSince(key: number, version: number): number {
    let update = version
    while (this.masks[update] !== undefined && this.masks[update]![key] !== 1) update++
    return this.times[update]!
  }

  /** The keys that an update changed. */
  maskOf(update: number): Uint8Array | undefined {
    return this.masks[update]
  }
}
