import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { CompareResult } from '../../src/core/result.ts'
import { policies } from '../../src/policies/index.ts'
import { binary, comparisonOf, environment, folderWith, succeed } from '../support/cli.ts'

const RECIPE = `
story: requests with all columns there are.
requests: 12_000
keys: { generator: shifting, count: 900, alpha: 0.9 }
arrivals: { process: poisson, rate: 90/s }
values: { size: "lognormal:p50=2KiB,p99=40KiB", cost: "lognormal:p50=80ms,p99=900ms" }
`
const PLAIN = `
story: requests with keys and times only.
requests: 8_000
keys: { generator: one-hit-wonders, count: 500 }
`
const ALL = [...policies.names, 'optimal(bypass=false)'].join(',')

/** What the requests amounted to, whatever they are called and wherever they came from. */
const numbersOf = ({ simulated: { runs, comparisons, workload } }: CompareResult) => ({
  runs,
  comparisons,
  requests: workload.requests,
  keys: workload.keys,
  spanSeconds: workload.spanSeconds,
  totalBytes: workload.totalBytes,
})

describe('a workload that is generated, written and read again', () => {
  const settings = `--seed 7 --policies ${ALL} --miss-latency recorded --miss-cost 0.36/h --warmup 10%`
  const caches = ['--size 7% --ttl 4s', '--size 300KiB', '--size 60 --ttl 4s --ttl-mode idle']
  const cwd = folderWith({ 'all.yaml': RECIPE })
  const direct = caches.map((cache) => comparisonOf(`--workload all.yaml ${settings} ${cache}`, { cwd }))

  it.each(['trace.csv', 'trace.csv.gz', 'trace.tsv', 'trace.jsonl'])(
    'gives the same numbers to the last hit, for every policy, as %s',
    async (file) => {
      await succeed(`generate --workload all.yaml --seed 7 -o ${file} --quiet`, { cwd })
      const gzip = readFileSync(join(cwd, file)).subarray(0, 2).toString('hex') === '1f8b'
      expect(gzip).toBe(file.endsWith('.gz'))
      const read = caches.map((cache) => comparisonOf(`--trace ${file} ${settings} ${cache}`, { cwd }))
      const expected = (await Promise.all(direct)).map(numbersOf)
      expect((await Promise.all(read)).map(numbersOf)).toEqual(expected)
      for (const { runs } of expected) expect(runs.map(({ policy }) => policy)).toEqual(ALL.split(','))
    },
  )

  it('without sizes and costs too, through standard output and input', async () => {
    const cwd = folderWith({ 'plain.yaml': PLAIN })
    const plain = policies.all.filter(({ needs }) => !needs.includes('sizes') && !needs.includes('costs'))
    const list = plain.map(({ name }) => name).join(',')
    const direct = await comparisonOf(`--workload plain.yaml --policies ${list}`, { cwd })
    for (const format of ['csv', 'tsv', 'jsonl']) {
      const input = await succeed(`generate --workload plain.yaml --format ${format}`, { cwd })
      const read = await comparisonOf(`--trace - --policies ${list}`, { cwd, input })
      expect(numbersOf(read).runs).toEqual(numbersOf(direct).runs)
    }
  })
})

describe('standard input', () => {
  const rows = Array.from({ length: 3000 }, (_, i) => `${i},user-${(i * i) % 211},${(i % 5) + 1}\n`)
  const table = `ts,user,model\n${rows.join('')}`
  const columns = '--key user,model --time ts --policies lru,lfu'

  it('gives what the file gives, plain and gzip', async () => {
    const cwd = folderWith({ 'log.csv': table })
    const file = numbersOf(await comparisonOf(`--trace log.csv ${columns}`, { cwd }))
    expect(numbersOf(await comparisonOf(`--trace - ${columns}`, { input: table }))).toEqual(file)
    const packed = Buffer.concat([gzipSync(table.slice(0, 5000)), gzipSync(table.slice(5000))])
    expect(numbersOf(await comparisonOf(`--trace - ${columns}`, { input: packed }))).toEqual(file)
  })

  it('is read as it comes, from a program that is still writing', async () => {
    const child = spawn(
      'sh',
      ['-c', `"${process.execPath}" "${binary}" compare --trace - ${columns} --csv -`],
      {
        env: environment(),
      },
    )
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
    })
    for (let at = 0; at < table.length; at += 1000) {
      if (!child.stdin.write(table.slice(at, at + 1000))) await once(child.stdin, 'drain')
    }
    child.stdin.end()
    expect(await once(child, 'close')).toEqual([0, null])
    expect(printed).toMatch(/\nlru,/)
  })
})

