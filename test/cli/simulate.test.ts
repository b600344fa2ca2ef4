import { describe, expect, it } from 'vitest'
import type { Result, SimulateResult } from '../../src/core/result.ts'
import { contentOf, folderWith, resultOf, run, succeed } from '../support/cli.ts'

const small = 'workload: { recipe: zipf, requests: 2000, keys: 100, rate: 40/s }\ntiers: [{ ttl: 10s }]\n'

describe('cachesim simulate', () => {
  it('shows a scenario of the package by its name', async () => {
    const text = await succeed('simulate rest-api-redis')
    expect(text).toMatch(/^simulate rest-api-redis$/m)
    expect(text).toMatch(/^ {2}mean latency +\d+ ms +1 s$/m)
    expect(text).not.toContain('contradict')
  })

  it('writes the same bytes for the same seed, in files and on standard output', async () => {
    const cwd = folderWith({ 'mine.yaml': small })
    await succeed('simulate mine.yaml --quiet --reproducible --json a.json --csv a.csv --markdown a.md', {
      cwd,
    })
    await succeed('simulate mine.yaml --quiet --reproducible --json b.json --csv b.csv --markdown b.md', {
      cwd,
    })
    const files = contentOf(cwd)
    const bytes = (name: string) => Object.entries(files).find(([path]) => path.endsWith(name))![1]
    for (const ending of ['json', 'csv', 'md']) expect(bytes(`b.${ending}`)).toBe(bytes(`a.${ending}`))
    const result = await resultOf('simulate mine.yaml', { cwd })
    expect(result.command).toBe('simulate')
    // A saved result is rendered again.
    expect(await succeed('report a.json --quiet --markdown -', { cwd })).toBe(
      Buffer.from(bytes('a.md'), 'base64').toString(),
    )
  })

  it('takes requests and seeds from the command line', async () => {
    const cwd = folderWith({
      'mine.yaml': small,
      'requests.csv': `when;prompt\n${Array.from({ length: 50 }, (_, at) => `${at};${at % 5}`).join('\n')}\n`,
    })
    const result = await resultOf('simulate mine.yaml --trace requests.csv --key prompt --time when', { cwd })
    expect(result.simulated.workload).toMatchObject({ kind: 'recorded', requests: 50, keys: 5 })
    // They come as they came, and not at the rate of those whose place they take; at others where these are asked for.
    const ends = ({ simulated }: Result) =>
      (simulated as SimulateResult['simulated']).variants.map(({ series }) => series.with.endSeconds.at(-1))
    expect(ends(result)).toEqual([49])
    const command = 'simulate mine.yaml --trace requests.csv --key prompt --time when'
    expect(ends(await resultOf(`${command} --vary workload.rate=1/s,7/s`, { cwd }))).toEqual([49, 7])
    expect(ends(await resultOf(`${command} --rate 7/s`, { cwd }))).toEqual([7])
    const other = await resultOf('simulate mine.yaml --seed 9', { cwd })
    expect(other.simulated.workload.seed).toBe('9')
  })

  it.each([
    ['simulate', "missing required argument 'scenario'"],
    ['simulate nosuch', "unknown scenario 'nosuch'"],
    ['simulate nosuch.yaml', "the scenario 'nosuch.yaml' cannot be read: there is no such file"],
    ['simulate bad.yaml', "bad.yaml:2:1: unknown setting in a scenario 'tires'; did you mean 'tiers'?"],
    ['simulate mine.yaml --vary instances', "--vary 'instances' is not understood"],
    ['simulate mine.yaml --vary model.workers=0,1', "--vary model.workers=0: 'workers' is 0"],
    [
      'simulate mine.yaml --trace keys.txt --key 1 --vary workload.alpha=0.8,1',
      "--vary 'workload.alpha' changes the scenario's workload, which --trace replaces",
    ],
    [
      'simulate mine.yaml --alpha 1 --vary workload.alpha=0.8,1',
      "--vary 'workload.alpha' changes what --alpha sets: give one of them",
    ],
    ['simulate mine.yaml --repeat 0', "--repeat '0' must be a whole number from 1 to 10,000"],
    ['simulate mine.yaml --trace keys.txt --key 1', 'has no times, and a service is simulated over time'],
    ['simulate mine.yaml --json mine.yaml', "--json 'mine.yaml' is the file that is read: write to another"],
  ])('%s ends with 2 and one sentence', async (args, message) => {
    const cwd = folderWith({
      'mine.yaml': small,
      'bad.yaml': 'workload: zipf\ntires: []\n',
      'keys.txt': 'a\nb\na\n',
    })
    const { code, stdout, stderr } = await run(args, { cwd })
    expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({
      code: 2,
      stdout: '',
      lines: 1,
    })
    expect(stderr).toContain(message)
  })
})
