import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { VERSION } from '../../src/core/version.ts'
import { folderWith, run, start, succeed } from '../support/cli.ts'
import { freePort, hasRedis, type OwnRedis, redisNote, startRedis } from '../support/redis.ts'

const SWEEP = 'sweep --requests 20k --keys 2k --sizes 1%..100%:4 --policies lru,random,optimal --warmup 10%'
const ENDLESS = `export default { name: 'endless', summary: 'never comes back', create: () => { for (;;); } }`
const EXACT = '--quiet --reproducible --json'

/** Processes that a test has started, ended with it. */
const running: ChildProcess[] = []
afterEach(async () => {
  for (const child of running.splice(0)) await end(child, 'SIGKILL')
})

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal)
    await once(child, 'exit')
  }
  return child.exitCode
}

/** A process whose standard error can be waited for. */
class Running {
  readonly child: ChildProcess
  said = ''
  readonly ended: Promise<number | null>

  constructor(command: string, cwd: string) {
    const child = start(command, { cwd })
    running.push(child)
    this.child = child
    child.stderr.on('data', (chunk) => {
      this.said += chunk
    })
    child.stdout.resume()
    this.ended = once(child, 'close').then(() => child.exitCode)
  }

  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.said)) {
      const gone = await Promise.race([
        once(this.child.stderr!, 'data').then(() => false),
        this.ended.then(() => true),
      ])
      if (gone && !pattern.test(this.said)) throw new Error(`it ended, having said: ${this.said}`)
    }
  }
}

const contentOf = (cwd: string, name: string) => readFileSync(join(cwd, name), 'utf8')

