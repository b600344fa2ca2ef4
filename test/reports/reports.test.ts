import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Result, Run } from '../../src/core/result.ts'
import { reports } from '../../src/reports/index.ts'
import { displayWidth } from '../../src/reports/text.ts'
import {
  defaultPolicies,
  linearSizes,
  recordedWorkload,
  sampleAnswers,
  sampleBench,
  sampleCompare,
  sampleInspect,
  sampleRun,
  sampleSettings,
  sampleSweep,
  sampleWorkload,
  twelvePolicies,
} from '../support/sample-results.ts'

const unknowns: Partial<Run> = {
  interval: null,
  shareOfOptimal: null,
  byteHitRate: null,
  costHitRate: null,
  breakEvenHitRate: null,
  money: { spent: 0, spentWithout: 0, saved: 0 },
}
const everythingKnown: Partial<Run> = { byteHitRate: 0.412, costHitRate: 0.634, ttlSeconds: 3600 }
const hostile = '\u001b[31mred\u001b[0m\r\n\t| `x` \u202egnp.exe <script> "a,b" * _ $1 $2 \ud800 \u0007'

function unmeasured<R extends Result>({ measured: _, ...result }: R): Omit<R, 'measured'> {
  return result
}

function withRuns<R extends Exclude<Result, { command: 'inspect' | 'bench' }>>(result: R, runs: Run[]): R {
  return { ...result, simulated: { ...result.simulated, runs } }
}

const compare = sampleCompare()
const samples: Record<string, Result> = {
  compare,
  'compare of one policy': sampleCompare(['lru']),
  'compare of twelve policies': sampleCompare(twelvePolicies),
  'compare with everything known': withRuns(
    compare,
    defaultPolicies.map((policy) => sampleRun(policy, 500, everythingKnown)),
  ),
  'compare with nothing known': withRuns(
    compare,
    defaultPolicies.map((policy) => sampleRun(policy, 500, unknowns)),
  ),
  'compare without a hit': withRuns(compare, [
    sampleRun('lru', 0, { hits: 0, misses: 90_000, hitRate: 0, interval: null, shareOfOptimal: null }),
  ]),
  'compare at a size of 1': sampleCompare(defaultPolicies, 1),
  'compare at several sizes': withRuns(compare, [...sampleCompare().simulated.runs, sampleRun('lru', 1000)]),
  'compare in bytes': withRuns(
    compare,
    defaultPolicies.map((policy) => sampleRun(policy, 67_108_864, { sizeUnit: 'bytes', sizeShare: 0.25 })),
  ),
  'compare of nothing': withRuns(compare, []),
  'compare with long and hostile names': {
    ...compare,
    simulated: {
      ...compare.simulated,
      workload: {
        ...sampleWorkload,
        name: hostile,
        summary: `${hostile} ${'long'.repeat(60)}`,
        seed: hostile,
      },
      settings: { ...sampleSettings, missLatency: hostile, assumed: ['keys', 'policies', hostile] },
      runs: [sampleRun(hostile.repeat(3), 500), sampleRun(`./${'policies/'.repeat(15)}mine.js`, 500)],
      warnings: [hostile],
      verdict: [hostile],
    },
  },
  sweep: sampleSweep(),
  'sweep of one policy': sampleSweep(['lru']),
  'sweep of twelve policies': sampleSweep(twelvePolicies),
  'sweep of sizes in equal steps': sampleSweep(defaultPolicies, linearSizes),
  'sweep of one size': sampleSweep(defaultPolicies, [500]),
  'sweep of a size of 1': sampleSweep(defaultPolicies, [1]),
  'sweep of sizes 0 and 1': sampleSweep(defaultPolicies, [0, 1]),
  'sweep of two sizes far apart': sampleSweep(defaultPolicies, [1, 10_000]),
  'sweep with flat curves': sampleSweep(['lru', 'lfu'], linearSizes, { hits: 0, misses: 90_000, hitRate: 0 }),
  'sweep with all hits': sampleSweep(['lru', 'lfu'], linearSizes, { hits: 90_000, misses: 0, hitRate: 1 }),
  'sweep in bytes': sampleSweep(defaultPolicies, [2 ** 16, 2 ** 20, 2 ** 24, 2 ** 30], { sizeUnit: 'bytes' }),
  'sweep of nothing': {
    ...sampleSweep([]),
    simulated: { ...sampleSweep([]).simulated, knee: [], curves: [] },
  },
  'sweep of a hostile policy': sampleSweep([hostile]),
  'sweep with all that may be known': sampleAnswers(),
  'sweep with all that may be known in bytes': sampleAnswers(
    sampleSweep(defaultPolicies, [2 ** 16, 2 ** 20, 2 ** 24, 2 ** 30], { sizeUnit: 'bytes' }),
  ),
  'sweep of sizes 0 and 1 with all that may be known': sampleAnswers(sampleSweep(defaultPolicies, [0, 1])),
  bench: sampleBench(),
  'bench of one policy, without packages': sampleBench(['lru'], false),
  'bench of a hostile policy': sampleBench([hostile]),
  'bench without wall times': unmeasured(sampleBench()),
  inspect: sampleInspect(),
  'inspect with nothing known': sampleInspect(
    {
      meanRate: null,
      zipf: null,
      reuseDistance: null,
      lruSize: null,
      reuseSeconds: null,
      popularity: null,
      duplicatesInFlight: null,
      keyColumns: null,
      topKeys: [],
      valueBytes: null,
      costMilliseconds: null,
    },
    { ...sampleWorkload, spanSeconds: null, columns: [] },
  ),
  'inspect of hostile keys': sampleInspect(
    {
      topKeys: [hostile, '', ' ', '|', '`', '``a', 'ก็็็็็', '👩‍👩‍👧‍👦'.repeat(20)].map((key) => ({
        key,
        requests: 7,
        share: 0.1,
      })),
      duplicatesInFlight: {
        requests: 2,
        shareOfRequests: 0.1,
        despiteCache: 1,
        worst: { key: hostile, duplicates: 1 },
      },
      keyColumns: [hostile, 'b'].map((column) => ({
        column,
        values: 0,
        mostCommon: { value: hostile, shareOfRequests: 0 },
        valuesReadOnce: 0,
        hitRateCeilingWithout: 0,
      })),
    },
    {
      ...recordedWorkload,
      name: hostile,
      source: {
        ...recordedWorkload.source!,
        files: [hostile],
        columns: { key: [hostile, 'b'], [hostile]: hostile },
        notes: [hostile],
        badRowSamples: [{ line: 1, reason: hostile }],
      },
    },
  ),
}

