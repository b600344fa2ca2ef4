import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseResult } from '../../src/reports/result-schema.ts'
import { folderWith, run, succeed } from '../support/cli.ts'

const SWEEP =
  'sweep --requests 60k --keys 8k --sizes 1%..100%:7 --policies lru,random,ttl,w-tinylfu,optimal --warmup 10% --ttl 100s'

async function bytesWith(
  threads: string,
  command = SWEEP,
  nodeOptions: readonly string[] = [],
): Promise<string> {
  const cwd = folderWith()
  const { code, stderr } = await run(`${command} --threads ${threads} --quiet --reproducible --json a.json`, {
    cwd,
    nodeOptions,
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return readFileSync(join(cwd, 'a.json'), 'utf8')
}

describe('threads', () => {
  it('change no byte, however many there are', async () => {
    const alone = await bytesWith('1')
    expect(await bytesWith('2')).toBe(alone)
    expect(await bytesWith('5')).toBe(alone)
  })

  it('change no byte where there is no WebAssembly to lend memory', async () => {
    const without = ['--no-expose-wasm']
    const alone = await bytesWith('1')
    expect(await bytesWith('1', SWEEP, without)).toBe(alone)
    expect(await bytesWith('2', SWEEP, without)).toBe(alone)
  })

  it('change no byte where a workload is repeated with several seeds', async () => {
    const command = `${SWEEP} --repeat 3 --ttl none --policies lru,random`
    expect(await bytesWith('3', command)).toBe(await bytesWith('1', command))
  })

  it('change no byte of a recorded trace with writes, deletes, sizes, costs and TTLs', async () => {
    const rows = Array.from({ length: 4000 }, (_, at) => {
      const key = (at * at) % 211
      return [at, `k${key}`, ['read', 'read', 'write', 'delete'][at % 4], 1 + (key % 50), key, 5 + (at % 90)]
    })
    const csv = `time,key,op,size,cost,ttl\n${rows.map((row) => row.join(',')).join('\n')}\n`
    const outputs = []
    for (const threads of [1, 2]) {
      const { code, stdout, stderr } = await run(
        `sweep --trace - --sizes 100B,1KB,3KB --policies lru,gdsf,greedy-dual,optimal --threads ${threads} --reproducible --json -`,
        { input: csv },
      )
      expect({ code, stderr: stderr.replaceAll(/warning: [^\n]*\n/g, '') }).toEqual({ code: 0, stderr: '' })
      outputs.push(stdout)
    }
    expect(outputs[0]).toContain('"ttl": "recorded"')
    expect(outputs[1]).toBe(outputs[0])
  })

  it('are no more than there are cells', async () => {
    const { stdout } = await run(
      'compare --requests 1000 --keys 50 --policies lru,fifo --threads 64 --json -',
    )
    // Two policies, and the bound, which runs unseen.
    expect(JSON.parse(stdout).measured.threads).toBe(3)
  })

  it.each(['0', '-1', '1.5', 'two', ''])('%j are refused', async (threads) => {
    const { code, stdout, stderr } = await run(['compare', '--threads', threads])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(`cachesim: --threads '${threads}' must be a whole number from 1 to 1,024\n`)
  })

  it('bring a mistake back as it is', async () => {
    const command = 'compare --requests 1000 --keys 50 --policies lru,greedy-dual'
    const alone = await run(`${command} --threads 1`)
    expect(alone.code).toBe(2)
    expect(await run(`${command} --threads 3`)).toEqual(alone)
  })
})

describe('a thread that dies', () => {
  /** A policy of one's own, over which a thread that is to run it dies where `when` holds, of an error nobody catches. */
  const dying = (when: string) => `
    import { existsSync, writeFileSync } from 'node:fs'
    import { workerData } from 'node:worker_threads'
    if ('trace' in workerData && ${when}) {
      writeFileSync('died', '')
      setImmediate(() => { throw new Error('lost') })
      await new Promise(() => {})
    }
    export default {
      name: 'mine',
      summary: 'evicts the key that came in first',
      create() {
        const queue = []
        return {
          touch() {},
          insert: (key) => void queue.push(key),
          evict: () => queue.shift(),
          remove: (key) => void queue.splice(queue.indexOf(key), 1),
        }
      },
    }`
  const COMMAND =
    'sweep --requests 3000 --keys 300 --sizes 10,100 --policies ./mine.js,lru --quiet --reproducible'

  it('is replaced, and its cell is run once more', async () => {
    const cwd = folderWith({ 'mine.js': dying("!existsSync('died')") })
    const { code, stdout, stderr } = await run(`${COMMAND} --threads 2 --json -`, { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(readFileSync(join(cwd, 'died'), 'utf8')).toBe('')
    expect(stdout).toBe((await run(`${COMMAND} --threads 1 --json -`, { cwd })).stdout)
  })

  it('between two cells is replaced', async () => {
    const late = "setTimeout(() => { throw new Error('lost') }, 1)"
    const cwd = folderWith({ 'mine.js': dying('false').replace('create() {', `create() { ${late}`) })
    const { code, stdout } = await run(`${COMMAND} --threads 1 --sizes 1..100:30 --json -`, { cwd })
    // Which cell is hit is a matter of luck; that it ends is not.
    expect([0, 2]).toContain(code)
    if (code === 0) expect(JSON.parse(stdout).simulated).not.toHaveProperty('partial')
  })

  it('twice over the same cell ends the run, which names the cell and the file', async () => {
    const cwd = folderWith({ 'mine.js': dying('true') })
    for (const threads of [1, 2]) {
      const { code, stderr } = await run(`${COMMAND} --threads ${threads}`, { cwd })
      expect(code).toBe(2)
      expect(stderr).toMatch(
        /^cachesim: the thread that ran mine of the policy file '\.\/mine\.js' at \d+ entries died twice: lost\n$/,
      )
    }
  })

  it('leaves what is done by then, from which a sweep can be gone on with', async () => {
    const cwd = folderWith({
      'mine.js': dying('false')
        .replace('create() {', 'create({ capacity }) {\n if (capacity === 1000 && process.env.DIE) grow()')
        .replace(
          'export default',
          'function grow() { for (const kept = [];;) kept.push(new Array(1e5).fill(0.5)) }\nexport default',
        ),
    })
    const sweep =
      'sweep --requests 20000 --keys 9000 --sizes 100,1000 --policies lru,./mine.js --quiet --reproducible'
    const { code, stdout, stderr } = await run(`${sweep} --threads 2 --json part.json`, {
      cwd,
      env: { DIE: 'yes' },
      nodeOptions: ['--max-old-space-size=60'],
    })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(
      /cachesim: the thread that ran mine of the policy file '\.\/mine\.js' at 1,000 entries died twice: .*memory.*\n$/,
    )
    const { simulated } = parseResult(readFileSync(join(cwd, 'part.json'), 'utf8'), 'part.json')
    expect(simulated).toMatchObject({ partial: true })
    const alone = await succeed(`${sweep} --json -`, { cwd })
    expect(await succeed(`${sweep} --resume part.json --json -`, { cwd })).toBe(alone)
  })
})
