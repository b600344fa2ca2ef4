import { describe, expect, it } from 'vitest'
import { simulate } from '../../src/experiments/simulate.ts'
import { folderWith } from '../support/cli.ts'

/** What a scenario comes to for a trace of `time, key`. */
async function played(rows: readonly string[], text: string) {
  const folder = folderWith({
    'requests.csv': `ts,key\n${rows.join('\n')}\n`,
    'mine.yaml': `workload: { trace: requests.csv, key: key, time: ts }\n${text}`,
  })
  const { simulated } = await simulate({ scenario: `${folder}/mine.yaml` })
  return { ...simulated, ...simulated.variants[0]! }
}

const QUEUE = 'model: { latency: 10s, workers: 1, price: 1, queue: { limit: 1, timeout: 3s } }\n'

describe('calls that never begin', () => {
  it('cost nothing, and are told apart from those that fail', async () => {
    // a runs from 0 to 10; b waits from 1 to 4; c finds the queue full; d runs from 100 to 110.
    const { with: run } = await played(['0,a', '1,b', '2,c', '100,d'], `${QUEUE}tiers: []`)
    expect(run).toMatchObject({ answers: 2, failures: 2, money: 2 })
    expect(run.model).toMatchObject({ calls: 2, failedCalls: 0, seconds: 20 })
    expect(run.failuresBy).toMatchObject({ queueFull: 1, timeout: 1 })
    // Four calls of 10 s are asked of a worker who has 100 s.
    expect(run.model.offeredLoad).toBeCloseTo(0.4, 12)
    // a and d wait for nothing, b for 3 s.
    expect(run.model.meanQueueingMs).toBe(1000)
  })

  it('cost nothing where the model is paid by time, and an error costs what a prediction does', async () => {
    const byTime = QUEUE.replace('price: 1', 'price: 360/h')
    const { with: run } = await played(['0,a', '1,b', '2,c', '100,d'], `${byTime}tiers: []`)
    expect(run.money).toBeCloseTo(2, 12)
    const outage = 'events: [{ at: 50s, kind: model-outage, for: 60s }]\n'
    const failing = await played(['0,a', '1,b', '2,c', '100,d'], `${QUEUE}${outage}tiers: []`)
    expect(failing.with.model).toMatchObject({ calls: 2, failedCalls: 1 })
    expect(failing.with.money).toBe(2)
  })

  it('save no calls of those that are made', async () => {
    // With the cache: a is called once. Without: at 0 and 20; that at 1 waits to 4, that at 2 finds the queue full.
    const {
      with: run,
      without,
      verdict,
    } = await played(
      ['0,a', '1,a', '2,a', '20,a'],
      `${QUEUE}tiers: [{ capacity: 5, lookup: 0s }]\nonMiss: single-flight`,
    )
    expect(run.model.calls).toBe(1)
    expect(without).toMatchObject({ money: 2, failures: 2 })
    expect(verdict.join(' ')).toContain(
      'The model is called 1 time, 50.0 % less than without, for $1.00 instead of $2.00.',
    )
  })
})
