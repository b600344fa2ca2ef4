import { expect, it } from 'vitest'
import { resultSchema } from '../../src/core/result.ts'
import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'

const options: SweepOptions = { requests: 20_000, keys: 2000, sizes: '10,100,1000', sample: '50%' }

/** Stops it once the label of its progress says so. */
async function stoppedAt(label: string, more: SweepOptions) {
  const stop = { aborted: false }
  return sweep({
    ...options,
    ...more,
    stop,
    onProgress: (progress) => {
      stop.aborted ||= progress.label === label
    },
  })
}

it('a sweep of a sample that is stopped at the exact run of what does not scale says so', async () => {
  const result = await stoppedAt('mru at 100', { policies: 'lru,mru,fifo' })
  resultSchema.parse(result)
  const { partial, runs, estimates, verdict } = result.simulated
  expect(partial).toBe(true)
  expect(runs.map(({ policy, size }) => `${policy} ${size}`)).toEqual(['mru 10'])
  expect(estimates!.policies.map(({ policy, exact }) => [policy, exact])).toEqual([
    ['lru', false],
    ['mru', false],
    ['fifo', false],
  ])
  expect(verdict[0]).toBe('This is a part: it was stopped before mru was run exactly.')
  expect(verdict.at(-1)).toMatch(/^mru does not scale, and was not run exactly before it was stopped/)
})

it('is told of once that it begins, before the first estimate', async () => {
  const told: string[] = []
  await sweep({
    ...options,
    policies: 'lru,mru',
    onBegin: () => told.push('begin'),
    onProgress: ({ label }) => told.push(label),
  })
  expect(told.filter((label) => label === 'begin')).toHaveLength(1)
  expect(told.indexOf('begin')).toBeLessThan(told.indexOf('drawing a sample of the keys'))
})
