/**
 * What is to happen, soonest first; of several at one moment, what was scheduled first. A heap of four children a node
 * in typed arrays that grow: scheduling and taking allocate nothing. An event is a kind and a number that says of what.
 */
export class EventQueue {
  /** Of the event that was taken last. */
  kind = 0
  of = 0
  /** When the soonest event happens, in seconds; Infinity where there is none. */
  soonest = Infinity
  private times = new Float64Array(256)
  private turns = new Uint32Array(256)
  private codes = new Uint32Array(256)
  private size = 0
  private turn = 0

  /**
   * @param kind below 16
   * @param of below 2^28
   */
  schedule(time: number, kind: number, of: number): void {
    if (this.size === this.times.length) this.grow()
    const { times, turns, codes } = this
    const turn = this.turn++ >>> 0
    let slot = this.size++
    while (slot > 0) {
      const parent = (slot - 1) >>> 2
      // What is scheduled later comes later among equals.
      if (times[parent]! <= time) break
      times[slot] = times[parent]!
      turns[slot] = turns[parent]!
      codes[slot] = codes[parent]!
      slot = parent
    }
    times[slot] = time
    turns[slot] = turn
    codes[slot] = (of << 4) | kind
    this.soonest = times[0]!
  }

  /** Takes out the soonest event, of which there must be one: `kind` and `of` are then its own. */
  take(): void {
    const { times, turns, codes } = this
    const taken = codes[0]!
    this.kind = taken & 15
    this.of = taken >>> 4
    const size = --this.size
    if (size === 0) {
      this.soonest = Infinity
      return
    }
    const time = times[size]!
    const turn = turns[size]!
    const code = codes[size]!
    let slot = 0
    for (;;) {
      let least = 4 * slot + 1
      if (least >= size) break
      const end = least + 4 < size ? least + 4 : size
      let leastTime = times[least]!
      for (let child = least + 1; child < end; child++) {
        const childTime = times[child]!
        if (childTime < leastTime || (childTime === leastTime && turns[child]! < turns[least]!)) {
          least = child
          leastTime = childTime
        }
      }
      if (time < leastTime || (time === leastTime && turn < turns[least]!)) break
      times[slot] = leastTime
      turns[slot] = turns[least]!
      codes[slot] = codes[least]!
      slot = least
    }
    times[slot] = time
    turns[slot] = turn
    codes[slot] = code
    this.soonest = times[0]!
  }

  private grow(): void {
    const length = 2 * this.times.length
    const times = new Float64Array(length)
    times.set(this.times)
    this.times = times
    const turns = new Uint32Array(length)
    turns.set(this.turns)
    this.turns = turns
    const codes = new Uint32Array(length)
    codes.set(this.codes)
    this.codes = codes
  }
}
