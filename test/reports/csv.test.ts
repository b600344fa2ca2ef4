import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import csv from '../../src/reports/csv.ts'
import {
  logSizes,
  sampleAnswers,
  sampleCompare,
  sampleInspect,
  sampleInspection,
  sampleRun,
  sampleSweep,
} from '../support/sample-results.ts'

const options = { color: false, width: 80 }

/** RFC 4180 read character by character, to check the writer against. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    if (quoted && character === '"' && text[i + 1] === '"') {
      cell += '"'
      i++
    } else if (character === '"') quoted = !quoted
    else if (!quoted && (character === ',' || character === '\n')) {
      rows.at(-1)!.push(cell)
      cell = ''
      if (character === '\n') rows.push([])
    } else cell += character
  }
  return rows.slice(0, -1)
}

function records(text: string): Record<string, string>[] {
  const [names, ...rows] = parseCsv(text)
  return rows.map((row) => {
    expect(row).toHaveLength(names!.length)
    return Object.fromEntries(names!.map((name, i) => [name, row[i]!]))
  })
}

describe('csv of runs', () => {
  it('has a row a policy and size, and gives back every number in full', () => {
    const sweep = sampleSweep()
    const rows = records(csv.render(sweep, options))
    expect(rows).toHaveLength(6 * logSizes.length)
    sweep.simulated.runs.forEach((run, i) => {
      const row = rows[i]!
      expect(row.policy).toBe(run.policy)
      expect(row.size_unit).toBe('entries')
      const numbers = {
        size: run.size,
        requests: run.requests,
        hits: run.hits,
        hit_rate: run.hitRate,
        hit_rate_low: run.interval!.low,
        hit_rate_high: run.interval!.high,
        share_of_optimal: run.shareOfOptimal,
        misses_compulsory: run.missKinds.compulsory,
        latency_mean_ms: run.latency.mean,
        latency_p99_without_ms: run.latency.p99Without,
        latency_reduction: run.latency.reduction,
        model_calls_saved: run.model.callsSaved,
        money_saved_dollars: run.money.saved,
        break_even_hit_rate: run.breakEvenHitRate,
      }
      for (const [name, number] of Object.entries(numbers)) expect(Number(row[name])).toBe(number)
      expect(Number(row.hits) + Number(row.misses)).toBe(Number(row.requests))
    })
  })

  it('leaves the cell of what is not known empty', () => {
    const [row] = records(csv.render(sampleCompare(['lru']), options))
    expect(row).toMatchObject({ byte_hit_rate: '', cost_hit_rate: '', ttl_seconds: '', is_knee: '' })
  })

  it('marks one knee a policy that has one', () => {
    const rows = records(csv.render(sampleSweep(), options))
    const knees = rows.filter((row) => row.is_knee === 'true').map((row) => `${row.policy} ${row.size}`)
    const stated = sampleSweep().simulated.knee.filter((knee) => knee.size !== null)
    expect(knees.sort()).toEqual(stated.map((knee) => `${knee.policy} ${knee.size}`).sort())
  })

  it('marks the nearest simulated size where the knee lies between two', () => {
    const sweep = sampleSweep(['lru'], [100, 200, 400])
    sweep.simulated.knee[0]!.size = 270
    const rows = records(csv.render(sweep, options))
    expect(rows.map((row) => row.is_knee)).toEqual(['false', 'true', 'false'])
  })

  it('says what a point takes from the size before, and which policy is best at a size', () => {
    const sweep = sampleAnswers(sampleSweep(['lru', 'lfu'], [100, 200, 400, 1000]))
    const rates = [0.25, 0.5, 0.5, 0.75, 0.5, 0.625, 0.5, 0.75]
    sweep.simulated.runs.forEach((run, at) => {
      run.hitRate = rates[at]!
    })
    const rows = records(csv.render(sweep, options))
    // 100 entries for 25 points, 100 for 25, none gained, 600 for 25; lfu: 100 for 50, 100 for 12.5, a loss, 600 for 25.
    expect(rows.map((row) => row.size_per_point)).toEqual(['4', '4', '', '24', '2', '8', '', '24'])
    expect(rows.map((row) => row.is_best)).toEqual(
      [false, false, false, true, true, true, true, false].map(String),
    )
  })

  it('does not know the best of one policy', () => {
    expect(records(csv.render(sampleSweep(['lru']), options))[0]).toMatchObject({ is_best: '' })
  })

  it('gives back any name of a policy', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const compare = sampleCompare(['lru'])
        compare.simulated.runs[0] = sampleRun(name, 10)
        expect(records(csv.render(compare, options))[0]!.policy).toBe(name)
      }),
    )
  })
})

describe('csv of an inspection', () => {
  it('has a row a measure', () => {
    const [head, ...rows] = parseCsv(csv.render(sampleInspect(), options))
    expect(head).toEqual(['measure', 'value'])
    const measures = Object.fromEntries(rows)
    expect(rows).toHaveLength(Object.keys(measures).length)
    expect(measures).toMatchObject({
      requests: '100000',
      distinct_keys: '10000',
      bad_rows: '3',
      hit_rate_ceiling: '0.8995',
      zipf_alpha: '0.9871',
      reuse_distance_p50_keys: '412',
      value_mean_bytes: '5500.5',
      cost_p99_ms: '900',
      top_key_1: 'user:1042|model-7',
      top_key_3: sampleInspection.topKeys[2]!.key,
    })
  })
})
