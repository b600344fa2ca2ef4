import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, Worker } from 'bullmq'
import { describeThrown, InputError } from '../../core/errors.ts'
import { READ_OPTIONS, type ReadOptions } from '../../core/format.ts'
import { parseDuration } from '../../core/units.ts'
import { CellByCell, parseThreads } from '../runner.ts'
import { fingerprintOf, prepareSweep } from '../sweep.ts'
import { describeCell, planDifference } from '../sweep-plan.ts'
import type { SweepQuestion } from '../sweep-question.ts'
import type { WorkloadOptions } from '../workload.ts'
import { Board, type SweepNotice } from './board.ts'
import { type CellAnswer, type CellJob, cellOfJob, LOCK } from './cell-job.ts'
import { type Connection, connectToQueue } from './connection.ts'

/** What can be said of a worker. */
export interface WorkerOptions extends ReadOptions, Pick<WorkloadOptions, 'trace' | 'format'> {
  /** `redis://host:port` */
  readonly queue: string
  /** Cells to run at a time, over one copy of the trace; default 1. */
  readonly threads?: number | string | undefined
  /** `10m`: how long there may be nothing to do before it ends; default: it waits for ever. */
  readonly idle?: string | undefined
  /** Once it is aborted the cells that are at work are put back for others, and the worker ends. */
  readonly stop: { readonly aborted: boolean }
  /** Told, in a sentence, what it does. */
  readonly onNotice: (notice: string) => void
}

/** Between two looks at the board, in milliseconds. */
const LOOK = 500
/** Between two signs of life, in milliseconds. */
const SIGN = 2000
/** How long it may take to put cells back, in milliseconds. */
const FAREWELL = 5000

/**
 * Runs cells of the sweeps on a queue, the oldest sweep first, until it is stopped or idle for too long.
 * @returns the cells that were run
 * @throws InputError where there is no such queue
 */
export async function work(options: WorkerOptions): Promise<number> {
  const threads = parseThreads(options.threads) ?? 1
  const patience = options.idle === undefined ? Infinity : parseDuration(options.idle, '--idle') * 1000
  const notices = new Notices(options.onNotice)
  const connection = await connectToQueue(options.queue, (why) =>
    notices.once(`the queue is in trouble, and is tried again: ${why}`),
  )
  try {
    const board = new Board(connection)
    const refused = new Set<string>()
    let cells = 0
    let idleSince = performance.now()
    notices.once(`worker ${NAME} is ready`)
    while (!options.stop.aborted) {
      // What the server has no answer to now, it may have the next time.
      const ids = await board.list().catch(() => [])
      const id = ids.find((each) => !refused.has(each))
      if (id === undefined) {
        if (performance.now() - idleSince >= patience) break
        await sleep(LOOK)
        continue
      }
      try {
        const desk = await openDesk(board, id, options)
        if (desk === undefined) {
          await sleep(LOOK)
          continue
        }
        notices.once(`sweep ${id}: begun`)
        cells += await serve(connection, board, desk, threads, options, notices)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        refused.add(id)
        notices.once(`sweep ${id} is refused: ${error.message}`)
        await board.say(id, { worker: NAME, refuses: error.message }).catch(() => {})
      }
      idleSince = performance.now()
    }
    return cells
  } finally {
    connection.close()
  }
}

/** What a worker is called. */
const NAME = `${hostname()}:${process.pid}`

/** Why a worker takes no cells of a sweep. */
class Refusal extends Error {}

/** A sweep whose workload a worker has open. */
interface Desk {
  readonly id: string
  readonly plan: SweepNotice['plan']
  readonly cells: CellByCell
}

/**
 * Opens the workload of a sweep and sees that it is the same here as there.
 * @returns undefined where the sweep is over by now
 * @throws Refusal where it is not
 */
