import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { Found } from '../../src/engine/loop.ts'
import { startReplay } from '../support/replay.ts'
import { sharedFolder, sharedLines, sharedNote, sharedPath } from '../support/shared.ts'

/** Our names for the policies whose semantics are those of the independent simulator. */
const names: Record<string, string> = {
  lru: 'lru',
  fifo: 'fifo',
  lfu: 'lfu',
  belady: 'optimal(bypass=false)',
  random: 'random',
}

const oltp = (): Trace => {
  const keys: number[] = []
  for (const line of sharedLines('traces/arc-oltp.lis.gz')) {
    const [start, count] = line.split(' ').map(Number) as [number, number]
    for (let key = start; key < start + count; key++) keys.push(key)
  }
  return createTrace({ name: 'arc-oltp', keys })
}

/** The simulator read this trace in its own format, whose sizes are not those of the CSV. */
const cloudPhysics = (): Trace => {
  const bytes = readFileSync(sharedPath('traces/cloudPhysicsIO.oracleGeneral.bin'))
  const records = Array.from({ length: bytes.length / 24 }, (_, at) => bytes.subarray(at * 24))
  return createTrace({
    name: 'cloudPhysicsIO',
    keys: records.map((record) => Number(record.readBigUInt64LE(4))),
    sizes: records.map((record) => record.readUInt32LE(12)),
  })
}

const adaptSize = (): Trace => {
  const rows = sharedLines('traces/adaptsize.trace.gz').map((line) => line.split(' '))
  return createTrace({
    name: 'adaptsize',
    keys: rows.map((row) => row[1]!),
    sizes: rows.map((row) => Number(row[2])),
  })
}

describe.each([
  { file: 'oltp-objects.csv', unit: 'entries' as const, load: oltp },
  { file: 'cloudphysicsio-objects.csv', unit: 'entries' as const, load: cloudPhysics },
  { file: 'cloudphysicsio-bytes.csv', unit: 'bytes' as const, load: cloudPhysics },
  { file: 'adaptsize-objects.csv', unit: 'entries' as const, load: adaptSize },
  { file: 'adaptsize-bytes.csv', unit: 'bytes' as const, load: adaptSize },
])('the counts of an independent simulator in $file', ({ file, unit, load }) => {
  it.runIf(sharedFolder)(`are ours, to the last miss${sharedNote}`, async () => {
    const trace = load()
    const rows = sharedLines(`golden/${file}`)
      .slice(1)
      .map((line) => line.split(','))
    let compared = 0
    for (const [policy, parameters, size, requests, misses, , missedBytes] of rows) {
      const ours = names[policy!]
      // Belady in bytes has no one meaning: which of several far keys goes decides how many must.
      if (ours === undefined || parameters !== '' || (policy === 'belady' && unit === 'bytes')) continue
      expect(trace.length).toBe(Number(requests))
      const replay = await startReplay(trace, ours, { capacity: Number(size), capacityUnit: unit })
      replay.advance()
      let missed = 0
      let bytes = 0
      replay.outcomes.forEach((found, at) => {
        if (found === Found.resident) return
        missed++
        bytes += trace.sizes?.[at] ?? 1
      })
      if (policy === 'random') {
        // Its random eviction is itself up to 0.3 points off uniform.
        expect(Math.abs(missed - Number(misses)) / trace.length).toBeLessThan(0.006)
      } else {
        expect({ policy, size, misses: missed }).toEqual({ policy, size, misses: Number(misses) })
        if (unit === 'bytes')
          expect({ policy, size, bytes }).toEqual({ policy, size, bytes: Number(missedBytes) })
      }
      compared++
    }
    expect(compared).toBeGreaterThanOrEqual(24)
  })
})

describe('published hit rates', () => {
  const rate = async (trace: Trace, policy: string, capacity: number) => {
    const replay = await startReplay(trace, policy, { capacity })
    replay.advance()
    return replay.outcomes.filter((found) => found === Found.resident).length / trace.length
  }

  it.runIf(sharedFolder)(`LRU on the ARC paper’s OLTP trace${sharedNote}`, async () => {
    const trace = oltp()
    const expected = { 1000: 32.83, 2000: 42.47, 5000: 53.65, 10000: 60.7, 15000: 64.63 }
    for (const [capacity, percent] of Object.entries(expected)) {
      expect(100 * (await rate(trace, 'lru', Number(capacity)))).toBeCloseTo(percent, 2)
    }
  })

  it.runIf(sharedFolder)(`LRU and Belady on a shop’s product pages${sharedNote}`, async () => {
    const trace = createTrace({ name: 'web12', keys: sharedLines('traces/cache2k-web12.txt.gz') })
    for (const [capacity, lru, belady] of [
      [14, 0.1691, 0.3419],
      [138, 0.3979, 0.5854],
      [1376, 0.6849, 0.8004],
    ] as const) {
      expect(await rate(trace, 'lru', capacity)).toBeCloseTo(lru, 4)
      expect(await rate(trace, 'optimal(bypass=false)', capacity)).toBeCloseTo(belady, 4)
    }
  })
})
