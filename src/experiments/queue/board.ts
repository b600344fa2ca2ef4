import { InputError } from '../../core/errors.ts'
import type { SweepPlan } from '../../core/result.ts'
import { VERSION } from '../../core/version.ts'
import type { SweepQuestion } from '../sweep-question.ts'
import { queueOf } from './cell-job.ts'
import type { Connection } from './connection.ts'

/*
 * Where sweeps and workers find each other. A sweep is on the board for as long as it is alive: its notice runs out
 * unless it is renewed, so that one that was killed leaves nothing that workers would go on with.
 */

/** What a worker has to know of a sweep. */
export interface SweepNotice {
  /** Of cachesim: another version may count otherwise. */
  readonly version: string
  readonly plan: SweepPlan
  /** What to make the same plan from. */
  readonly question: SweepQuestion
}

/** What a worker has to say to a sweep. */
export interface WorkerNotice {
  readonly worker: string
  /** Why it takes no cells; undefined where it does. */
  readonly refuses?: string
}

/** Seconds a notice stays without being renewed. */
const LEASE = 60

/** The board of a server. */
export class Board {
  readonly #connection: Connection
  /** [ids by time] of all sweeps that are, or were, on the board. */
  readonly #index: string

  constructor(connection: Connection) {
    this.#connection = connection
    this.#index = `${connection.prefix}:sweeps`
  }

  /** Puts a sweep up, for workers that have none. */
  async announce(id: string, notice: SweepNotice): Promise<void> {
    const { redis } = this.#connection
    await redis.set(this.#noticeOf(id), JSON.stringify(notice), 'EX', LEASE)
    await redis.zadd(this.#index, Date.now(), id)
  }

  /** Says that a sweep is still alive; false where its notice is gone. */
  async renew(id: string): Promise<boolean> {
    return (await this.#connection.redis.expire(this.#noticeOf(id), LEASE)) === 1
  }

  async isThere(id: string): Promise<boolean> {
    return (await this.#connection.redis.exists(this.#noticeOf(id))) === 1
  }

  /** Takes a sweep down, with all that it has on the queue. */
  async clear(id: string): Promise<void> {
    const { redis, prefix } = this.#connection
    await redis.del(this.#noticeOf(id), this.#saidOf(id))
    await redis.zrem(this.#index, id)
    await queueOf(this.#connection, id).obliterate({ force: true })
    // A worker that was at a cell may have written it once more.
    await redis.del(`${prefix}:${id}:meta`)
  }

  /** The sweeps that are alive, the oldest first; what others have left behind is cleared away. */
  async list(): Promise<string[]> {
    const ids = await this.#connection.redis.zrange(this.#index, '0', '-1')
    const alive: string[] = []
    for (const id of ids) {
      if (await this.isThere(id)) alive.push(id)
      else await this.clear(id)
    }
    return alive
  }

  /**
   * What is announced; undefined where it is gone by now.
   * @throws InputError where it is no notice of a sweep
   */
  async read(id: string): Promise<SweepNotice | undefined> {
    const key = this.#noticeOf(id)
    const { redis } = this.#connection
    const no = (why: string) => new InputError(`what the queue has at ${key} is no notice of a sweep: ${why}`)
    const type = await redis.type(key)
    if (type !== 'string' && type !== 'none') throw no(`it is a ${type}`)
    const text = await redis.get(key)
    if (text === null) return undefined
    const notice = objectIn(text)
    if (notice === undefined) throw no('it is not JSON of an object')
    const { version, plan, question } = notice as Partial<SweepNotice>
    if (typeof version !== 'string') throw no('it says no version of cachesim')
    if (version !== VERSION) throw new InputError(`it is of cachesim ${version}, and this is ${VERSION}`)
    const { sweepPlanSchema } = await import('../../core/sweep-parts.ts')
    // Only looked at: what it gives back has its fields in another order.
    const [issue] = sweepPlanSchema.safeParse(plan).error?.issues ?? []
    if (issue) throw no(`its ${['plan', ...issue.path].join('.')} is not what it must be`)
    if (typeof question !== 'object' || question === null) throw no('it does not say what is asked')
    return notice as SweepNotice
  }

  /** Tells a sweep something. */
  async say(id: string, notice: WorkerNotice): Promise<void> {
    const { redis } = this.#connection
    await redis.rpush(this.#saidOf(id), JSON.stringify(notice))
    await redis.expire(this.#saidOf(id), LEASE)
  }

  /** What workers have said to a sweep since it last asked. */
  async hear(id: string): Promise<WorkerNotice[]> {
    const { redis } = this.#connection
    const said = await redis.lrange(this.#saidOf(id), 0, -1)
    if (said.length > 0) await redis.ltrim(this.#saidOf(id), said.length, -1)
    return said.flatMap((text): WorkerNotice[] => {
      try {
        const { worker, refuses } = JSON.parse(text)
        return [{ worker: String(worker), ...(refuses !== undefined && { refuses: String(refuses) }) }]
      } catch {
        // Not a worker's words.
        return []
      }
    })
  }

  #noticeOf(id: string): string {
    return `${this.#connection.prefix}:sweep:${id}`
  }

  #saidOf(id: string): string {
    return `${this.#connection.prefix}:said:${id}`
  }
}

/** The object that a text is as JSON; undefined where it is none. */
function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
