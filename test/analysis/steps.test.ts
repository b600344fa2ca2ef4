import { describe, expect, it } from 'vitest'
import { inspectInSteps, inspectionWork, inspectTrace } from '../../src/analysis/inspect.ts'
import { STEP } from '../../src/analysis/steps.ts'
import { createTrace } from '../../src/core/trace.ts'
import { inspect } from '../../src/experiments/inspect.ts'

describe('an inspection in steps', () => {
  const length = 3 * STEP + 5
  const column = (of: (i: number) => number) => Float64Array.from({ length }, (_, i) => of(i))
  const keys = column((i) => (i * i) % 100_003)
  const columns = { keys, times: column((i) => i), sizes: column((i) => i % 7), costs: column((i) => i % 5) }

  it.each([
    ['reads', createTrace(columns)],
    ['reads alone, and said so', createTrace({ ...columns, ops: column(() => 0) })],
    ['reads and writes', createTrace({ ...columns, ops: column((i) => (i % 9 === 0 ? 1 : 0)) })],
  ])('of %s is the one at once, in steps of which none is long', (_, trace) => {
    const steps = inspectInSteps(trace)
    const counted: number[] = []
    let step = steps.next()
    for (; !step.done; step = steps.next()) counted.push(step.value)
    expect(step.value).toEqual(inspectTrace(trace))
    expect(Math.max(...counted)).toBe(STEP)
    const work = counted.reduce((sum, requests) => sum + requests, 0)
    expect(work).toBeLessThanOrEqual(inspectionWork(trace))
    expect(work).toBeGreaterThan(0.5 * inspectionWork(trace))
  })

  it('ends where it is aborted', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const inspection = inspect({
      requests: 1000,
      signal: controller.signal,
      onProgress: ({ label }) => {
        if (label === 'analysing') controller.abort(reason)
      },
    })
    await expect(inspection).rejects.toBe(reason)
  })
})
