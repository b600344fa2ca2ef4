import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, Queue } from 'bullmq'
import { describeThrown, InputError } from '../../core/errors.ts'
import type { SweepPlan } from '../../core/result.ts'
import { plural } from '../../core/units.ts'
import { VERSION } from '../../core/version.ts'
import type { CellResult, FailureWatch, RunCells, RunOptions } from '../runner.ts'
import { cellsByNumber, describeCell } from '../sweep-plan.ts'
import type { SweepQuestion } from '../sweep-question.ts'
import { Board } from './board.ts'
import { type CellAnswer, type CellJob, cellOfJob, enqueue, MOST_DEATHS, queueOf } from './cell-job.ts'
import { type Connection, connectToQueue, unusable } from './connection.ts'

/** How the work of others is watched. */
interface DispatchOptions extends Pick<RunOptions, 'stop' | 'signal' | 'onProgress'>, FailureWatch {
  readonly onNotice?: ((notice: string) => void) | undefined
}

/** Between two looks at the queue, in milliseconds. */
const LOOK = 200
/** Between two signs of life. */
const RENEWAL = 5000
/** How long nobody may come before that is said. */
const LONELY = 5000
/** How long all who came may be silent before that is said; they give several signs of life in it (see worker.ts). */
const SILENCE = 10_000

/**
 * Has the cells of a sweep run by the workers of a queue. It looks for what is done, takes it off the queue and counts it;
 * what the server forgets, because it was started anew or was cleared, is put on the queue again.
 */
export class Dispatcher {
  readonly #connection: Connection
  readonly #board: Board
  readonly #question: SweepQuestion
  readonly #options: DispatchOptions
  readonly #said = new Set<string>()

  private constructor(connection: Connection, question: SweepQuestion, options: DispatchOptions) {
    this.#connection = connection
    this.#board = new Board(connection)
    this.#question = question
    this.#options = options
  }

  /** @throws InputError where there is no such queue */
  static async open(address: string, question: SweepQuestion, options: DispatchOptions): Promise<Dispatcher> {
    return new Dispatcher(await connectToQueue(address), question, options)
  }

  close(): void {
    this.#connection.close()
  }

  /**
   * @param cells numbers of those that are to be run
   * @param requests in each
   * @returns what they came to, in the same order; undefined where one was given up, or not done when it was stopped
   * @throws InputError where a cell cannot be run because of what the user asked
   */
  async run(plan: SweepPlan, cells: readonly number[], requests: number): Promise<RunCells> {
    const sweep = new QueuedSweep(plan, cells)
    const started = performance.now()
    const id = randomUUID().slice(0, 8)
    const queue = queueOf(this.#connection, id)
    const put = async () => {
      await enqueue(queue, largestFirst(sweep))
      await this.#board.announce(id, { version: VERSION, plan, question: this.#question })
    }
    try {
      if (cells.length > 0)
        await put().catch((error) => {
          throw unusable(this.#connection.address, error)
        })
      let renewed = performance.now()
      while (sweep.open.size > 0 && !this.#options.stop?.aborted) {
        const isReachable = await this.#whileReachable(async () => {
          if (performance.now() - renewed > RENEWAL) {
            if (!(await this.#board.renew(id)) || (await jobsOn(queue)) < sweep.open.size) await put()
            renewed = performance.now()
          }
          await this.#hear(id, sweep)
          await this.#collect(queue, sweep)
        })
        // Whoever cannot reach the server is not heard either.
        if (!isReachable) sweep.heard()
        else if (sweep.hasFallenSilent(SILENCE))
          this.#options.onNotice?.(
            `no worker has been heard from for ${SILENCE / 1000} s: what they were at waits for others, to be started with cachesim worker --queue ${this.#connection.address.shown}`,
          )
        if (sweep.workers.size + sweep.refusals === 0 && performance.now() - started > LONELY)
          this.#say(
            `no worker has come yet: start some with cachesim worker --queue ${this.#connection.address.shown}`,
          )
        this.#options.onProgress?.({
          done: (cells.length - sweep.open.size) * requests,
          total: cells.length * requests,
          unit: 'requests',
          label: sweep.workers.size === 0 ? 'waiting for workers' : plural(sweep.workers.size, 'worker'),
        })
        if (sweep.open.size > 0) await sleep(LOOK)
        this.#options.signal?.throwIfAborted()
      }
    } catch (error) {
      const { onFailure } = this.#options
      if (onFailure === undefined || !isFailure(error)) throw error
      onFailure(error)
    } finally {
      await this.#withdraw(id)
    }
    const results = cells.map((at) => sweep.results[at])
    return {
      results,
      replayed: results.filter((result) => result !== undefined).length * requests,
      replaySeconds: (performance.now() - started) / 1000,
      threads: Math.max(1, sweep.workers.size),
    }
  }

  /** Takes what is done off the queue, and what has no place there. */
  async #collect(queue: Queue<CellJob, CellAnswer>, sweep: QueuedSweep): Promise<void> {
    // Of several that came at once, those that are done are counted before one that failed ends the sweep.
    let failure: { readonly error: unknown } | undefined
    for (const jobId of await queue.getRanges(['completed', 'failed'], 0, 99)) {
      const at = cellOfJob(jobId, sweep.plan)
      if (at === undefined) this.#putAside(jobId)
      else if (sweep.open.has(at)) {
        // What cannot be read is removed like what is done, and put on the queue anew.
        const job = await queue.getJob(jobId).catch(() => undefined)
        if (job !== undefined)
          await this.#take(at, job, sweep).catch((error) => {
            if (!isFailure(error)) throw error
            failure ??= { error }
          })
      }
      await queue.remove(jobId)
    }
    if (failure) throw failure.error
    // What no worker can even read never gets further than here.
    for (const jobId of await queue.getRanges(['active'], 0, 99)) {
      if (cellOfJob(jobId, sweep.plan) !== undefined) continue
      this.#putAside(jobId)
      await queue.remove(jobId)
    }
  }

  /** Counts a cell, or gives it up. */
  async #take(at: number, job: Job<CellJob, CellAnswer>, sweep: QueuedSweep): Promise<void> {
    const failed = (await job.getState()) === 'failed'
    const trouble = failed ? (job.failedReason ?? 'nobody knows why') : await sweep.count(at, job.returnvalue)
    if (trouble === undefined) return
    sweep.open.delete(at)
    const why = /stalled/.test(trouble) ? `${MOST_DEATHS} workers died over it` : trouble
    this.#say(`${describeCell(sweep.plan, at)} was given up: ${why}`)
  }

  #putAside(jobId: string): void {
    this.#say(`job '${jobId}' on the queue is no cell of this sweep: it was put aside`)
  }

  /** Listens to what workers say of themselves. */
  async #hear(id: string, sweep: QueuedSweep): Promise<void> {
    for (const { worker, refuses } of await this.#board.hear(id)) {
      if (refuses === undefined) {
        sweep.workers.add(worker)
        sweep.heard()
        continue
      }
      sweep.refusals++
      this.#say(`worker ${worker} refuses the sweep: ${refuses}`)
    }
  }

  /**
   * A server that is away for a while is waited for; what it answers must be right all the same.
   * @returns whether it was there
   */
  async #whileReachable(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (isFailure(error)) throw error
      this.#say(
        `the queue ${this.#connection.address.shown} is in trouble, and is tried again: ${this.#connection.explain(error)}`,
      )
      return false
    }
  }

  /** Leaves nothing behind, where the server can be reached. */
  async #withdraw(id: string): Promise<void> {
    try {
      await this.#board.clear(id)
    } catch {
      // Whoever looks at the board clears it away once the notice has run out.
    }
  }

  /** Everything is said once. */
  #say(notice: string): void {
    if (this.#said.has(notice)) return
    this.#said.add(notice)
    this.#options.onNotice?.(notice)
  }
}

