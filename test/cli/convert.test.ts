import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { comparisonOf, folderWith, run, succeed } from '../support/cli.ts'

const log = (from: number, to: number) =>
  `ts,user,model\n${Array.from({ length: to - from }, (_, i) => `${from + i},u${((from + i) * 7) % 31},m${(from + i) % 2}\n`).join('')}`

describe('convert', () => {
  it('joins files that match a pattern, and what it writes gives the same numbers', async () => {
    const cwd = folderWith({
      'log.1.csv': log(0, 500),
      'log.2.csv': log(500, 900),
      'log.10.csv': log(900, 1400),
    })
    const columns = '--key user,model --time ts'
    await succeed(['convert', 'log.*.csv', 'all.jsonl.gz', ...columns.split(' '), '--quiet'], { cwd })
    const lines = gunzipSync(readFileSync(join(cwd, 'all.jsonl.gz')))
      .toString()
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(1400)
    expect(JSON.parse(lines[1399]!)).toEqual({ time: 1399, key: `u${(1399 * 7) % 31}|m1` })
    const settings = '--policies lru,lfu --size 20 --ttl 90s'
    const one = await comparisonOf(`--trace log.1.csv log.2.csv log.10.csv ${columns} ${settings}`, { cwd })
    const other = await comparisonOf(`--trace all.jsonl.gz ${settings}`, { cwd })
    expect(other.simulated.runs).toEqual(one.simulated.runs)
    expect(other.simulated.workload.requests).toBe(1400)
  })

  it('says how many rows could not be read, and why the first', async () => {
    const cwd = folderWith({ 'log.jsonl': '{"k":"a"}\n{"k":null}\n{"x":1}\n{"k":"b"}\n' })
    const { stderr, code } = await run('convert log.jsonl out.csv --key k --max-bad-rows 2', { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(/2 of 4 rows could not be read; the first, line 2: 'k' \(--key\) is null/)
  })

  it('keeps what a key holds, or says what a file cannot hold', async () => {
    const cwd = folderWith({ 'log.jsonl': '{"key":"a\\u0000b"}\n{"key":"a"}\n' })
    const same = await run('convert log.jsonl same.jsonl', { cwd })
    expect(same.stderr).not.toMatch(/NUL/)
    expect(readFileSync(join(cwd, 'same.jsonl'), 'utf8')).toBe('{"key":"a\\u0000b"}\n{"key":"a"}\n')
    const changed = await run('convert log.jsonl changed.csv', { cwd })
    expect(changed.stderr).toMatch(/1 name of keys hold a NUL/)
  })

  it('says on standard error what it read and wrote, so that standard output is the trace alone', async () => {
    const cwd = folderWith({ 'log.csv': 'time,key,size\n5,a,1\n6,b,2\n' })
    const { stdout, stderr, code } = await run('convert log.csv - --output-format tsv', { cwd })
    expect(code).toBe(0)
    expect(stdout).toBe('time\tkey\tsize\n0\ta\t1\n1\tb\t2\n')
    expect(stderr).toMatch(/note: times look like seconds/)
    const quiet = await run('convert log.csv out.tsv --quiet', { cwd })
    expect(quiet).toMatchObject({ stdout: '', stderr: '', code: 0 })
  })

  it('writes bytes to a file, packed and to standard output, and says what was rounded', async () => {
    const cwd = folderWith({ 'log.csv': 'time,key,size\n5,a,1\n6.5,b,2\n7,a,1\n' })
    const { stderr, code } = await run('convert log.csv log.oracleGeneral.gz', { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(/note: not all keys are numbers/)
    expect(stderr).toMatch(/note: times are rounded down to whole seconds/)
    const bytes = gunzipSync(readFileSync(join(cwd, 'log.oracleGeneral.gz')))
    expect(bytes.length).toBe(72)
    expect([bytes.readUInt32LE(24), bytes.readBigInt64LE(16), bytes.readBigInt64LE(40)]).toEqual([1, 3n, -1n])
    const { simulated } = await comparisonOf('--trace log.oracleGeneral.gz --policies lru --size 1', { cwd })
    expect(simulated.workload).toMatchObject({ requests: 3, keys: 2 })
    const refused = await run('convert log.csv x.oracleGeneral --cost =5', { cwd })
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/holds no costs, which 'log.csv' has: write csv, tsv, jsonl or arrow/)
  })
})
