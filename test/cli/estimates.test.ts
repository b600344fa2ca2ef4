import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SweepResult } from '../../src/core/result.ts'
import { displayWidth } from '../../src/reports/text.ts'
import { binary, environment, folderWith, resultOf, run, succeed } from '../support/cli.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

/** As fifo is, in a file. */
const FIFO = `export default { name: 'mine', summary: 'first in, first out', create: () => {
  const queue = []
  return { touch() {}, insert: (key) => queue.push(key), evict: () => queue.shift(), remove() {} }
} }`

const ZIPF = '--requests 200k --keys 30k'
const sweepOf = async (command: string, cwd?: string) =>
  (await resultOf(`sweep ${command}`, cwd === undefined ? {} : { cwd })) as SweepResult

describe('sweep --sample', () => {
  it('estimates every policy at every size, and its margins hold the exact rates nine times in ten', async () => {
    const asked = `${ZIPF} --policies lru,fifo,s3-fifo,arc --sizes 1%..60%:9 --warmup 10%`
    const { runs } = (await sweepOf(asked)).simulated
    const { simulated } = await sweepOf(`${asked} --sample 10%`)
    const { estimates } = simulated
    expect(simulated.runs).toEqual([])
    expect(estimates).toMatchObject({ rate: 0.1 })
    expect(estimates!.policies.map(({ policy, exact, scales }) => [policy, exact, scales])).toEqual(
      ['lru', 'fifo', 's3-fifo', 'arc'].map((policy) => [policy, false, true]),
    )
    let held = 0
    for (const { policy, rates } of estimates!.policies) {
      expect(rates).toHaveLength(9)
      rates.forEach(({ hitRate, margin }, at) => {
        const { size } = estimates!.sizes[at]!
        const exact = runs.find((one) => one.policy === policy && one.size === size)!.hitRate
        if (Math.abs(hitRate - exact) <= margin) held++
        expect(margin).toBeGreaterThan(0)
        expect(margin).toBeLessThan(0.05)
      })
    }
    expect(held).toBeGreaterThanOrEqual(0.9 * 36)
  })

  it('knows exactly what a cache hits that holds everything', async () => {
    const asked = `${ZIPF} --policies fifo,infinite --sizes 1%..60%:4`
    const { runs } = (await sweepOf(asked)).simulated
    const text = await succeed(`sweep ${asked} --sample 5%`)
    expect(text).toMatch(/fifo .*\d ±\d\.\d.*estimated/)
    expect(text).toMatch(/infinite [^±]*exact/)
    const { estimates } = (await sweepOf(`${asked} --sample 5%`)).simulated
    const { hitRate } = runs.find(({ policy }) => policy === 'infinite')!
    expect(estimates!.policies[1]!.rates).toEqual(Array(4).fill({ hitRate, margin: 0 }))
  })

  it('runs what does not scale exactly, and says so, in all outputs', async () => {
    const asked = `${ZIPF} --policies lru,mru --sizes 1%..60%:5`
    const cwd = folderWith()
    const exact = (await sweepOf(asked)).simulated
    const text = await succeed(
      `sweep ${asked} --sample 5% --json a.json --csv a.csv --markdown a.md --reproducible`,
      { cwd },
    )
    const { simulated } = JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8')) as SweepResult
    const mru = simulated.estimates!.policies[1]!
    expect(mru).toMatchObject({ policy: 'mru', exact: true, scales: false })
    // To the last number, but what stands beside other policies.
    expect(simulated.runs).toEqual(exact.runs.filter(({ policy }) => policy === 'mru'))
    expect(mru.rates).toEqual(simulated.runs.map(({ hitRate }) => ({ hitRate, margin: 0 })))
    expect(simulated.knee).toEqual(exact.knee.filter(({ policy }) => policy === 'mru'))
    expect(simulated.curves).toEqual(exact.curves.filter(({ policy }) => policy === 'mru'))

    for (const told of [text, readFileSync(join(cwd, 'a.md'), 'utf8')]) {
      expect(told.replaceAll(/\s+/g, ' ')).toContain('estimates from 5 % of the keys')
      expect(told.replaceAll(/\s+/g, ' ')).toContain('so it was run exactly')
      expect(told).toMatch(/lru .*\d ±\d\.\d.*estimated/)
      expect(told).toMatch(/mru [^±]*exact/)
    }
    const [titles, ...rows] = readFileSync(join(cwd, 'a.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','))
    const named = rows.map((row) => Object.fromEntries(titles!.map((title, at) => [title, row[at]])))
    // In the order that was asked for.
    expect(named.map(({ policy, estimated }) => `${policy} ${estimated}`)).toEqual([
      ...Array(5).fill('lru true'),
      ...Array(5).fill('mru false'),
    ])
    const last = named[4]!
    const lru = simulated.estimates!.policies[0]!.rates.at(-1)!
    expect(last).toMatchObject({
      scales: 'true',
      hit_rate: `${lru.hitRate}`,
      hit_rate_margin: `${lru.margin}`,
    })
    expect(last.requests).toBe('')
    expect(rows.every((row) => row.length === titles!.length)).toBe(true)
  })

  it.runIf(sharedFolder)(
    `runs exactly what the sample is too small for, and does not say that it does not scale${sharedNote}`,
    async () => {
      const cwd = folderWith()
      const screen = (
        await succeed(
          `sweep --trace ${sharedPath('traces/arc-oltp.lis.gz')} --policies lru,fifo,s3-fifo --sizes 0.1%..100%:10 --sample 1% --json a.json --csv a.csv --markdown a.md`,
          { cwd },
        )
      ).replaceAll(/\s+/g, ' ')
      const { simulated } = JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8')) as SweepResult
      // 32 of 1,869 sampled keys are as 3,200 of 186,880.
      expect(simulated.estimates!.policies).toMatchObject([
        { policy: 'lru', exact: false, scales: true },
        { policy: 'fifo', exact: true, scales: true, tooSmallBelow: 3200 },
        { policy: 's3-fifo', exact: true, scales: true, tooSmallBelow: 3200 },
      ])
      expect(simulated.verdict.at(-1)).toBe(
        'fifo and s3-fifo were run exactly: the sample is too small for sizes below 3,200 entries.',
      )
      for (const told of [screen, readFileSync(join(cwd, 'a.md'), 'utf8')]) {
        expect(told).toContain('the sample is too small for sizes below 3,200')
        expect(told).not.toMatch(/not scale/)
      }
      expect(readFileSync(join(cwd, 'a.csv'), 'utf8')).not.toContain('false\n')
    },
  )

  it('is of policies in files too, which run on threads', async () => {
    const cwd = folderWith({ 'mine.mjs': FIFO })
    const { policies } = (
      await sweepOf(
        '--requests 20k --keys 2k --policies fifo,./mine.mjs --sizes 10,100,500 --sample 20%',
        cwd,
      )
    ).simulated.estimates!
    expect(policies[1]).toEqual({ ...policies[0]!, policy: 'mine' })
    const broken = FIFO.replace('queue.shift()', '-1')
    const { code, stderr } = await run('sweep --requests 2k --policies ./mine.mjs --sizes 10 --sample 20%', {
      cwd: folderWith({ 'mine.mjs': broken }),
    })
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^cachesim: policy 'mine' .*\n$/),
    })
  })

  it('covers bytes, TTLs, writes and deletes', async () => {
    const rows = Array.from({ length: 30_000 }, (_, at) => {
      const key = Math.floor(2000 ** (((at * 7919) % 10_007) / 10_007) + (at % 13))
      return [
        at / 10,
        `k${key}`,
        ['read', 'read', 'read', 'write', 'read', 'delete'][(at * 31) % 6],
        10 + (key % 90),
      ]
    })
    const cwd = folderWith({ 'a.csv': `time,key,op,size\n${rows.map((row) => row.join(',')).join('\n')}\n` })
    for (const more of ['--sizes 5kB..60kB:4', '--sizes 5%..60%:4 --ttl 2m']) {
      const asked = `--trace a.csv --policies lru,fifo ${more}`
      const { runs } = (await sweepOf(asked, cwd)).simulated
      const { policies } = (await sweepOf(`${asked} --sample 30%`, cwd)).simulated.estimates!
      const rates = policies.flatMap((policy) => policy.rates)
      const held = rates.filter(
        ({ hitRate, margin }, at) => Math.abs(hitRate - runs[at]!.hitRate) <= margin + 1e-12,
      )
      expect(held.length).toBeGreaterThanOrEqual(7)
    }
  })

  it('warns of a sample that says little, whose margins are no wider than a rate can be off', async () => {
    const { simulated } = await sweepOf('--requests 20 --keys 3 --policies lru --sizes 1,2 --sample 1%')
    expect(simulated.warnings).toContain(
      'the sample is of 1 key only, which says little: take a larger share, or --exact',
    )
    for (const { hitRate, margin } of simulated.estimates!.policies[0]!.rates)
      expect(margin).toBeLessThanOrEqual(Math.max(hitRate, 1 - hitRate))
  })

  it('warns of a TTL that a policy took, as an exact sweep does, and has nothing to say without reads', async () => {
    const asked = '--requests 2k --keys 200 --policies ttl,fifo --sizes 10,50'
    const warning = 'ttl cannot do without a TTL and took one of 10 min: --ttl sets another'
    for (const more of ['', '--sample 50%'])
      expect((await sweepOf(`${asked} ${more}`)).simulated.warnings).toContain(warning)
    const writes = folderWith({ 'a.csv': 'key,op\na,write\nb,write\na,write\n' })
    for (const more of ['', '--sample 50%'])
      expect(await run(`sweep --trace a.csv --op op --policies lru,fifo ${more}`, { cwd: writes })).toEqual({
        code: 2,
        stdout: '',
        stderr: 'cachesim: a.csv has no reads to count: only reads are hits or misses\n',
      })
  })

  it('fits on a narrow terminal', async () => {
    const asked = 'sweep --requests 20k --keys 2k --policies lru,mru,optimal --sample 50%'
    const text = await succeed(asked, { env: { COLUMNS: '40' } })
    expect(text).toMatch(/not shown at this width: \d/)
    expect(text.split('\n').filter((line) => displayWidth(line) > 40)).toEqual([])
  })

  it('gives the same bytes whatever the threads, and is rendered again by report', async () => {
    const cwd = folderWith()
    const asked = `sweep ${ZIPF} --policies lru,mru,fifo --sizes 1%..60%:5 --sample 5% --reproducible`
    const texts = []
    for (const threads of [1, 3])
      texts.push(await succeed(`${asked} --threads ${threads} --json ${threads}.json`, { cwd }))
    expect(readFileSync(join(cwd, '3.json'), 'utf8')).toBe(readFileSync(join(cwd, '1.json'), 'utf8'))
    expect(texts[1]).toBe(texts[0])
    expect(await succeed('report 1.json', { cwd })).toBe(texts[0])
  })

  it.each([
    ['--sample 10% --exact', "--sample '10%' and --exact contradict each other: one asks for estimates only"],
    ['--sample 10% --repeat 3', "--sample '10%' and --repeat '3' exclude each other: estimates have"],
    [
      '--sample 10% --shard 1/2',
      "--sample '10%' and --shard exclude each other: estimates are of whole curves",
    ],
    ['--sample 10% --windows 3', "--sample '10%' and --windows exclude each other"],
    ['--sample 10% --ttls 1m,none', "--sample '10%' and --ttls exclude each other"],
    ['--sample 10% --queue redis://localhost:1', "--sample '10%' and --queue exclude each other"],
    ['--sample 0', "--sample '0' must be a share of the keys above 0 and up to 100%, such as 1% or 0.01"],
    ['--sample', "option '--sample <share>' argument missing"],
  ])('%s is refused', async (flags, message) => {
    const { code, stdout, stderr } = await run(`sweep --requests 1000 ${flags}`)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('is nothing that --resume or merge can go on with', async () => {
    const cwd = folderWith()
    writeFileSync(
      join(cwd, 'a.json'),
      await succeed(`sweep ${ZIPF} --policies lru --sizes 10,100,1000 --sample 10% --json -`),
    )
    const refused = async (command: string) => {
      const { code, stdout, stderr } = await run(command, { cwd })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      return stderr
    }
    expect(await refused(`sweep ${ZIPF} --policies lru --sizes 10,100,1000 --resume a.json`)).toBe(
      'cachesim: --resume is given estimates, of which there is nothing to go on with\n',
    )
    expect(await refused('merge a.json')).toBe(
      "cachesim: 'a.json' has estimates (--sample), which cannot be merged: a part is of exact numbers, made with --shard\n",
    )
  })

  it('still cuts the trace of other commands down to a sample', async () => {
    const cwd = folderWith({
      'a.csv': `key\n${Array.from({ length: 3000 }, (_, at) => at % 700).join('\n')}\n`,
    })
    const keys = async (command: string) =>
      (await resultOf(`${command} --trace a.csv`, { cwd })).simulated.workload.keys
    expect(await keys('compare --policies lru --sample 20%')).toBeLessThan(300)
    expect(await keys('sweep --policies lru --sizes 10,20,40 --sample 20%')).toBe(700)
  })
})

/** Runs a command on a terminal of its own; of util-linux. */
const SCRIPT = '/usr/bin/script'

describe('the first look at a sweep that takes some seconds', () => {
  const canRecord = process.platform === 'linux' && spawnSync(SCRIPT, ['--version']).status === 0
  const note = canRecord ? '' : ' (left out: there is no script(1) to make a terminal)'
  const LONG = 'sweep --requests 1M --keys 100k --policies lru,fifo,mru --sizes 1%..100%:60'
  const TITLE = 'a first look, until the exact numbers are there'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys
  const ERASED = /(?:\u001b\[1A\u001b\[2K)+/

  /** @param typeAt what must stand on the screen for Ctrl-C to be pressed */
  async function onTerminal(args: string, expected = 0, typeAt?: RegExp, rows = 50) {
    const cwd = folderWith({ 'mine.mjs': FIFO })
    const command = `stty rows ${rows} columns 120; "${process.execPath}" "${binary}" ${args}`
    const child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], { cwd, env: environment({ TERM: 'xterm' }) })
    let screen = ''
    let typed = false
    child.stdout.on('data', (chunk) => {
      screen += chunk
      if (typed || typeAt === undefined || !typeAt.test(screen)) return
      typed = true
      child.stdin.write('\u0003')
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(expected)
    return { screen, cwd }
  }

  it.runIf(canRecord)(`is shown on a terminal, policy by policy, and taken away${note}`, async () => {
    const { screen, cwd } = await onTerminal(`${LONG} --json a.json --reproducible`)
    expect(screen.split(TITLE)).toHaveLength(4)
    expect(screen).toMatch(/lru .*\d ±\d\.\d.*estimated/)
    expect(screen).toMatch(/mru .*does not scale/)
    // Each is erased, before the next and before the result.
    const erased = screen.split(ERASED)
    expect(erased).toHaveLength(4)
    expect(erased.at(-1)).not.toContain('±')
    const json = readFileSync(join(cwd, 'a.json'), 'utf8')
    expect(json).not.toContain('estimates')
    expect(json).toBe(await succeed(`${LONG} --json - --reproducible`))
  })

  it.runIf(canRecord)(`writes nothing where it is interrupted, and says why${note}`, async () => {
    const longer = LONG.replace('1M', '3M').replace('lru,fifo,mru', 'all')
    // The time that is left is not that of the sweep, and the bar says so.
    const bar = / % {2}first look: [\d.]+ .?s left {2}estimating /
    const { screen, cwd } = await onTerminal(`${longer} --json a.json`, 130, bar)
    // In one sentence, on a line of its own.
    expect(screen).not.toContain('what is done will be reported')
    expect(screen).toMatch(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys
      /\r\u001b\[K[^\n]*cachesim:\S* stopped before anything was run exactly: there is nothing to report\r\n$/,
    )
    expect(readdirSync(cwd)).toEqual(['mine.mjs'])
  })

  it.runIf(canRecord)(`is never taller than the terminal${note}`, async () => {
    const policies = 'lru,fifo,random,clock,mru,slru,2q,sieve'
    const { screen } = await onTerminal(LONG.replace('lru,fifo,mru', policies), 130, /sieve .*±/, 10)
    const drawn = screen
      .slice(screen.indexOf(TITLE))
      .split(ERASED)
      .map((text) => text.split('\n').length - 1)
    expect(drawn).toHaveLength(8)
    // Beside the line of the bar.
    expect(Math.max(...drawn.slice(0, -1))).toBe(9)
    // The last ones, of which the newest is always there.
    const last = screen.slice(screen.lastIndexOf(TITLE))
    expect(last).toMatch(/2q .*±.*\s+sieve .*±.*\s+.*… and 5 more/)
    expect(last).not.toMatch(/\nlru /)
  })

  it.runIf(canRecord)(`is had of a policy in a file too, before it is run${note}`, async () => {
    const asked = 'sweep --requests 1M --keys 100k --policies lru,./mine.mjs --sizes 1%..100%:120'
    const row = /mine .*\d ±\d\.\d.*estimated/
    const { screen } = await onTerminal(asked, 130, row)
    expect(screen).toMatch(row)
  })

  it
    .runIf(canRecord)
    .each([
      `${LONG} --exact`,
      `${LONG} --quiet --json a.json`,
      `${LONG} --shard 1/20`,
      `${LONG.replace('1M', '10k')}`,
    ])(`is not had of %s${note}`, async (command) => {
    expect((await onTerminal(command)).screen).not.toContain(TITLE)
  })
})
