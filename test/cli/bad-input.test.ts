import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { policies } from '../../src/policies/index.ts'
import { binary, contentOf, folderWith, type RunOptions, run, splitArguments } from '../support/cli.ts'
import { compare, FILES, MISTAKES, sweep, trace } from './mistakes.ts'

/*
 * What a user can get wrong, through the real binary. Every mistake ends with exit code 2 and one sentence on standard
 * error, and nothing is written: a file that was there stays as it was.
 */

/** Outputs are asked for in every run that can have them: a failed one must not touch them. */
function withOutputs(args: readonly string[]): readonly string[] {
  const reports = /^(compare|sweep|inspect|report|bench)$/.test(args[0]!)
  if (!reports || args.some((arg) => /^--(json|csv|markdown)$/.test(arg)) || args.length < 2) return args
  return [args[0]!, '--json', 'kept.json', '--csv', 'new.csv', ...args.slice(1)]
}

/** The one line on standard error, of a run that must fail without a trace. */
async function refused(args: readonly string[], folder: string, options: RunOptions = {}): Promise<string> {
  const before = contentOf(folder)
  const { code, stdout, stderr } = await run(args, { ...options, cwd: folder })
  expect(stderr).toMatch(/^cachesim: [^\n]+\n$/)
  expect(stderr, 'more than one sentence').not.toMatch(/\. +\p{Lu}/u)
  expect(stderr, 'a stack').not.toMatch(/\bat .*:\d+:\d+\)?$|node:internal|undefined|\[object/m)
  expect(stdout).toBe('')
  expect(code).toBe(2)
  expect(contentOf(folder)).toEqual(before)
  return stderr
}

describe.each(Object.entries(MISTAKES))('%s', (_, cases) => {
  const titled = cases.map(([given, ...says]) => {
    const args = splitArguments(given)
    return [args.map((arg) => arg || "''").join(' '), args, says] as const
  })
  it.concurrent.each(titled)('cachesim %s', async (_title, args, says) => {
    const message = await refused(withOutputs(args), folderWith(FILES))
    for (const part of says) expect(message).toContain(part)
  })
})

describe('what only some systems have', () => {
  /** Root reads everything, so the test then runs as a user who may do little. */
  const uid = process.getuid?.() === 0 ? 65_534 : undefined
  const canRun = spawnSync(
    process.execPath,
    [binary, '--version'],
    uid === undefined ? {} : { uid, gid: uid },
  )
  const note = canRun.status === 0 ? '' : ' (left out: no other user can run the binary here)'

  it.runIf(canRun.status === 0 && process.platform !== 'win32')(
    `refuses a trace, a recipe and an output without permission${note}`,
    async () => {
      const folder = folderWith(FILES)
      for (const name of ['secret.csv', 'secret.yaml']) {
        writeFileSync(join(folder, name), 'time,key\n0,a\n')
        chmodSync(join(folder, name), 0)
      }
      chmodSync(folder, 0o555)
      const as = uid === undefined ? {} : { uid }
      expect(await forbidden('compare --trace secret.csv')).toContain("'secret.csv'")
      expect(await forbidden('compare --workload secret.yaml')).toContain("'secret.yaml'")
      expect(await forbidden('compare --json new.json')).toContain("--json 'new.json'")
      chmodSync(folder, 0o755)

      async function forbidden(args: string): Promise<string> {
        const { code, stderr } = await run(args, { cwd: folder, ...as })
        expect(stderr).toMatch(/^cachesim: [^\n]*permission[^\n]*denied\n$/)
        expect(code).toBe(2)
        return stderr
      }
    },
  )

  it.runIf(process.platform === 'linux')('says so where reading fails half-way', async () => {
    const message = await refused(['compare', '--trace', '/proc/self/mem'], folderWith(FILES))
    expect(message).toContain("'/proc/self/mem'")
  })
})

describe('what a terminal would obey', () => {
  it('is taken out of names, and the sentence stays on one line', async () => {
    const message = await refused(['compare', '--size', '5\u001b[31m\n6\u0007'], folderWith(FILES))
    expect(message).toContain('is not a cache size')
    expect(message.trimEnd()).not.toMatch(/\p{Cc}/u)
  })
})

describe('what looks wrong and is allowed', () => {
  it.concurrent.each([
    [compare('--size 0'), 'keeps nothing'],
    [compare('--size 0%'), 'keeps nothing'],
    [compare('--size 0 --ttl 1m'), 'keeps nothing'],
    [sweep('--sizes 0,10'), 'keeps nothing'],
    [compare('--size 5000'), 'holds every key'],
    [compare('--size 200%'), 'holds every key'],
    [compare('--ttl 100d'), 'nothing expires'],
    [trace('ragged.csv --max-bad-rows 2'), '2 of 4 rows could not be read'],
    [trace('keys.txt'), 'no times'],
  ])('cachesim %s: %s', async (args, says) => {
    const { code, stdout, stderr } = await run(args, { cwd: folderWith(FILES) })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('warning:')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(says)
  })

  it('sorts times that run backwards where --sort says so', async () => {
    const { code, stdout } = await run(trace('backwards.csv --sort --csv -'), { cwd: folderWith(FILES) })
    expect(code).toBe(0)
    expect(stdout).toContain('\nlru,')
  })

  it('finds no hit at all in a cache of size 0', async () => {
    const { stdout } = await run(compare('--size 0 --csv - --policies all'), { cwd: folderWith(FILES) })
    const rows = stdout.trim().split('\n').slice(1)
    expect(rows).toHaveLength(policies.names.length)
    for (const row of rows) {
      const [policy, , , , , , , hits] = row.split(',')
      // What no capacity holds back is what a cache that holds everything would hit.
      if (policy !== 'infinite') expect({ policy, hits }).toEqual({ policy, hits: '0' })
    }
  })
})
