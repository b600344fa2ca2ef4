import { describe, expect, it } from 'vitest'
import { createTrace } from '../../src/core/trace.ts'
import { lruCurve } from '../../src/experiments/lru-curve.ts'
import { sweep } from '../../src/experiments/sweep.ts'

describe('lruCurve', () => {
  it('says what a sweep says of the same workload, behind the same warm-up', async () => {
    const workload = { workload: 'chat-prompts', requests: '20k', keys: '2000' }
    for (const [unit, sizes] of [
      ['entries', '1..2000:12'],
      ['bytes', '4MiB..16MiB:8'],
    ] as const) {
      const options = { ...workload, warmup: '20%' }
      const { runs } = (await sweep({ ...options, policies: 'lru', sizes, ttl: 'none' })).simulated
      const curve = await lruCurve({ ...options, unit })
      expect(runs.length).toBeGreaterThan(7)
      for (const { size, hits, requests } of runs)
        expect({ hits, requests }).toEqual({ hits: curve.hitsAt(size), requests: curve.requests })
      expect(runs[0]!.sizeUnit).toBe(unit)
    }
  })

  it('counts no requests of the warm-up, which fill the caches', async () => {
    const curve = await lruCurve({ trace: createTrace({ keys: [1, 2, 1, 2] }), warmup: 1 })
    expect(curve).toMatchObject({ requests: 3, sizes: Float64Array.of(0, 2), hits: Float64Array.of(0, 2) })
  })

  it('ends where it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(lruCurve({ trace: createTrace({ keys: [1] }), signal })).rejects.toThrow('enough')
  })
})
