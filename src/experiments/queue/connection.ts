import type * as BullMQ from 'bullmq'
import type { Redis, RedisOptions } from 'ioredis'
import { describeThrown, InputError } from '../../core/errors.ts'
import { parseQueueAddress, type QueueAddress } from './address.ts'

/** All keys of ours begin with it. */
const PREFIX = 'cachesim'

/** How long a server may take to answer, in milliseconds. */
const PATIENCE = 3000

/** Without what the type of ioredis asks to be a literal. */
type ClientOptions = Omit<RedisOptions, 'replyMapping'>

/** A connection to the server, and what makes queues on it. */
export interface Connection {
  readonly address: QueueAddress
  /** For everything that answers at once: a command that does not is an error after a few seconds. */
  readonly redis: Redis
  readonly bullmq: typeof BullMQ
  /** What every queue and worker of BullMQ is made with. */
  readonly prefix: string
  /** What went wrong with it, in the user's words. */
  explain(error: unknown): string
  /** A connection that waits for the server as long as it takes, as workers need it; it closes with this one. */
  patient(): Redis
  /** Ends all connections, and waits for nothing. */
  close(): void
}

/**
 * Connects, and sees that what listens there is a Redis.
 * @param onTrouble told, in words, of every error of a connection that was made and then lost; it is made again
 * @throws InputError where the packages are not installed, nothing answers, or something else does
 */
export async function connectToQueue(
  text: string,
  onTrouble: (why: string) => void = () => {},
): Promise<Connection> {
  const address = parseQueueAddress(text)
  const { bullmq, Redis } = await loadPackages()
  const options: ClientOptions = {
    host: address.host,
    port: address.port,
    db: address.database,
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.encrypted && { tls: {} }),
    connectTimeout: PATIENCE,
    lazyConnect: true,
  }
  await tryOut(address, new Redis({ ...options, retryStrategy: () => null, enableOfflineQueue: false }))
  const open: Redis[] = []
  const start = (more: ClientOptions) => {
    const redis = new Redis({ ...options, ...more })
    redis.on('error', (error) => onTrouble(explain(error, address)))
    open.push(redis)
    return redis
  }
  return {
    address,
    redis: start({ maxRetriesPerRequest: 1, commandTimeout: PATIENCE }),
    bullmq,
    prefix: PREFIX,
    explain: (error) => explain(error, address),
    patient: () => start({ maxRetriesPerRequest: null }),
    close: () => {
      for (const redis of open) redis.disconnect()
    },
  }
}

/** They are many megabytes that most have no use for: whoever has a queue installs them beside cachesim. */
async function loadPackages(): Promise<{ bullmq: typeof BullMQ; Redis: typeof Redis }> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, Redis: ioredis.Redis }
  } catch (error) {
    throw new InputError(
      `--queue needs the packages bullmq and ioredis (npm install bullmq ioredis): ${describeThrown(error)}`,
    )
  }
}

/** @throws InputError, in one sentence, where no Redis answers that lets us in */
async function tryOut(address: QueueAddress, redis: Redis): Promise<void> {
  let reason: unknown
  // What ends a connection is told here only; the command says just that it was closed.
  redis.on('error', (error) => {
    reason ??= error
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('what listens there says nothing')), PATIENCE)
  })
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), late])
    // A database that is not there is an error of its own, which connecting does not wait for.
    await Promise.race([redis.select(address.database), late])
  } catch (error) {
    throw unusable(address, reason ?? error)
  } finally {
    clearTimeout(timer)
    late.catch(() => {})
    redis.disconnect()
  }
}

/** The error for a queue that nothing can be done with. */
export function unusable(address: QueueAddress, why: unknown): InputError {
  return new InputError(`--queue ${address.shown} cannot be used: ${explain(why, address)}`)
}

/** It says something else, or hangs up on what we say. */
const NO_REDIS = 'what answers there does not speak the Redis protocol'

/** What went wrong, in the user's words. */
function explain(error: unknown, { host, port, database }: QueueAddress): string {
  const { code, message: said } = error as NodeJS.ErrnoException
  const message = typeof said === 'string' && said !== '' ? said : describeThrown(error)
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens on port ${port} of ${host}`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no host '${host}'`
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no way leads to ${host}`
    case 'ETIMEDOUT':
      return `${host} does not answer`
    case 'ECONNRESET':
    case 'EPIPE':
      return NO_REDIS
  }
  if (/max retries per request|Command timed out/.test(message)) return `${host} does not answer`
  if (/Protocol error|RESP type|Connection is closed/.test(message)) return NO_REDIS
  if (/NOAUTH/.test(message)) return 'it asks for a password: write redis://:password@host:port'
  if (/WRONGPASS|invalid password|AUTH <password>/.test(message)) return 'it refuses the user or the password'
  if (/DB index is out of range/.test(message)) return `it has no database ${database}`
  const [, command] = /^NOPERM .*'(.+)' command/.exec(message) ?? []
  if (command !== undefined) return `it does not let this user run '${command}'`
  // What a Redis answers begins with a code, such as ERR or OOM.
  return /^[A-Z]+ /.test(message) ? `it answers '${message}'` : message
}
