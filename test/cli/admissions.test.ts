import { describe, expect, it } from 'vitest'
import { folderWith, run } from '../support/cli.ts'

/** Requests for hot keys of 5 bytes among one-hit wonders of 90, each of which takes the model 10 ms or 300 ms. */
const rows = Array.from({ length: 3000 }, (_, at) =>
  at % 3 === 0 ? `h${(at / 3) % 7},5,300` : `o${at},${at % 3 === 1 ? 90 : 5},${at % 3 === 1 ? 300 : 10}`,
)
const files = { 'trace.csv': `key,size,cost_ms\n${rows.join('\n')}\n` }

async function hits(policies: string, ...more: string[]): Promise<Record<string, number>> {
  const args = ['compare', '--trace', 'trace.csv', '--policies', policies, '--json', '-', ...more]
  const { code, stdout } = await run(args, { cwd: folderWith(files) })
  expect(code).toBe(0)
  const { runs } = (JSON.parse(stdout) as { simulated: { runs: { policy: string; hits: number }[] } })
    .simulated
  return Object.fromEntries(runs.map((one) => [one.policy, one.hits]))
}

describe('admission filters on the command line', () => {
  it('run beside the policies they stand behind', async () => {
    // Seven hot keys, each at every 21st request, in room for ten: lru keeps none of them over so many wonders.
    const found = await hits(
      'lru,lru+tinylfu,lru+doorkeeper,lru+max-size(64B)+min-cost(200ms),lru+min-cost(200ms)',
      '--size',
      '10',
    )
    expect(found).toMatchObject({
      lru: 0,
      'lru+max-size(64B)+min-cost(200ms)': 993,
      'lru+min-cost(200ms)': 0,
    })
    expect(found['lru+tinylfu']).toBeGreaterThan(900)
    expect(found['lru+doorkeeper']).toBeGreaterThan(900)
  })

  it('run in bytes, and with settings of their own and of the policy', async () => {
    const chain = 's3-fifo(small=0.2,ghost=1)+doorkeeper(period=50)+max-size(64B)'
    const found = await hits(`lru,${chain}`, '--size', '100B')
    expect(found.lru).toBe(0)
    expect(found[chain]).toBeGreaterThan(800)
  })

  it('are named in tables, curves and verdicts', async () => {
    const args = 'sweep --trace trace.csv --policies lru,lru+tinylfu --sizes 5,10,20'
    const { code, stdout } = await run(args, { cwd: folderWith(files) })
    expect(code).toBe(0)
    expect(stdout).toContain('lru+tinylfu')
    const compared = await run('compare --trace trace.csv --policies lru,lru+tinylfu --size 10', {
      cwd: folderWith(files),
    })
    expect(compared.stdout).toMatch(
      /lru\+tinylfu serves [\d.]+ % of the requests, [\d.]+ points more than lru/,
    )
  })

  it('are listed with their settings', async () => {
    const { stdout } = await run('list admissions')
    for (const text of ['tinylfu', 'doorkeeper', 'limit=1MiB', 'least=100ms', 'p=0.5', 'period=10'])
      expect(stdout).toContain(text)
    const { admissions } = JSON.parse((await run('list admissions --json')).stdout)
    expect(admissions.map(({ name }: { name: string }) => name)).toEqual([
      'tinylfu',
      'doorkeeper',
      'max-size',
      'min-cost',
      'probability',
    ])
    expect((await run('list')).stdout).toMatch(/^admissions$/m)
  })
})
