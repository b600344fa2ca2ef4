import { InputError } from '../../core/errors.ts'

/** Where a queue is: a Redis, or what speaks its protocol, such as Valkey. */
export interface QueueAddress {
  readonly host: string
  readonly port: number
  readonly username: string | undefined
  readonly password: string | undefined
  /** Number of the database. */
  readonly database: number
  readonly encrypted: boolean
  /** For messages: the address without user and password. */
  readonly shown: string
}

const DEFAULT_PORT = 6379

/**
 * @param text `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS
 * @throws InputError for anything else; the message never holds the text, for there may be a password in it
 */
export function parseQueueAddress(text: string): QueueAddress {
  const refuse = (why: string) =>
    new InputError(
      `--queue ${why}: write redis://host:port, with a database behind / and user:password@ before the host where there are any, or rediss:// for TLS`,
    )
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw refuse('is no address')
  }
  const { protocol, hostname } = url
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw refuse(`begins with '${protocol}'`)
  if (hostname === '') throw refuse('names no host')
  const database = url.pathname.replace(/^\//, '') || '0'
  if (!/^\d{1,5}$/.test(database)) throw refuse(`has '${database}' for a database, which is a number`)
  if (url.search !== '' || url.hash !== '') throw refuse('has more than an address behind the host')
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  return {
    // An IPv6 address stands in brackets in a URL, and nowhere else.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    username: decoded(url.username, refuse),
    password: decoded(url.password, refuse),
    database: Number(database),
    encrypted: protocol === 'rediss:',
    shown: `${protocol}//${hostname}:${port}${database === '0' ? '' : `/${Number(database)}`}`,
  }
}

function decoded(part: string, refuse: (why: string) => InputError): string | undefined {
  try {
    return part === '' ? undefined : decodeURIComponent(part)
  } catch {
    throw refuse('has a % in its user or password that encodes nothing')
  }
}
