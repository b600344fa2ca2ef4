import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { CompareResult } from '../../src/core/result.ts'
import { parseResult } from '../../src/reports/result-schema.ts'
import { binary, environment, folderWith, succeed } from '../support/cli.ts'

const shell = promisify(execFile)

/** Runs what a shell is told, `cachesim` being the binary. */
async function inShell(command: string, cwd: string): Promise<CompareResult> {
  const script = `cachesim() { "$NODE" "$BINARY" "$@"; }\n${command} --json - --reproducible`
  const env = environment({ NODE: process.execPath, BINARY: binary })
  const { stdout } = await shell('sh', ['-c', script], { cwd, env })
  return parseResult(stdout, 'standard output') as CompareResult
}

/** The command as it stands on the screen, and as it stands in the JSON. */
async function commandsOf(args: readonly string[], cwd: string): Promise<{ shown: string; saved: string }> {
  const env = { COLUMNS: '80' }
  const screen = await succeed(['inspect', ...args], { cwd, env })
  const json = JSON.parse(await succeed(['inspect', ...args, '--json', '-'], { cwd }))
  const shown = /\n {2}compare policies on it\n(.*)$/s.exec(screen)![1]!
  return { shown: shown.trim(), saved: json.simulated.compareCommand.join(' ') }
}

const rows = Array.from({ length: 2000 }, (_, i) => {
  const user = (i * i) % 97
  return `${1_700_000_000_000 + i * 500},"it's ${user}",m${i % 3},${10 + user},${i % 7 === 0 ? 500 : 200},${user}`
})
const table = `when,who's "it",model,took,status,-x\n${rows.join('\n')}\n`.replace(
  `who's "it"`,
  `"who's ""it"""`,
)
const columns = ['--time', 'when', '--cost', 'took', '--cost-unit', 'us', '--where', 'status=200']

describe('the command an inspection ends with', () => {
  it.each([
    ['a table in a file with a name of its own', ["it's $HOME (1).csv", `who's "it",model`, ...columns]],
    ['a column like a flag', ['log.csv', '-x', ...columns, '--time-unit', 'ms']],
    [
      'several conditions',
      ['log.csv', 'model', ...columns, '--where', 'model!=m1', '--sort', '--format', 'csv'],
    ],
    ['bad rows', ['log.csv', '4', '--max-bad-rows', '3']],
  ])('runs as it stands, on the same requests: %s', async (_, [file, key, ...more]) => {
    const cwd = folderWith({ [file!]: table })
    const args = ['--trace', file!, `--key=${key}`, ...more]
    const { shown, saved } = await commandsOf(args, cwd)
    const inspected = parseResult(await succeed(['inspect', ...args, '--json', '-'], { cwd }), 'output')
    for (const command of [shown, saved]) {
      const { simulated } = await inShell(command, cwd)
      expect(simulated.workload).toEqual(inspected.simulated.workload)
      expect(simulated.runs.map(({ policy }) => policy)).toContain('lru')
      expect(simulated.settings.missLatency === 'recorded').toBe(more.includes('--cost'))
    }
  })

  it.each([
    ['--workload zipf --requests 30k --seed 7'],
    ['--workload loop(workingSet=0.5) --keys 300 --requests 5000'],
    ['--workload recommendations --requests 20k'],
    ['--workload zipf(alpha=2) --keys 100 --requests 20k --rate 9/s'],
    ['--requests 4000 --alpha 0.7'],
  ])('runs as it stands: %s', async (args) => {
    const cwd = folderWith()
    const { shown, saved } = await commandsOf(args.split(' '), cwd)
    const [one, other] = [await inShell(shown, cwd), await inShell(saved, cwd)]
    expect(other).toEqual(one)
    // An lru cache of that size reaches 90 % of the ceiling, a TTL costs it 5 % of its hits or so.
    const lru = one.simulated.runs.find(({ policy }) => policy === 'lru')!
    const { compulsory } = lru.missKinds
    expect(lru.hits / (lru.requests - compulsory)).toBeGreaterThan(0.84)
  })
})
