import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  binary,
  contentOf,
  environment,
  folderWith,
  run,
  start,
  succeed,
  untilFolder,
} from '../support/cli.ts'

/** Far longer than anyone would wait: these are interrupted. */
const LONG_SWEEP = 'sweep --requests 200k --keys 20k --sizes 1..20000:5000'

const temporary = (names: readonly string[]) => names.find((name) => name.endsWith('.tmp'))

/** Everything a process says on standard error, to be looked at when it has ended. */
function errorsOf(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (chunk) => {
    text += chunk
  })
  return () => text
}

describe('interrupted', () => {
  it('by SIGHUP, a sweep ends with 129 and leaves no file', async () => {
    const cwd = folderWith({ 'kept.json': 'old' })
    const before = contentOf(cwd)
    const child = start(`${LONG_SWEEP} --csv new.csv --json kept.json`, { cwd })
    const errors = errorsOf(child)
    await untilFolder(cwd, (names) => names.filter((name) => name.endsWith('.tmp')).length === 2)
    child.kill('SIGHUP')
    expect(await once(child, 'exit')).toEqual([129, null])
    expect(errors()).toBe('')
    expect(contentOf(cwd)).toEqual(before)
  })

  it.each([
    // Ctrl-C, and what schedulers of jobs send before they kill.
    [['SIGINT'], 130],
    [['SIGTERM'], 143],
    // At once, as npx hands on a Ctrl-C that was heard already, and timeout(1) tells a program and then its group.
    [['SIGTERM', 'SIGTERM'], 143],
    [['SIGINT', 'SIGTERM'], 130],
  ] as const)('by %s, a sweep that has begun ends with %i and saves what is done', async (signals, code) => {
    const cwd = folderWith({
      'tells.mjs': `export default { name: 'tells', summary: 'admits nothing, and says when it begins',
        create: () => {
          console.error('begun')
          return { touch() {}, insert() {}, evict: (key) => key, remove() {}, admit: () => false }
        } }`,
    })
    const sweep = 'sweep --requests 300k --keys 5000 --policies ./tells.mjs --sizes 1..5000:300 --threads 1'
    const child = start(`${sweep} --json part.json --csv -`, { cwd })
    const errors = errorsOf(child)
    // Once to be looked at; when the second cell begins, the first is done.
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', () => {
        if (errors().split('begun').length > 3) resolve()
      })
    })
    for (const signal of signals) child.kill(signal)
    expect(await once(child, 'exit')).toEqual([code, null])
    const { simulated } = JSON.parse(readFileSync(join(cwd, 'part.json'), 'utf8'))
    expect(simulated).toMatchObject({ partial: true })
    expect(simulated.cells.length).toBeGreaterThan(0)
    // Rows do not show that others are missing.
    expect(errors()).toContain(simulated.verdict[0])
  })

  /** A policy that begins, says so, and never comes back. */
  const ENDLESS = `export default { name: 'endless', summary: 'never comes back',
    create: () => { console.error('begun'); for (;;); } }`

  /** Starts a sweep with it, and sends it a signal once that policy has begun. */
  async function signalled(args: string, signal: NodeJS.Signals) {
    const cwd = folderWith({ 'endless.mjs': ENDLESS })
    const child = start(`sweep --requests 20k --keys 2000 --sizes 10,100,1000 ${args}`, { cwd })
    const errors = errorsOf(child)
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', () => {
        if (errors().includes('begun')) resolve()
      })
    })
    child.kill(signal)
    const [code] = await once(child, 'exit')
    return { code: code as number, errors: errors(), cwd }
  }

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s, a sweep of a sample ends with %i and saves what is estimated', async (signal, exit) => {
    const sample = '--policies lru,fifo,./endless.mjs,arc --sample 50%'
    const { code, errors, cwd } = await signalled(`${sample} --json part.json --csv -`, signal)
    expect(code).toBe(exit)
    const part = readFileSync(join(cwd, 'part.json'), 'utf8')
    const { simulated } = JSON.parse(part)
    expect(simulated).toMatchObject({ partial: true, runs: [] })
    expect(simulated.estimates.policies.map(({ policy }: { policy: string }) => policy)).toEqual([
      'lru',
      'fifo',
    ])
    expect(simulated.verdict[0]).toBe('This is a part: it was stopped before endless and arc were estimated.')
    expect(errors).toContain(simulated.verdict[0])
    // It is a result like others, and nothing to go on with.
    expect(await succeed('report part.json', { cwd })).toContain(simulated.verdict[0])
    const { stderr } = await run('merge part.json', { cwd })
    expect(stderr).toMatch(/^cachesim: 'part\.json' has estimates .*\n$/)
  })

  it('a sweep of a sample of which nothing is done says so, and writes nothing', async () => {
    const { code, errors, cwd } = await signalled(
      '--policies ./endless.mjs,lru --sample 50% --json part.json',
      'SIGINT',
    )
    expect(code).toBe(130)
    expect(errors).toBe(
      'begun\ncachesim: stopped before the first policy was estimated: there is nothing to show\n',
    )
    expect(readdirSync(cwd)).toEqual(['endless.mjs'])
  })

  it('a benchmark ends with 130 between two runs, with its threads', async () => {
    const cwd = folderWith()
    const child = start('bench --requests 200k --keys 20k --policies lru --rounds 1000 --json new.json', {
      cwd,
    })
    const errors = errorsOf(child)
    await untilFolder(cwd, (names) => names.length > 0)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
    expect(errors()).toBe('')
    expect(contentOf(cwd)).toEqual({})
  })

  it.each(['big.csv', 'big.jsonl.gz'])('generate leaves neither %s nor a part of it', async (file) => {
    const cwd = folderWith()
    const child = start(`generate --requests 3M --keys 1000 -o ${file}`, { cwd })
    const errors = errorsOf(child)
    // In the middle of writing, not before it.
    await untilFolder(cwd, (names) => {
      const name = temporary(names)
      return name !== undefined && (statSync(join(cwd, name), { throwIfNoEntry: false })?.size ?? 0) > 0
    })
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([130, null])
    expect(errors()).toBe('')
    expect(readdirSync(cwd)).toEqual([])
  })
})