describe.concurrent('numbers', () => {
  const SMALL = '--requests 6000 --keys 400'

  it('are the same bytes for the same seed, in every report', async () => {
    for (const command of [`compare ${SMALL}`, `sweep ${SMALL} --sizes 1%..90%:6`, `inspect ${SMALL}`]) {
      const reports = ['first', 'again', 'other'].map(async (name) => {
        const cwd = folderWith()
        const seed = name === 'other' ? 2 : 1
        const files = ['json', 'csv', 'markdown']
        await succeed(
          `${command} --seed ${seed} --reproducible --quiet ${files.map((f) => `--${f} ${f}`).join(' ')}`,
          { cwd },
        )
        return files.map((file) => readFileSync(join(cwd, file), 'utf8'))
      })
      const [first, again, other] = await Promise.all(reports)
      expect(again).toEqual(first)
      expect(other).not.toEqual(first)
    }
  })

  it('of a policy do not depend on which others run', async () => {
    const byPolicy = async (list: string) => {
      const { simulated } = await comparisonOf(`${SMALL} --policies ${list} --ttl 10s`)
      return new Map(simulated.runs.map((run) => [run.policy, run]))
    }
    const all = await byPolicy('all')
    for (const list of ['random', 'optimal,random,lru', 'ttl,lfu,random']) {
      for (const [policy, run] of await byPolicy(list)) expect(run).toEqual(all.get(policy))
    }
  })

  it('stand in a sweep as they do in a comparison', async () => {
    // A sweep says more of each point: whether it is the knee, and the best, and what it costs.
    const ofCurves = ['is_knee', 'is_best', 'size_per_point']
    const rowsOf = async (args: string) => {
      const [header, ...rows] = (await succeed(`${args} --csv -`))
        .trim()
        .split('\n')
        .map((row) => row.split(','))
      return rows.map((cells) =>
        Object.fromEntries(
          header!.map((name, at) => [name, cells[at]]).filter(([name]) => !ofCurves.includes(name!)),
        ),
      )
    }
    const swept = await rowsOf(`sweep ${SMALL} --policies lru,random,optimal --sizes 20,80`)
    const compared = await rowsOf(`compare ${SMALL} --policies lru,random,optimal --size 80`)
    expect(compared).toHaveLength(3)
    for (const row of compared) expect(swept).toContainEqual(row)
  })
})

describe('--key-hash', () => {
  it('gives the numbers of the keys themselves, alone, with columns and beside --key', async () => {
    const prompts = Array.from({ length: 2000 }, (_, i) => ({
      model: i % 3,
      prompt: `prompt ${(i * i) % 97}`,
    }))
    const cwd = folderWith({ 'log.jsonl': prompts.map((row) => JSON.stringify(row)).join('\n') })
    const numbers = async (key: string) =>
      numbersOf(await comparisonOf(`--trace log.jsonl --policies lru,lfu ${key}`, { cwd }))
    expect(await numbers('--key-hash')).toEqual(await numbers('--key prompt'))
    const both = await numbers('--key model,prompt')
    expect(both.keys).toBeGreaterThan(97)
    expect(await numbers('--key-hash model,prompt')).toEqual(both)
    expect(await numbers('--key model,prompt --key-hash')).toEqual(both)
  })
})

describe('the CSV of a sweep', () => {
  it('is tidy: one row a policy and size, a value in every column that has one', async () => {
    const csv = await succeed(
      'sweep --requests 4000 --keys 300 --policies lru,lfu,optimal --sizes 1,5,5%,50 --csv -',
    )
    const [header, ...rows] = csv
      .trim()
      .split('\n')
      .map((line) => line.split(','))
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([header!.length]))
    expect(header).toEqual(expect.arrayContaining(['policy', 'size', 'size_unit', 'hit_rate', 'is_knee']))
    const keys = rows.map(([policy, , size]) => `${policy} ${size}`)
    expect(new Set(keys).size).toBe(keys.length)
    const sizes = new Set(rows.map((row) => row[2]))
    expect(rows).toHaveLength(3 * sizes.size)
    expect([...sizes]).toHaveLength(4)
  })
})