const ansi = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g')

describe.each(Object.entries(samples))('every report of %s', (_name, result) => {
  it.each(reports.all)('$name: text without undefined or NaN that ends in one newline', (report) => {
    for (const color of [false, true]) {
      const text = report.render(result, { color, width: 80 })
      expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/)
      expect(text).toMatch(/[^\n]\n$/)
    }
  })

  it.each([60, 80, 120])('terminal: no line is wider than %i columns', (width) => {
    const lines = reports.get('terminal').render(result, { color: false, width }).split('\n')
    // A word of a command cannot be broken.
    const breakable = lines.filter((line) => !line.startsWith('    --'))
    expect(breakable.filter((line) => displayWidth(line) > width)).toEqual([])
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([])
  })

  it.each([60, 80, 120])('terminal: colours change no character at %i columns', (width) => {
    const plain = reports.get('terminal').render(result, { color: false, width })
    const coloured = reports.get('terminal').render(result, { color: true, width })
    const trimmed = coloured.replaceAll(ansi, '').replace(/ +$/gm, '')
    expect(coloured).not.toBe(plain)
    expect(trimmed).toBe(plain)
  })

  it.each(['terminal', 'markdown'])(
    '%s: no control, format or surrogate character reaches the reader',
    (name) => {
      const text = reports.get(name).render(result, { color: false, width: 80 })
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
    },
  )
})

describe('the registry of reports', () => {
  it('holds reports that all show every command', () => {
    expect(reports.names).toEqual(['terminal', 'csv', 'json', 'markdown'])
    for (const report of reports.all)
      expect(report.commands).toEqual(['compare', 'sweep', 'inspect', 'bench', 'simulate'])
  })

  it('gives the same bytes for the same result, and leaves the result as it was', () => {
    for (const report of reports.all) {
      for (const result of Object.values(samples)) {
        const before = JSON.stringify(result)
        const once = report.render(result, { color: true, width: 90 })
        expect(report.render(JSON.parse(before), { color: true, width: 90 })).toBe(once)
        expect(JSON.stringify(result)).toBe(before)
      }
    }
  })

  it('renders any rates, sizes and widths without breaking a line', () => {
    const sizes = fc.uniqueArray(fc.integer({ min: 0, max: 20_000_000 }), { minLength: 1, maxLength: 12 })
    const rates = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 36, maxLength: 36 })
    fc.assert(
      fc.property(sizes, rates, fc.integer({ min: 40, max: 200 }), (unsorted, hitRates, width) => {
        const sorted = unsorted.toSorted((a, b) => a - b)
        const sweep = sampleSweep(['lru', 'fifo', 'optimal'], sorted)
        const runs = sweep.simulated.runs.map((run, i) => ({ ...run, hitRate: hitRates[i % 36]! }))
        const text = reports.get('terminal').render(withRuns(sweep, runs), { color: false, width })
        expect(text).not.toMatch(/undefined|NaN|Infinity/)
        for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(width)
      }),
      { numRuns: 60 },
    )
  })
})