/** Jobs on a queue, whatever has become of them. */
async function jobsOn(queue: Queue): Promise<number> {
  return queue.getJobCountByTypes('waiting', 'active', 'completed', 'failed', 'delayed')
}

/** The cells that are open, the largest caches, which take longest, first. */
function largestFirst({ plan: { policies, sizes }, open }: QueuedSweep): number[] {
  // A cache that never evicts takes less time than any other.
  const capacityOf = (at: number) =>
    at < policies.length * sizes.length ? sizes[at % sizes.length]!.capacity : 0
  return [...open].sort((a, b) => capacityOf(b) - capacityOf(a))
}

/** A cell that would fail anywhere, not by the user's mistake. */
class CellFault extends Error {}

/** Whether an error is of a cell, or of what the user asked, and not of the server. */
function isFailure(error: unknown): boolean {
  return error instanceof InputError || error instanceof CellFault
}

/** What has come of the cells of a sweep. */
class QueuedSweep {
  readonly plan: SweepPlan
  /** Numbers of the cells that are neither done nor given up. */
  readonly open: Set<number>
  /** By number. */
  readonly results: (CellResult | undefined)[] = []
  readonly workers = new Set<string>()
  /** How often a worker has come and taken none. */
  refusals = 0
  #lastHeard = performance.now()
  #isSilent = false

  constructor(plan: SweepPlan, cells: readonly number[]) {
    this.plan = plan
    this.open = new Set(cells)
  }

  /** A worker has given a sign of life. */
  heard(): void {
    this.#lastHeard = performance.now()
    this.#isSilent = false
  }

  /** Whether workers have come, and none was heard for so many milliseconds; true once for every silence. */
  hasFallenSilent(milliseconds: number): boolean {
    const isSilent = this.open.size > 0 && performance.now() - this.#lastHeard > milliseconds
    if (this.workers.size === 0 || this.#isSilent || !isSilent) return false
    this.#isSilent = true
    return true
  }

  /**
   * Counts a cell.
   * @returns what is wrong with the answer; undefined where it was counted
   * @throws InputError or CellFault where the run failed as it would anywhere
   */
  async count(at: number, answer: CellAnswer | null | undefined): Promise<string | undefined> {
    if (typeof answer !== 'object' || answer === null || typeof answer.worker !== 'string')
      return 'what came back is no answer of a worker'
    const { worker } = answer
    this.workers.add(worker)
    this.heard()
    if ('error' in answer) {
      if (answer.isInput) throw new InputError(answer.error)
      throw new CellFault(`${describeCell(this.plan, at)} failed on worker ${worker}: ${answer.error}`)
    }
    // Only looked at: what it gives back has its fields in another order.
    const { savedCellSchema } = await import('../../core/sweep-parts.ts')
    const { success } = savedCellSchema.safeParse(answer.cell)
    if (!success || answer.cell.at !== at) return `what came back from worker ${worker} is no such cell`
    try {
      this.results[at] = cellsByNumber(this.plan, [answer.cell], `worker ${worker}`)[at]
    } catch (error) {
      return describeThrown(error)
    }
    this.open.delete(at)
    return undefined
  }
}
