import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { namesOf, read } from './support.ts'

/** Logs of the real servers, where they are installed; nothing listens but on a socket in a folder of its own. */
const isInstalled = (name: string) => spawnSync(name, ['--version']).status === 0
const noteOf = (name: string) => (isInstalled(name) ? '' : ` (left out: no ${name} here)`)

const running: ChildProcess[] = []
const folders: string[] = []
afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Starts a server that listens on the socket named last in its arguments, and connects to it once it does. */
async function startServer(name: string, argumentsFor: (socket: string) => readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'cachesim-server-'))
  folders.push(folder)
  const path = join(folder, 'socket')
  const child = spawn(name, argumentsFor(path), { stdio: 'ignore', cwd: folder })
  running.push(child)
  return async (): Promise<Talk> => {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`)
      const socket = connect(path)
      const outcome = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).catch(() => [
        'error',
      ])
      if (outcome.length === 0) return new Talk(socket)
      await new Promise(setImmediate)
    }
  }
}

/** A connection whose answers are waited for. */
class Talk {
  text = ''
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (data) => {
      this.text += data.toString('latin1')
    })
  }

  /** Sends, and waits until what has come since then matches. */
  async say(words: string | Buffer, until: RegExp): Promise<string> {
    const from = this.text.length
    this.#socket.write(words)
    return this.hear(until, from)
  }

  async hear(until: RegExp, from = 0): Promise<string> {
    while (!until.test(this.text.slice(from))) await once(this.#socket, 'data')
    return this.text.slice(from)
  }
}

describe(`what a real Redis logs${noteOf('redis-server')}`, () => {
  const real = it.runIf(isInstalled('redis-server'))

  /** A command as clients send it. */
  const command = (...words: readonly (string | Buffer)[]) =>
    Buffer.concat([
      Buffer.from(`*${words.length}\r\n`),
      ...words.flatMap((word) => {
        const bytes = Buffer.from(word as string)
        return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]
      }),
    ])

  real(
    'is read back as the commands that were sent, with keys of any bytes',
    async () => {
      const open = await startServer('redis-server', (socket) => [
        ...['--port', '0', '--save', '', '--appendonly', 'no', '--unixsocket', socket],
      ])
      const monitor = await open()
      await monitor.say('MONITOR\r\n', /^\+OK\r\n/)
      const client = await open()
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
      const sent = [
        command('SET', 'plain', 'value', 'EX', '60'),
        command('GET', 'plain'),
        command('SET', bytes, bytes),
        command('GET', bytes),
        command('MSET', 'a', '1', 'b', '22'),
        command('MGET', 'a', 'b', 'a'),
        command('PSETEX', 'p', '1500', 'xyz'),
        command('SET', 'at', 'v', 'PXAT', '4102444800000'),
        command('EXPIRE', 'a', '100'),
        command('HSET', 'h', 'f', 'v'),
        command('DEL', 'a', 'b'),
        command('EXISTS', 'plain'),
        command('PING'),
        command('EVAL', "return redis.call('GET', KEYS[1])", '1', 'plain'),
        command('GETDEL', 'p'),
        command('SELECT', '3'),
        command('GET', 'plain'),
        command('ECHO', 'the-end'),
      ]
      for (const each of sent) await client.say(each, /\r\n$/)
      await monitor.hear(/"ECHO" "the-end"\r\n$/)
      const trace = await read(monitor.text, { valueSize: '=1' })
      expect(trace.source!.format).toBe('redis-monitor')
      const name = bytes.toString('latin1')
      const requests = Array.from(trace.keys, (key, at) => [
        ['read', 'write', 'delete'][trace.ops![at]!],
        trace.keyNames!.nameOf(key),
        Number.isNaN(trace.ttls![at]!) ? undefined : Math.round(trace.ttls![at]! * 10) / 10,
      ])
      expect(requests.slice(2, 4).map(([, key]) => key)).toEqual([requests[2]![1], requests[2]![1]])
      // Every byte of the key is there, in order: what is not UTF-8 reads as \xNN.
      expect(requests[2]![1]).toBe(
        name.slice(0, 128) + name.slice(128).replace(/./gs, (c) => `\\x${c.charCodeAt(0).toString(16)}`),
      )
      const plain = requests.filter((_, at) => at !== 2 && at !== 3)
      const until2100 = plain.find(([, key]) => key === 'at')![2] as number
      expect(until2100).toBeGreaterThan(1e8)
      expect(plain.map((request) => (request[1] === 'at' ? ['write', 'at'] : request))).toEqual([
        ['write', 'plain', 60],
        ['read', 'plain', undefined],
        ['write', 'a', undefined],
        ['write', 'b', undefined],
        ['read', 'a', undefined],
        ['read', 'b', undefined],
        ['read', 'a', undefined],
        ['write', 'p', 1.5],
        ['write', 'at'],
        ['write', 'a', 100],
        ['write', 'h', undefined],
        ['delete', 'a', undefined],
        ['delete', 'b', undefined],
        ['read', 'plain', undefined],
        ['read', 'p', undefined],
        ['delete', 'p', undefined],
        ['read', '[3] plain', undefined],
      ])
      expect(trace.source!.notes.join('\n')).toMatch(
        /5 commands read, write or delete no value.*EXISTS 1, PING 1.*EVAL 1.*ECHO 1/,
      )
    },
    60_000,
  )
})

describe(`what a real memcached logs${noteOf('memcached')}`, () => {
  const real = it.runIf(isInstalled('memcached'))

  real(
    'is read back as the commands that were sent: the look-ups within stores are no reads',
    async () => {
      const user = process.getuid?.() === 0 ? ['-u', 'root'] : []
      const open = await startServer('memcached', (socket) => [...user, '-t', '2', '-U', '0', '-s', socket])
      const watcher = await open()
      await watcher.say('watch fetchers mutations connevents\r\n', /^OK\r\n/)
      const client = await open()
      const end = /(END|STORED|EXISTS|too large for cache|HD|\d+)\r\n$/
      const sent = [
        'get foo\r\n',
        'set foo 0 100 3\r\nabc\r\n',
        'get foo\r\n',
        'gets foo other\r\n',
        'add foo 0 0 3\r\nabc\r\n',
        'set a%b/ü;:= 0 0 0\r\n\r\n',
        'get a%b/ü;:=\r\n',
        'append foo 0 0 2\r\nde\r\n',
        'set gone 0 -1 1\r\nx\r\n',
        'get gone\r\n',
        `set big 0 0 2000000\r\n${'x'.repeat(2_000_000)}\r\n`,
        'get the-end\r\n',
      ]
      for (const each of sent) await client.say(each, end)
      await watcher.hear(/key=the-end .*\n$/)
      const trace = await read(watcher.text)
      expect(trace.source!.format).toBe('memcached-watch')
      expect(
        Array.from(trace.keys, (key, at) => [
          ['read', 'write', 'delete'][trace.ops![at]!],
          trace.keyNames!.nameOf(key),
          trace.sizes![at],
          trace.ttls![at],
        ]),
      ).toEqual([
        ['read', 'foo', 3, Number.NaN],
        ['write', 'foo', 3, 100],
        ['read', 'foo', 3, Number.NaN],
        ['read', 'foo', 3, Number.NaN],
        ['read', 'other', 0, Number.NaN],
        ['write', 'a%b/ü;:=', 0, Number.NaN],
        ['read', 'a%b/ü;:=', 0, Number.NaN],
        ['write', 'foo', 5, 100],
        ['delete', 'gone', 1, Number.NaN],
        ['read', 'gone', 0, Number.NaN],
        ['read', 'the-end', 0, Number.NaN],
      ])
      const notes = trace.source!.notes.join('\n')
      expect(notes).toMatch(/2 stores failed.*not_stored 1, too_large 1/)
      expect(notes).toMatch(/conn_new \d/)
      expect(notes).not.toMatch(/missing/)
      expect(namesOf(trace)).toHaveLength(11)
    },
    60_000,
  )
})
