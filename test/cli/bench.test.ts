import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BenchResult } from '../../src/core/result.ts'
import { parseResult } from '../../src/reports/result-schema.ts'
import { folderWith, root, run, succeed } from '../support/cli.ts'

const SMALL = 'bench --requests 20000 --keys 1000 --policies lru,fifo --rounds 1'

function resultIn(text: string): BenchResult {
  const result = parseResult(text, 'standard output')
  if (result.command !== 'bench') throw new Error(`a result of ${result.command}`)
  return result
}

describe('cachesim bench', () => {
  it('measures policies together and alone, with their memory, beside the packages of npm', async () => {
    const { simulated, measured } = resultIn(await succeed(`${SMALL} --json -`))
    expect(simulated.runs.map(({ policy, size }) => [policy, size])).toEqual([
      ['lru', 10],
      ['fifo', 10],
      ['lru', 98],
      ['fifo', 98],
    ])
    expect(measured!).toMatchObject({ node: process.version, rounds: 1, baseline: 'lru-cache' })
    const ours = measured!.speeds.filter(({ kind }) => kind === 'policy')
    expect(ours).toHaveLength(4)
    for (const { name, size, aloneNanosecondsPerRequest, slowdown, bytesPerKey } of ours) {
      expect(aloneNanosecondsPerRequest!.median).toBeGreaterThan(0)
      expect(slowdown).toBeGreaterThan(-1)
      // A byte a key of the loop's, and the policy's: two links of 4 bytes for lru, 4 bytes an entry for fifo.
      // What is smaller than 64 bytes V8 keeps on the heap, where it is lost in the noise.
      const most = name === 'lru' ? 9 : 1 + (4 * size) / simulated.workload.keys
      expect(bytesPerKey).toBeGreaterThanOrEqual(size === 10 && name === 'fifo' ? 1 : most - 0.001)
      expect(bytesPerKey).toBeLessThan(most + 1)
    }
    const others = measured!.speeds.filter(({ kind }) => kind === 'package')
    expect(others).toHaveLength(10)
    for (const { slowdown } of others) expect(slowdown).toBeNull()
  })

  it('without wall times gives the same bytes each time, and no speed', async () => {
    const once = await succeed(`${SMALL} --reproducible --no-alone --json -`)
    expect(await succeed(`${SMALL} --reproducible --no-alone --json -`)).toBe(once)
    expect(resultIn(once).measured).toBeUndefined()
  })

  it('shows a saved result again, as a table, CSV and Markdown', async () => {
    const cwd = folderWith()
    const shown = await succeed(`${SMALL} --no-alone --json saved.json --csv a.csv --markdown a.md`, { cwd })
    expect(await succeed('report saved.json --csv b.csv --markdown b.md', { cwd })).toBe(shown)
    for (const kind of ['csv', 'md'])
      expect(readFileSync(join(cwd, `b.${kind}`), 'utf8')).toBe(readFileSync(join(cwd, `a.${kind}`), 'utf8'))
    expect(shown).toMatch(/machine +Node\.js v\d/)
    expect(shown).toMatch(/quick-lru holds up to twice its size/)
    expect(readFileSync(join(cwd, 'a.csv'), 'utf8').split('\n')).toHaveLength(1 + 14 + 1)
  })

  it('goes without the packages of npm where they are not installed, and says how to get them', async () => {
    // Empty folders hide what may be installed in a folder above.
    const packages = ['lru-cache', 'mnemonist', 'tiny-lru', 'quick-lru']
    const empty = packages.map((name) => [`node_modules/${name}/`, ''])
    const folder = folderWith({ 'node_modules/': '', ...Object.fromEntries(empty) })
    for (const part of ['bin', 'dist', 'workloads', 'package.json'])
      cpSync(join(root, part), join(folder, part), { recursive: true })
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    for (const name of Object.keys(dependencies)) {
      const place = join(folder, 'node_modules', name)
      mkdirSync(join(place, '..'), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), place)
    }
    const alike = await succeed(`${SMALL} --reproducible --json -`)
    const args = [...SMALL.split(' '), '--json', '-']
    const { code, stdout, stderr } = await run(args, { program: join(folder, 'bin/cachesim.js') })
    expect(code).toBe(0)
    expect(stderr).toContain(`npm install ${packages.join(' ')}\n`)
    const { simulated, measured } = resultIn(stdout)
    expect(simulated).toEqual(resultIn(alike).simulated)
    expect(measured!.baseline).toBeNull()
    expect(measured!.speeds.map(({ kind, timesBaseline }) => [kind, timesBaseline])).toEqual(
      Array(4).fill(['policy', null]),
    )
  })
})
