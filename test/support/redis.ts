import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** Whether there is a redis-server here, and what to say in the names of tests where there is none. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0
export const redisNote = hasRedis ? '' : ' (left out: no redis-server here, apt-get install redis-server)'

/** A Redis of our own, that keeps nothing on disk and is heard on this machine only. */
export interface OwnRedis {
  readonly port: number
  readonly url: string
  readonly client: Redis
  /** Ends the server, and starts another in its place that knows nothing. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startRedis(options: readonly string[] = [], password?: string): Promise<OwnRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'cachesim-redis-'))
  const port = await freePort()
  const start = async () => {
    const child = spawn(
      'redis-server',
      ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...options],
      { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
    )
    let log = ''
    for await (const chunk of child.stdout) {
      log += chunk
      if (/Ready to accept connections/.test(log)) break
    }
    if (child.exitCode !== null) throw new Error(log)
    return child
  }
  let server = await start()
  const client = new Redis({ port, host: '127.0.0.1', ...(password !== undefined && { password }) })
  client.on('error', () => {})
  const end = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    client,
    async restart() {
      await end()
      server = await start()
    },
    async stop() {
      client.disconnect()
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
