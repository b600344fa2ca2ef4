import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { folderWith, type RunOptions, run, start, untilFolder } from '../support/cli.ts'

/** Something of everything that a thread must be told: what is drawn, looked up by name, warmed up, moved in time. */
const MINE = `
workload: { recipe: zipf, requests: 3000, keys: 200, rate: 40/s }
instances: 3
model: { latency: "lognormal:p50=200ms,p99=1s", workers: 24, errorRate: 1% }
tiers: [{ scope: instance, capacity: 20, ttl: 20s, policy: random }, { capacity: 25%, ttl: 1m, lookup: "lognormal:p50=1ms,p99=4ms" }]
onMiss: { protection: single-flight, earlyRefresh: 1 }
warmUp: { keys: 20, every: 20s, of: last-window }
events: [{ at: 20s, kind: model-update, share: 30% }, { at: 30s, kind: surge, for: 10s, factor: 2 }]
`

/** Runs a module on every thread before its own. */
const preload = (cwd: string, name: string) => ['--import', pathToFileURL(join(cwd, name)).href]

async function outcome(threads: number, command: string, options: RunOptions) {
  return run(`${command} --threads ${threads} --quiet --reproducible --json -`, options)
}

describe('threads of a simulation', () => {
  it('change no byte, however many there are', async () => {
    const cwd = folderWith({ 'mine.yaml': MINE })
    const command = 'simulate mine.yaml --vary instances=1..3 --vary onMiss=none,xfetch --repeat 2'
    const alone = await outcome(1, command, { cwd })
    expect({ code: alone.code, stderr: alone.stderr }).toEqual({ code: 0, stderr: '' })
    for (const threads of [2, 5]) expect(await outcome(threads, command, { cwd })).toEqual(alone)
  })

  it('change no byte of a recorded trace with names, sizes, costs, TTLs, writes and deletes', async () => {
    const rows = Array.from({ length: 3000 }, (_, at) => {
      const key = (at * at) % 211
      const op = ['read', 'read', 'read', 'write', 'delete'][at % 5]
      return `${at / 20},${key % 3 ? 'price' : 'rank'}:${key},${op},${1 + (key % 50)},${100 + key},${5 + (at % 90)}`
    })
    const cwd = folderWith({
      'log.csv': `time,key,op,size,cost,ttl\n${rows.join('\n')}\n`,
      'mine.yaml': `
workload: { trace: log.csv }
tiers: [{ capacity: 2KiB, ttl: recorded, policy: gdsf }]
invalidation: { mode: affected }
events: [{ at: 1m, kind: model-update, prefix: "price:" }]`,
    })
    const command = 'simulate mine.yaml --vary tiers.0.policy=gdsf,lru,optimal --vary workload.rate=10/s,40/s'
    const alone = await outcome(1, command, { cwd })
    expect({ code: alone.code, simulated: alone.stdout.includes('"outdated"') }).toEqual({
      code: 0,
      simulated: true,
    })
    expect(await outcome(3, command, { cwd })).toEqual(alone)
  })

  it('are no more than there are plays', async () => {
    const cwd = folderWith({ 'mine.yaml': MINE })
    const { stdout } = await run('simulate mine.yaml --threads 64 --json -', { cwd })
    // With caches and without.
    expect(JSON.parse(stdout).measured.threads).toBe(2)
  })

  it.each(['0', '1.5', 'two'])('%j are refused', async (threads) => {
    const cwd = folderWith({ 'mine.yaml': MINE })
    expect(await run(['simulate', 'mine.yaml', '--threads', threads], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: `cachesim: --threads '${threads}' must be a whole number from 1 to 1,024\n`,
    })
  })

  it('end with 130 on Ctrl-C, and leave no file', async () => {
    const cwd = folderWith({
      'mine.yaml': MINE,
      'tell.mjs': `
        import { writeFileSync } from 'node:fs'
        import { isMainThread, threadId } from 'node:worker_threads'
        if (!isMainThread) writeFileSync('thread-' + threadId, '')`,
    })
    const before = readdirSync(cwd)
    const child = start(
      'simulate mine.yaml --requests 300k --vary instances=1..100 --repeat 100 --threads 2 --json new.json',
      { cwd, nodeOptions: preload(cwd, 'tell.mjs') },
    )
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const isThread = (name: string) => name.startsWith('thread-')
    await untilFolder(cwd, (names) => names.filter(isThread).length === 2)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
    expect({ errors, files: readdirSync(cwd).filter((name) => !isThread(name)) }).toEqual({
      errors: '',
      files: before,
    })
  })
})

describe('a thread of a simulation that dies', () => {
  /** A module that every thread runs before its own, and that ends it. */
  const dying = (when: string) => `
    import { existsSync, writeFileSync } from 'node:fs'
    import { isMainThread } from 'node:worker_threads'
    if (!isMainThread && ${when}) { writeFileSync('died', ''); process.exit(3) }`
  const COMMAND = 'simulate mine.yaml --vary instances=1,2 --repeat 1'

  it('is replaced, and what it played is played once more', async () => {
    const cwd = folderWith({ 'mine.yaml': MINE, 'die.mjs': dying("!existsSync('died')") })
    const { code, stdout, stderr } = await outcome(2, COMMAND, { cwd, nodeOptions: preload(cwd, 'die.mjs') })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(existsSync(join(cwd, 'died'))).toBe(true)
    expect(stdout).toBe((await outcome(1, COMMAND, { cwd })).stdout)
  })

  it('twice over the same play ends the run, which names it', async () => {
    const cwd = folderWith({ 'mine.yaml': MINE, 'die.mjs': dying('true') })
    const { code, stdout, stderr } = await outcome(2, COMMAND, { cwd, nodeOptions: preload(cwd, 'die.mjs') })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^cachesim: the thread that ran instances=\d with seed 1 died twice: it ended with exit code 3\n$/,
    )
    expect(readFileSync(join(cwd, 'died'), 'utf8')).toBe('')
  })
})