describe(`a sweep on a queue${redisNote}`, () => {
  const real = it.runIf(hasRedis)
  let redis: OwnRedis
  beforeAll(async () => {
    if (hasRedis) redis = await startRedis()
  })
  afterEach(async () => {
    if (hasRedis) await redis.client.flushall()
  })
  afterAll(() => redis?.stop())

  const worker = (cwd: string, more = '') => new Running(`worker --queue ${redis.url} ${more}`, cwd)
  const sweep = (cwd: string, command = SWEEP, file = 'queued.json') =>
    new Running(`${command} ${EXACT} ${file} --queue ${redis.url}`, cwd)
  const alone = async (cwd: string, command = SWEEP) => {
    await succeed(`${command} ${EXACT} alone.json`, { cwd })
    return contentOf(cwd, 'alone.json')
  }
  /** Waits for what Redis does not tell of. */
  const until = async (test: () => Promise<boolean>) => {
    while (!(await test())) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  /** The sweep that is on the board, once it is. */
  const announced = async () => {
    let ids: string[] = []
    await until(async () => {
      ids = await redis.client.zrange('cachesim:sweeps', '0', '-1')
      return ids.length > 0
    })
    return ids[0]!
  }

  real(
    'ends at a later signal where Redis holds its end up, and says that it drops what is done',
    async () => {
      const held = await startRedis()
      try {
        const cwd = folderWith()
        const queued = new Running(`${SWEEP} ${EXACT} queued.json --queue ${held.url}`, cwd)
        await until(async () => (await held.client.zcard('cachesim:sweeps')) > 0)
        await held.client.client('PAUSE', 600_000, 'ALL')
        // Until one comes that is not taken for the first.
        const again = setInterval(() => queued.child.kill('SIGTERM'), 50)
        expect(await queued.ended).toBe(143)
        clearInterval(again)
        expect(queued.said).toBe('cachesim: told to end again: what is not yet reported is dropped\n')
        expect(readdirSync(cwd)).toEqual([])
      } finally {
        await held.stop()
      }
    },
  )

  real(
    'comes to the bytes of one that runs alone, though a worker is killed in the middle of a cell',
    async () => {
      const cwd = folderWith()
      const command = SWEEP.replace('20k', '1M')
      const queued = sweep(cwd, command)
      const id = await announced()
      const first = worker(cwd)
      await first.says(/optimal at /)
      // Held still, lest it be between two cells when it is killed.
      await until(async () => {
        first.child.kill('SIGSTOP')
        if ((await redis.client.llen(`cachesim:${id}:active`)) === 1) return true
        first.child.kill('SIGCONT')
        return false
      })
      await end(first.child, 'SIGKILL')
      expect(await redis.client.llen(`cachesim:${id}:active`)).toBe(1)
      // Others join, and one leaves again, whose cell is there for others at once.
      const second = worker(cwd)
      await second.says(/ at /)
      const third = worker(cwd, '--threads 2')
      await third.says(/begun/)
      expect(await end(second.child, 'SIGTERM')).toBe(143)
      expect(await queued.ended).toBe(0)
      expect(queued.said).toBe('')
      expect(contentOf(cwd, 'queued.json')).toBe(await alone(cwd, command))
      // Nothing is left of it.
      await until(async () => (await redis.client.dbsize()) === 0)
    },
  )

  real('is refused by a worker that has another version of a policy file', async () => {
    const policy = (word: string) => `// ${word}
      export default { name: 'closed', summary: 'admits nothing',
        create: () => ({ touch() {}, insert() {}, evict: (key) => key, remove() {}, admit: () => false }) }`
    const [here, there] = [
      folderWith({ 'closed.mjs': policy('old') }),
      folderWith({ 'closed.mjs': policy('new') }),
    ]
    const queued = sweep(here, 'sweep --requests 2000 --keys 100 --sizes 10 --policies ./closed.mjs')
    const helper = worker(there)
    await queued.says(
      /refuses the sweep: to it, this is a sweep of another version of the file of policy 'closed'\n/,
    )
    await end(helper.child, 'SIGTERM')
    worker(here)
    expect(await queued.ended).toBe(0)
  })

  real('gets the cell back at once from a worker that is told to end', async () => {
    const cwd = folderWith({ 'endless.mjs': ENDLESS })
    const queued = sweep(cwd, 'sweep --requests 2000 --keys 100 --sizes 10 --policies ./endless.mjs')
    const id = await announced()
    const helper = worker(cwd)
    await until(async () => (await redis.client.llen(`cachesim:${id}:active`)) > 0)
    expect(await end(helper.child, 'SIGTERM')).toBe(143)
    expect(await redis.client.llen(`cachesim:${id}:active`)).toBe(0)
    expect(await redis.client.llen(`cachesim:${id}:wait`)).toBe(2)
    queued.child.kill('SIGINT')
    expect(await queued.ended).toBe(130)
    expect(queued.said).toMatch(/stopped before the first cell was done/)
  })

  real('is put on the queue again where the server has forgotten it', async () => {
    const cwd = folderWith()
    const queued = sweep(cwd)
    await announced()
    await redis.restart()
    const helper = worker(cwd)
    expect(await queued.ended).toBe(0)
    expect(contentOf(cwd, 'queued.json')).toBe(await alone(cwd))
    expect(await end(helper.child, 'SIGINT')).toBe(130)
  })

  real('goes on beside another, with one worker that ends when there is nothing to do', async () => {
    const cwd = folderWith()
    const other = `${SWEEP} --seed 7 --repeat 2`
    const two = [sweep(cwd), sweep(cwd, other, 'other.json')]
    const helper = worker(cwd, '--idle 2s')
    expect(await Promise.all(two.map(({ ended }) => ended))).toEqual([0, 0])
    expect(contentOf(cwd, 'queued.json')).toBe(await alone(cwd))
    expect(contentOf(cwd, 'other.json')).toBe(await alone(cwd, other))
    expect(await helper.ended).toBe(0)
  })

  real('says which worker has another trace, and why it takes none of the cells', async () => {
    const rows = (of: number) => Array.from({ length: 900 }, (_, at) => `k${(at * at) % of},${at}\n`).join('')
    const cwd = folderWith({ 'trace.csv': `key,time\n${rows(83)}` })
    const elsewhere = folderWith({ 'trace.csv': `key,time\n${rows(89)}`, 'empty/': '' })
    const command = 'sweep --trace trace.csv --sizes 1,5,20 --policies lru,fifo'
    const queued = sweep(cwd, command)
    const wrong = worker(elsewhere)
    await wrong.says(/is refused: what it reads as trace\.csv is another trace, of 900 requests/)
    await queued.says(
      /warning: worker \S+:\d+ refuses the sweep: what it reads as trace\.csv is another trace/,
    )
    expect(queued.said).toContain(`:${wrong.child.pid} refuses`)
    const without = worker(join(elsewhere, 'empty'))
    await queued.says(/refuses the sweep: cannot read 'trace\.csv': there is no such file/)
    // The same requests, under another name and in another format.
    await succeed('convert trace.csv same.arrow', { cwd })
    const right = worker(elsewhere, `--trace ${join(cwd, 'same.arrow')}`)
    expect(await queued.ended).toBe(0)
    expect(contentOf(cwd, 'queued.json')).toBe(await alone(cwd, command))
    expect([wrong, without, right].map(({ child }) => child.exitCode)).toEqual([null, null, null])
  })

  real.each([
    ['null', 'it is not JSON of an object'],
    ['{}', 'it says no version of cachesim'],
    [`{"version":"${VERSION}","plan":{"fingerprint":""}}`, 'its plan.workload is not what it must be'],
    [undefined, 'it is a list'],
  ])('is not what stands there as %s, which a worker refuses in one sentence', async (notice, why) => {
    await redis.client.zadd('cachesim:sweeps', 1, 'odd')
    if (notice === undefined) await redis.client.rpush('cachesim:sweep:odd', 'a')
    else await redis.client.set('cachesim:sweep:odd', notice)
    const helper = worker(folderWith(), '--idle 1s')
    expect(await helper.ended).toBe(0)
    expect(helper.said.split('\n')[1]).toBe(
      `sweep odd is refused: what the queue has at cachesim:sweep:odd is no notice of a sweep: ${why}`,
    )
  })

  real('that all have refused is not said to wait for the first to come', async () => {
    const cwd = folderWith({ 'keys.txt': 'a\nb\na\n' })
    const queued = sweep(cwd, 'sweep --trace keys.txt --sizes 1,2 --policies lru')
    worker(folderWith())
    await queued.says(/refuses the sweep/)
    // Two signs of life, five seconds apart: as long as nobody may come before that is said.
    const id = await announced()
    let renewed = 0
    let left = Infinity
    await until(async () => {
      const now = await redis.client.ttl(`cachesim:sweep:${id}`)
      if (now > left) renewed++
      left = now
      return renewed === 2
    })
    expect(queued.said).not.toContain('no worker has come yet')
  })

  real('says that all workers have died, once, and not of one that only takes long', async () => {
    const cwd = folderWith({ 'endless.mjs': ENDLESS })
    const queued = sweep(cwd, 'sweep --requests 2000 --keys 100 --sizes 10 --policies ./endless.mjs')
    const id = await announced()
    const helper = worker(cwd)
    await helper.says(/begun/)
    // Longer than anybody may be silent: the sweep gives signs of life of its own, five seconds apart.
    let renewed = 0
    let left = Infinity
    await until(async () => {
      const now = await redis.client.ttl(`cachesim:sweep:${id}`)
      if (now > left) renewed++
      left = now
      return renewed === 3
    })
    expect(queued.said).toBe('')
    await end(helper.child, 'SIGKILL')
    await queued.says(/heard/)
    expect(queued.said).toBe(
      `warning: no worker has been heard from for 10 s: what they were at waits for others, to be started with cachesim worker --queue ${redis.url}\n`,
    )
  })

  real('that has taken its jobs away leaves a worker that is at a cell without a word of them', async () => {
    const cwd = folderWith({
      'patient.mjs': `import { existsSync } from 'node:fs'
        export default { name: 'patient', summary: 'waits', create: () => {
          while (!existsSync('go'));
          const queue = []
          return { touch() {}, insert: (key) => queue.push(key), evict: () => queue.shift(), remove() {} }
        } }`,
    })
    sweep(cwd, 'sweep --requests 2000 --keys 100 --sizes 10 --policies ./patient.mjs')
    const id = await announced()
    const helper = worker(cwd)
    await until(async () => (await redis.client.llen(`cachesim:${id}:active`)) > 0)
    await redis.client.del(`cachesim:${id}:cell-0`, `cachesim:${id}:cell-1`)
    writeFileSync(join(cwd, 'go'), '')
    await helper.says(/patient at 10 entries\n/)
    expect(await end(helper.child, 'SIGTERM')).toBe(143)
    expect(helper.said).not.toMatch(/Missing|moveTo/)
  })

  real('says that nobody has come, once', async () => {
    const queued = sweep(folderWith(), 'sweep --requests 2000 --keys 100 --sizes 10 --policies lru')
    await queued.says(/no worker has come yet: start some with cachesim worker --queue redis:/)
  })

  real('puts garbage aside, and the worker lives on', async () => {
    const cwd = folderWith()
    await redis.client.zadd('cachesim:sweeps', 1, 'garbage')
    await redis.client.set('cachesim:sweep:garbage', 'what')
    const queued = sweep(cwd)
    const id = await until(async () => (await redis.client.zcard('cachesim:sweeps')) === 2).then(
      async () => (await redis.client.zrange('cachesim:sweeps', '1', '1'))[0]!,
    )
    const key = `cachesim:${id}`
    const put = async (job: string, fields: Record<string, string>) => {
      if (Object.keys(fields).length > 0) await redis.client.hset(`${key}:${job}`, fields)
      await redis.client.rpush(`${key}:wait`, job)
    }
    await put('unread', { name: 'cell', data: '{{{', opts: '{}', timestamp: '1' })
    await put('cell-99', { name: 'cell', data: '{"at":99}', opts: '{}', timestamp: '1' })
    await put('mail-1', { name: 'mail', data: '{"to":"you"}', opts: '{}', timestamp: '1' })
    await put('nothing', {})
    const helper = worker(cwd)
    expect(await queued.ended).toBe(0)
    expect(contentOf(cwd, 'queued.json')).toBe(await alone(cwd))
    for (const job of ['unread', 'cell-99', 'mail-1', 'nothing'])
      expect(queued.said).toContain(`job '${job}' on the queue is no cell of this sweep: it was put aside`)
    expect(helper.said).toContain(
      'sweep garbage is refused: what the queue has at cachesim:sweep:garbage is no notice of a sweep: it is not JSON of an object\n',
    )
    expect(helper.said).toContain(`sweep ${id}: a job on the queue is not JSON: it is put aside\n`)
    expect(helper.said).not.toMatch(/Error|Unexpected/)
    expect(helper.child.exitCode).toBe(null)
  })

  real(
    'names the cell that workers die over, and gives the rest as a part that can be gone on with',
    async () => {
      const cwd = folderWith({
        'deadly.mjs': `export default { name: 'deadly', summary: 'ends what runs it', create: () => {
        if (process.env.SAFE === undefined) process.kill(process.pid, 'SIGKILL')
        const queue = []
        return { touch() {}, insert: (key) => queue.push(key), evict: () => queue.shift(), remove() {} }
      } }`,
      })
      const command = 'sweep --requests 2000 --keys 100 --sizes 10 --policies lru,./deadly.mjs'
      const queued = sweep(cwd, command)
      const id = await announced()
      // Two have died over it.
      await redis.client.hset(`cachesim:${id}:cell-1`, 'stc', 2)
      const third = worker(cwd)
      await third.ended
      expect(third.child.signalCode).toBe('SIGKILL')
      const last = worker(cwd)
      expect(await queued.ended).toBe(1)
      expect(queued.said).toBe('warning: deadly at 10 entries was given up: 3 workers died over it\n')
      expect(last.child.exitCode).toBe(null)
      const env = { SAFE: 'yes' }
      await succeed(`${command} --resume queued.json ${EXACT} whole.json`, { cwd, env })
      await succeed(`${command} ${EXACT} alone.json`, { cwd, env })
      expect(contentOf(cwd, 'whole.json')).toBe(contentOf(cwd, 'alone.json'))
    },
  )

  real('that is interrupted reports what is done, and withdraws the rest', async () => {
    const cwd = folderWith()
    const command = 'sweep --requests 200k --keys 20k --sizes 1..20000:500 --policies lru'
    const queued = sweep(cwd, command)
    const helper = worker(cwd)
    await helper.says(/ at .*\n.* at .*\n.* at /)
    await until(async () => (await redis.client.exists(`cachesim:${await announced()}:cell-499`)) === 0)
    queued.child.kill('SIGINT')
    expect(await queued.ended).toBe(130)
    const { simulated } = JSON.parse(contentOf(cwd, 'queued.json'))
    expect(simulated.partial).toBe(true)
    expect(simulated.cells.length).toBeGreaterThan(0)
    await until(async () => (await redis.client.dbsize()) === 0)
    expect(helper.child.exitCode).toBe(null)
  })

  real('brings a mistake back as it is', async () => {
    const cwd = folderWith({
      'broken.mjs': `export default { name: 'broken', summary: 'gives up nothing', create: () => (
        { touch() {}, insert() {}, evict() {}, remove() {} }) }`,
    })
    const command = 'sweep --requests 2000 --keys 100 --sizes 10 --policies lru,./broken.mjs'
    const here = await run(`${command} --quiet`, { cwd })
    expect(here.code).toBe(2)
    const queued = sweep(cwd, command)
    worker(cwd)
    expect(await queued.ended).toBe(2)
    expect(queued.said).toBe(here.stderr)
    // What was done before it is kept: the worker takes the cells in their order.
    const { simulated } = JSON.parse(contentOf(cwd, 'queued.json'))
    expect(simulated.partial).toBe(true)
    expect(simulated.runs).toMatchObject([{ policy: 'lru', size: 10 }])
  })

  real('of standard input is for workers that have the trace themselves', async () => {
    const cwd = folderWith({ 'keys.txt': 'a\nb\nc\na\nd\nb\n' })
    const queued = sweep(cwd, 'sweep --trace - --sizes 1,2 --policies lru')
    const child = queued.child
    child.stdin!.end(contentOf(cwd, 'keys.txt'))
    worker(cwd)
    await queued.says(/refuses the sweep: only the sweep itself can read its trace/)
    worker(cwd, '--trace keys.txt')
    expect(await queued.ended).toBe(0)
  })

  real('needs the password, and never shows it', async () => {
    const guarded = await startRedis(['--requirepass', 'geheim'], 'geheim')
    try {
      const at = `127.0.0.1:${guarded.port}`
      await guarded.client.acl('SETUSER', 'reader', 'on', '>geheim', '~*', '+ping', '+info')
      for (const [address, says] of [
        [`redis://${at}`, 'it asks for a password: write redis://:password@host:port'],
        [`redis://:falsch@${at}`, 'it refuses the user or the password'],
        [`redis://:geheim@${at}/99`, 'it has no database 99'],
        [`redis://reader:geheim@${at}`, "it does not let this user run 'select'"],
      ]) {
        const { code, stderr } = await run(`worker --queue ${address}`)
        const shown = `redis://${at}${address!.endsWith('/99') ? '/99' : ''}`
        expect({ code, stderr }).toEqual({
          code: 2,
          stderr: `cachesim: --queue ${shown} cannot be used: ${says}\n`,
        })
      }
      const cwd = folderWith()
      const helper = new Running(`worker --queue redis://:geheim@${at}/3`, cwd)
      const command = 'sweep --requests 2000 --keys 100 --sizes 10 --policies lru'
      const { code, stderr } = await run(`${command} --quiet --queue redis://default:geheim@${at}/3`, { cwd })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(helper.said).not.toContain('geheim')
    } finally {
      await guarded.stop()
    }
  })
})

describe('a queue that is none', () => {
  const listening = async (server: Server) => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  it.each<[string, () => Server | undefined, string]>([
    ['nobody', () => undefined, 'nothing listens on port PORT of 127.0.0.1'],
    [
      'a web server',
      () => createHttpServer((_, answer) => answer.end('hello')),
      'what answers there does not speak the Redis protocol',
    ],
    [
      'a talker',
      () => createServer((socket) => socket.on('error', () => {}).write('SSH-2.0-OpenSSH_9\r\n')),
      'what answers there does not speak the Redis protocol',
    ],
    ['a listener', () => createServer((socket) => socket.resume()), 'what listens there says nothing'],
    [
      'one who hangs up',
      () => createServer((socket) => socket.destroy()),
      'what answers there does not speak the Redis protocol',
    ],
  ])('because %s is there, is said to be, by sweep and worker alike', async (_, make, says) => {
    const server = make()
    const port = server ? await listening(server) : await freePort()
    try {
      for (const command of ['worker', 'sweep --requests 100 --keys 10']) {
        const { code, stdout, stderr } = await run(`${command} --queue redis://u:secret@127.0.0.1:${port}`)
        expect({ code, stdout, stderr }).toEqual({
          code: 2,
          stdout: '',
          stderr: `cachesim: --queue redis://127.0.0.1:${port} cannot be used: ${says.replace('PORT', `${port}`)}\n`,
        })
      }
    } finally {
      server?.close()
    }
  })

  it.each([
    ['secret', 'is no address'],
    ['http://:secret@a', "begins with 'http:'"],
    ['redis:///3', 'names no host'],
    ['redis://:secret@a/b', "has 'b' for a database, which is a number"],
    ['redis://:secret@a/1?x=secret', 'has more than an address behind the host'],
    ['redis://:%zz@a', 'has a % in its user or password that encodes nothing'],
  ])('because %s is no address of one, is refused', async (address, says) => {
    const { code, stderr } = await run(['worker', '--queue', address])
    expect(code).toBe(2)
    expect(stderr).toBe(
      `cachesim: --queue ${says}: write redis://host:port, with a database behind / and user:password@ before the host where there are any, or rediss:// for TLS\n`,
    )
  })

  it.each([
    ['worker', "required option '--queue <address>' not specified"],
    ['worker --queue redis://a --threads 0', "--threads '0' must be a whole number from 1 to 1,024"],
    ['worker --queue redis://a --idle soon', '--idle'],
    [
      'sweep --queue redis://a --threads 2',
      '--threads is a matter of the workers: with --queue, give it to them',
    ],
  ])('%s is refused', async (command, says) => {
    const { code, stdout, stderr } = await run(command)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})
