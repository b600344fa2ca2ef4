import { createIndexedRandom, type IndexedRandom } from '../../core/indexed-random.ts'
import { Call, type CallPool, NONE } from './pool.ts'
import type { ModelSettings } from './settings.ts'

/** What the model tells the simulation. */
export interface ModelListener {
  /**
   * A worker takes a call, in the order in which they were asked for.
   * @param seconds of the worker's time; of a batch its share
   */
  started(call: number, now: number, seconds: number): void
  /** A worker is busy until `time`, when `end` is to be called with the same call. */
  endsAt(time: number, call: number): void
  /** `wake` is to be called then: a call may have waited too long, or a batch long enough. */
  wakeAt(time: number): void
  /** A call that waited in the queue is given up. */
  timedOut(call: number, now: number): void
  /** A call ends at the moment it begins. */
  endedAtOnce(call: number, now: number): void
}

/**
 * The model: workers, the queue before them, first come, first served, and the batches they take from it. A worker has
 * one call or one batch at a time.
 */
export class ModelQueue {
  /** Workers at work, calls in their hands, and calls that wait. */
  busy = 0
  running = 0
  waiting = 0
  peakRunning = 0
  peakWaiting = 0
  /** Calls that a worker took, batches (calls, where there are none), seconds of workers' time, and seconds of waiting. */
  started = 0
  batches = 0
  workSeconds = 0
  waitSeconds = 0
  /** No call succeeds before this second. */
  downUntil = -Infinity
  private head = NONE
  private tail = NONE
  /** When `wake` is due already; Infinity: it is not. */
  private wakes = Infinity
  private readonly calls: CallPool
  private readonly settings: ModelSettings
  private readonly listener: ModelListener
  private readonly errors: IndexedRandom

  constructor(calls: CallPool, settings: ModelSettings, listener: ModelListener, seed: string) {
    this.calls = calls
    this.settings = settings
    this.listener = listener
    this.errors = createIndexedRandom(seed, 'service:errors')
  }

  /** Takes a call; false: the queue is full. */
  submit(call: number, now: number): boolean {
    const { calls, settings } = this
    if (settings.batching === undefined && this.busy < settings.workers && this.waiting === 0) {
      this.start(call, now)
      return true
    }
    if (this.waiting >= settings.queueLimit) {
      // A batch may begin at once where a worker is free and nobody is waited for.
      if (settings.batching === undefined || this.busy >= settings.workers || this.waiting > 0) return false
    }
    calls.next[call] = NONE
    if (this.tail === NONE) this.head = call
    else calls.next[this.tail] = call
    this.tail = call
    if (++this.waiting > this.peakWaiting) this.peakWaiting = this.waiting
    this.dispatch(now)
    this.watch()
    return true
  }

  /** A worker is free again. */
  end(now: number): void {
    this.busy--
    this.dispatch(now)
    this.watch()
  }

  /** Looks after those that wait. */
  wake(now: number): void {
    this.wakes = Infinity
    const { calls, settings } = this
    while (this.head !== NONE && calls.since[this.head]! + settings.queueTimeout <= now) {
      const call = this.head
      this.leaveQueue(call, now)
      this.listener.timedOut(call, now)
    }
    this.dispatch(now)
    this.watch()
  }

  private leaveQueue(call: number, now: number): void {
    this.head = this.calls.next[call]!
    if (this.head === NONE) this.tail = NONE
    this.waiting--
    this.waitSeconds += now - this.calls.since[call]!
  }

  /** Gives free workers what waits. */
  private dispatch(now: number): void {
    const { calls, settings } = this
    const { batching, workers, queueTimeout } = settings
    while (this.head !== NONE && this.busy < workers) {
      const call = this.head
      // It is given up at this very moment, see `wake`.
      if (calls.since[call]! + queueTimeout <= now) return
      if (batching === undefined) {
        this.leaveQueue(call, now)
        this.start(call, now)
      } else {
        if (this.waiting < batching.maxSize && calls.since[call]! + batching.maxWait > now) return
        this.startBatch(now, Math.min(this.waiting, batching.maxSize), batching.fixed, batching.perItem)
      }
    }
  }

  private start(call: number, now: number): void {
    const { calls, settings } = this
    const { index } = calls
    let seconds = settings.latency.of(index[call]!)
    if (now < this.downUntil) {
      seconds = settings.failAfter
      calls.flags[call]! |= Call.fails
    } else if (settings.errorRate > 0 && this.errors(index[call]!)() < settings.errorRate) {
      calls.flags[call]! |= Call.fails
    }
    calls.next[call] = NONE
    calls.took[call] = seconds
    this.listener.started(call, now, seconds)
    this.begin(call, 1, seconds, now)
  }

  private startBatch(now: number, size: number, fixed: number, perItem: number): void {
    const { calls, settings } = this
    const first = this.head
    const isDown = now < this.downUntil
    const seconds = isDown ? settings.failAfter : fixed + perItem * size
    let last = first
    for (let i = 0; i < size; i++) {
      last = this.head
      this.leaveQueue(last, now)
      calls.took[last] = seconds
      if (isDown || (settings.errorRate > 0 && this.errors(calls.index[last]!)() < settings.errorRate))
        calls.flags[last]! |= Call.fails
      this.listener.started(last, now, seconds / size)
    }
    calls.next[last] = NONE
    this.begin(first, size, seconds, now)
  }

  private begin(call: number, size: number, seconds: number, now: number): void {
    this.busy++
    this.running += size
    if (this.running > this.peakRunning) this.peakRunning = this.running
    this.started += size
    this.batches++
    this.workSeconds += seconds
    // Where workers are without number nobody waits for this one, so that no event is needed to let others in.
    if (seconds === 0 && this.settings.workers === Infinity) this.listener.endedAtOnce(call, now)
    else this.listener.endsAt(now + seconds, call)
  }

  /** Sees to it that `wake` comes when the first in the queue has waited long enough. */
  private watch(): void {
    if (this.head === NONE) return
    const { batching, queueTimeout } = this.settings
    const since = this.calls.since[this.head]!
    let due = since + queueTimeout
    // A full queue that no worker is free for is looked at when one is.
    if (batching !== undefined && this.busy < this.settings.workers)
      due = Math.min(due, since + batching.maxWait)
    if (due >= this.wakes || due === Infinity) return
    this.wakes = due
    this.listener.wakeAt(due)
  }
}
