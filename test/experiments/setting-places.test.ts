import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { simulate } from '../../src/experiments/simulate.ts'
import { folderWith } from '../support/cli.ts'

/** Without sizes, costs or TTLs. */
const requests = 'when,prompt\n0,a\n1,b\n2,a\n'
const trace = '{ trace: requests.csv, key: prompt, time: when }'

async function refusal(text: string, options: object = {}): Promise<string> {
  const cwd = folderWith({ 'mine.yaml': text, 'requests.csv': requests, 'bare.txt': 'a\nb\n' })
  const path = join(cwd, 'mine.yaml')
  const error = await simulate({ scenario: path, ...options }).then(
    () => new Error('it was accepted'),
    (thrown: Error) => thrown,
  )
  return error.message.replaceAll(`${cwd}/`, '')
}

describe('what only the requests show to be wrong is said with line and column', () => {
  it.each([
    ['story: x\nworkload: nosuch', "mine.yaml:2:11: unknown workload 'nosuch'"],
    ['workload:\n  recipe: nosuch', "mine.yaml:2:11: unknown workload 'nosuch'"],
    ['workload: { trace: gone.csv }', 'mine.yaml:1:20: '],
    [
      'workload: { trace: requests.csv, key: prompt, time: ts }',
      "mine.yaml:1:53: 'time': there is no column 'ts' in",
    ],
    ['workload: { trace: requests.csv, key: promt, time: when }', 'mine.yaml:1:39: '],
    ['workload: { trace: bare.txt, key: 1 }', "name their column with 'time'"],
    [
      `workload: ${trace}\nevents: [{ at: 1s, kind: model-update, prefix: z }]`,
      'mine.yaml:2:48: no key begins with',
    ],
    [
      `workload: ${trace}\ntiers:\n  - capacity: 10MiB`,
      "mine.yaml:3:15: 'capacity' of tier 'shared' is in bytes",
    ],
    [`workload: ${trace}\nmodel:\n  latency: recorded`, "mine.yaml:3:12: the model's latency is 'recorded'"],
    [`workload: ${trace}\ntiers:\n  - ttl: recorded`, "mine.yaml:3:10: tier 'shared' takes TTLs as recorded"],
    [
      `workload: ${trace}\ntiers:\n  - policy: ttl`,
      "mine.yaml:3:13: policy 'ttl' of tier 'shared' needs a TTL",
    ],
  ])('%j', async (text, message) => {
    const said = await refusal(text)
    expect(said).toContain(message)
    expect(said).toMatch(/^mine\.yaml:\d+:\d+: /)
    expect(said).not.toContain('--time ')
  })

  it('but of a change or a flag where it is these that are wrong', async () => {
    expect(await refusal(`workload: ${trace}`, { vary: ['tiers.0.capacity=3,1MiB'] })).toMatch(
      /^--vary tiers\.0\.capacity=1MiB: 'capacity' of tier/,
    )
    expect(await refusal('workload: zipf', { vary: ['workload=zipf,nosuch'] })).toMatch(
      /^--vary workload=nosuch: unknown workload 'nosuch'/,
    )
    expect(await refusal(`workload: ${trace}`, { rate: 'fast' })).toMatch(/^--rate 'fast' is not understood/)
    expect(await refusal(`workload: ${trace}`, { time: 'ts' })).toMatch(/^[^:]*--time/)
  })
})