/** Runs a command on a terminal of its own; of util-linux. */
const SCRIPT = '/usr/bin/script'

describe('progress', () => {
  const canRecord = process.platform === 'linux' && spawnSync(SCRIPT, ['--version']).status === 0
  const note = canRecord ? '' : ' (left out: there is no script(1) to make a terminal)'
  const SHOW_CURSOR = '\u001b[?25h'
  const HIDE_CURSOR = '\u001b[?25l'

  /** Runs a command on a terminal of its own, and hands each change of the screen to `onScreen`. */
  async function onTerminal(
    args: string,
    cwd: string,
    onScreen: (screen: string, type: (keys: string) => void) => void,
  ) {
    const command = `"${process.execPath}" "${binary}" ${args}`
    const child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], {
      cwd,
      env: environment({ TERM: 'xterm' }),
    })
    let screen = ''
    child.stdout.on('data', (chunk) => {
      screen += chunk
      onScreen(screen, (keys) => child.stdin.write(keys))
    })
    const [code] = await once(child, 'exit')
    return { code: code as number, screen }
  }

  /** Presses Ctrl-C when the bar is there. */
  const interruptSweep = async (cwd: string) => {
    let typed = false
    const { code, screen } = await onTerminal(
      `${LONG_SWEEP} --threads 1 --csv new.csv --json new.json`,
      cwd,
      (text, type) => {
        // All of lru, the first, is done in one pass.
        if (typed || !/ % .* left {2}lfu at [\d,]+/.test(text)) return
        typed = true
        type('\u0003')
      },
    )
    expect(screen.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(screen.lastIndexOf(HIDE_CURSOR))
    expect(screen.lastIndexOf(HIDE_CURSOR)).toBeGreaterThan(0)
    return { code, screen }
  }

  it.runIf(canRecord)(`is a bar on a terminal; after Ctrl-C, what is done is reported${note}`, async () => {
    const cwd = folderWith()
    const { code, screen } = await interruptSweep(cwd)
    expect(code).toBe(130)
    expect(screen).toMatch(/This is a part: [\d,]+ of [\d,]+\s+cells/)
    const { simulated } = JSON.parse(readFileSync(join(cwd, 'new.json'), 'utf8'))
    expect(simulated.partial).toBe(true)
    expect(simulated.runs.length).toBeGreaterThan(0)
    expect(readFileSync(join(cwd, 'new.csv'), 'utf8').trim().split('\n')).toHaveLength(
      simulated.runs.length + 1,
    )
    expect(readdirSync(cwd).sort()).toEqual(['new.csv', 'new.json'])
  })

  it.runIf(canRecord)(`is a bar while a trace is analysed, where Ctrl-C is heard too${note}`, async () => {
    let typed = false
    const { code } = await onTerminal(
      'inspect --workload zipf --requests 20M --json new.json',
      folderWith(),
      (text, type) => {
        if (typed || !/ % .* left {2}analysing/.test(text)) return
        typed = true
        type('\u0003')
      },
    )
    expect({ typed, code }).toEqual({ typed: true, code: 130 })
  })

  it.runIf(canRecord)(`is no bar on a terminal with --quiet, nor for what takes no time${note}`, async () => {
    const { code, screen } = await onTerminal('compare --requests 100 --keys 10', folderWith(), () => {})
    expect(code).toBe(0)
    expect(screen).toContain('hit rate')
    expect(screen).not.toContain(HIDE_CURSOR)
    const quiet = await onTerminal('compare --quiet', folderWith(), () => {})
    expect(quiet).toEqual({ code: 0, screen: '' })
  })

  it('is not shown where standard error is no terminal', async () => {
    const cwd = folderWith()
    const { code, stderr } = await run('sweep --requests 300k --sizes 1%..50%:16 --json a.json', { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8')).measured.totalSeconds).toBeGreaterThan(0)
  })
})