async function openDesk(board: Board, id: string, options: WorkerOptions): Promise<Desk | undefined> {
  try {
    const notice = await board.read(id)
    if (notice === undefined) return undefined
    const { plan, cells, settings, seeds, workload } = await prepareSweep(questionHere(notice, options))
    plan.fingerprint = fingerprintOf(workload.trace)
    const difference = planDifference(notice.plan, plan)
    if (difference === 'another trace')
      throw new Refusal(
        `what it reads as ${workload.trace.name} is another trace, of ${workload.trace.length} requests: give it the same, or tell it with --trace where that is`,
      )
    if (difference !== undefined) throw new Refusal(`to it, this is a sweep of ${difference}`)
    return { id, plan, cells: new CellByCell(cells, settings, seeds, workload.draw) }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(describeThrown(error))
  }
}

/** The question, with the trace of this worker where it has one of its own. */
function questionHere({ plan, question }: SweepNotice, options: WorkerOptions): SweepQuestion {
  if (options.trace === undefined) {
    if (plan.workload.kind === 'recorded' && question.trace === undefined)
      throw new Refusal(
        'only the sweep itself can read its trace: tell the worker with --trace where the same is',
      )
    return question
  }
  const { workload: _, ...rest } = question
  const asked = Object.entries(rest).filter(([name]) => !OF_TRACES.has(name))
  const here = Object.entries(options).filter(([name, value]) => OF_TRACES.has(name) && value !== undefined)
  return Object.fromEntries([...asked, ...here])
}

/** What says where a trace is, and how it is read. */
const OF_TRACES: ReadonlySet<string> = new Set(['trace', 'format', ...Object.keys(READ_OPTIONS)])

/** Runs cells of a sweep until it is over. */
async function serve(
  connection: Connection,
  board: Board,
  desk: Desk,
  threads: number,
  options: WorkerOptions,
  notices: Notices,
): Promise<number> {
  const { id, plan } = desk
  let done = 0
  const over = { aborted: false }
  const process = async (job: Job<CellJob, CellAnswer>, token?: string): Promise<CellAnswer> => {
    const at = cellOfJob(job.id, plan)
    if (at === undefined || job.data?.at !== at) {
      notices.once(`job '${job.id}' of sweep ${id} is no cell: it is put aside`)
      throw new connection.bullmq.UnrecoverableError('it is no cell of the sweep')
    }
    try {
      const result = await desk.cells.run(at, { stop: over })
      if (result === undefined) {
        if (token !== undefined) await job.moveToWait(token)
        throw new connection.bullmq.WaitingError()
      }
      done++
      notices.say(`sweep ${id}: ${describeCell(plan, at)}`)
      return { worker: NAME, cell: { at, ...result } }
    } catch (error) {
      if (error instanceof connection.bullmq.WaitingError) throw error
      return { worker: NAME, error: describeThrown(error), isInput: error instanceof InputError }
    }
  }
  const line = connection.patient()
  const worker: Worker<CellJob, CellAnswer> = new connection.bullmq.Worker(id, process, {
    connection: line,
    prefix: connection.prefix,
    concurrency: threads,
    ...LOCK,
  })
  // A job whose data is no JSON is only told of by the error of whoever read it.
  worker.on('error', (error) => {
    // A sweep that is withdrawn takes its jobs with it, also those that are at work.
    if (/^Missing key for job /.test(error.message)) return
    notices.once(
      error instanceof SyntaxError
        ? `sweep ${id}: a job on the queue is not JSON: it is put aside`
        : `sweep ${id}: ${connection.explain(error)}`,
    )
  })
  let said = -Infinity
  for (;;) {
    if (performance.now() - said >= SIGN) {
      await board.say(id, { worker: NAME }).catch(() => {})
      said = performance.now()
    }
    await sleep(LOOK)
    // A server that is away for a while has not ended the sweep.
    const isOver = !(await board.isThere(id).catch(() => true))
    if (!options.stop.aborted && !isOver) continue
    over.aborted = true
    // What is at work ends at once; a server that is away is not waited for.
    await Promise.race([worker.close(), sleep(FAREWELL)])
    line.disconnect()
    if (isOver) await board.clear(id).catch(() => {})
    return done
  }
}

/** Says things, some only once. */
class Notices {
  readonly say: (notice: string) => void
  readonly #said = new Set<string>()

  constructor(say: (notice: string) => void) {
    this.say = say
  }

  once(notice: string): void {
    if (this.#said.has(notice)) return
    this.#said.add(notice)
    this.say(notice)
  }
}
