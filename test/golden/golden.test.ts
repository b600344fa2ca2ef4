import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { Found } from '../../src/engine/loop.ts'
import { type ReadTraceOptions, readTrace } from '../../src/formats/index.ts'
import { startReplay } from '../support/replay.ts'
import { sharedFolder, sharedLines, sharedNote, sharedPath } from '../support/shared.ts'

/** Our names for the policies whose semantics are those of the independent simulator, with its settings if any. */
const names: Record<string, string> = {
  lru: 'lru',
  fifo: 'fifo',
  lfu: 'lfu',
  belady: 'optimal(bypass=false)',
  random: 'random',
  gdsf: 'gdsf',
  randomTwo: 'random-two-choices',
  hyperbolic: 'hyperbolic',
  beladySize: 'belady-size(samples=128,bypass=false)',
  lecar: 'lecar(keepCounts=false)',
  // On traces of less than a million requests it never reckons anew.
  lhd: 'lhd(interval=1048576)',
  clock: 'clock',
  'clock n-bit-counter=2': 'clock(bits=2)',
  slru: 'slru',
  'slru n-seg=2': 'slru(segments=2)',
  twoq: '2q',
  arc: 'arc',
  lirs: 'lirs',
  sieve: 'sieve',
  s3fifov0: 's3-fifo',
  s3fifo: 's3-fifo(fillMain=true)',
  's3fifo small-size-ratio=0.2,ghost-size-ratio=0.5,move-to-main-threshold=1':
    's3-fifo(small=0.2,ghost=0.5,threshold=1,fillMain=true)',
  car: 'car',
  clockpro: 'clock-pro',
  cacheus: 'cacheus',
}

const largest = (trace: Trace) => trace.sizes!.reduce((a, b) => Math.max(a, b))

/** How far apart the miss rates may be, as a share of all requests, where counts are not the same. */
const tolerances: Record<string, number> = {
  random: 0.003,
  randomTwo: 0.003,
  hyperbolic: 0.003,
  beladySize: 0.001,
  // Its history is one for both and notes victims that both chose.
  lecar: 0.003,
  // A hit on an HIR key that left the stack there demotes a LIR key, which the paper does not.
  lirs: 0.0002,
  lhd: 0.003,
}

/**
 * Of policies that draw, the mean of five seeds is compared, where that is quick. Runs of lecar on the longest trace
 * differ by 0.2 points at most, those of hyperbolic, lhd and beladySize by 0.05, 0.3 and 0.05 on all.
 */
const seedsFor = (policy: string, trace: Trace) =>
  policy === 'random' || policy === 'randomTwo' || (policy === 'lecar' && trace.length < 200_000)
    ? ['1', '2', '3', '4', '5']
    : ['1']

/**
 * How far apart single sizes are, where that is more. It draws a slot of its hash table and takes what stands first in
 * it, so that not all residents have the same chance; ours have, as the closed form for random confirms, and runs of ours
 * differ by 0.3 points at most, on the largest trace by 0.17.
 */
const exceptions: Record<string, number> = {
  'random oltp-objects.csv 2000': 0.004,
  'random oltp-objects.csv 5000': 0.005,
  'random oltp-objects.csv 10000': 0.005,
  'random oltp-objects.csv 20000': 0.006,
  'random adaptsize-bytes.csv 1048576': 0.004,
  'random adaptsize-bytes.csv 2097152': 0.004,
  'randomTwo oltp-objects.csv 2000': 0.004,
  'randomTwo oltp-objects.csv 5000': 0.004,
  'randomTwo oltp-objects.csv 20000': 0.004,
  'hyperbolic cloudphysicsio-objects.csv 40000': 0.004,
  // Why is not known; runs of ours differ by 0.35 here.
  'lecar adaptsize-objects.csv 2000': 0.006,
}

/** Where its semantics are its own, so that its count is not ours. */
const differs: Record<string, (row: { unit: string; size: number; trace: Trace }) => boolean> = {
  // A hit there evicts what its shares leave over, though the cache has room: a remainder of the division, and in bytes
  // always; and it refuses what is larger than a share.
  slru: ({ unit, size }) => unit === 'bytes' || size % 4 !== 0,
  'slru n-seg=2': ({ unit, size }) => unit === 'bytes' || size % 2 !== 0,
  // It refuses values larger than the share of newcomers.
  twoq: ({ unit, size, trace }) => unit === 'bytes' && largest(trace) > Math.floor(size / 4),
  // In bytes, one ghost there makes way for a newcomer of any size, and the target moves by single bytes.
  arc: ({ unit }) => unit === 'bytes',
  // It refuses what is larger than the HIR share.
  lirs: ({ unit }) => unit === 'bytes',
  // In bytes, a history there discounts regrets by the bytes of the cache, not by its entries. At one size it misses 0.9
  // points more than the mean of our runs, which differ by 0.6; why is not known.
  lecar: ({ unit, size, trace }) => unit === 'bytes' || (trace.length === 113_872 && size === 10_000),
  // It refuses values as large as the share of newcomers.
  s3fifov0: ({ unit, size, trace }) => unit === 'bytes' && largest(trace) >= Math.floor(size * 0.1),
  s3fifo: ({ unit, size, trace }) => unit === 'bytes' && largest(trace) >= Math.floor(size * 0.1),
  's3fifo small-size-ratio=0.2,ghost-size-ratio=0.5,move-to-main-threshold=1': ({ unit, size, trace }) =>
    unit === 'bytes' && largest(trace) >= Math.floor(size * 0.2),
  // It drops ghosts at other moments than the paper.
  car: () => true,
  // It declines newcomers, which the paper does not.
  clockpro: () => true,
  // It evicts while there is room, and its hit rates are whole numbers.
  cacheus: () => true,
}

/** How near ours come, over all rows. */
interface Nearness {
  rows: number
  equal: number
  /** The largest difference of the miss rates, as a share of all requests. */
  apart: number
}
const nearness = new Map<string, { simulator: string; entries: Nearness; bytes: Nearness }>()

function note(simulator: string, unit: 'entries' | 'bytes', equal: boolean, apart: number): void {
  const nothing = () => ({ rows: 0, equal: 0, apart: 0 })
  const noted = nearness.get(names[simulator]!) ?? { simulator, entries: nothing(), bytes: nothing() }
  nearness.set(names[simulator]!, noted)
  noted[unit].rows++
  if (equal) noted[unit].equal++
  noted[unit].apart = Math.max(noted[unit].apart, apart)
}

const read = (name: string, options: ReadTraceOptions = {}) =>
  readTrace(sharedPath(`traces/${name}`), options)

const oltp = () => read('arc-oltp.lis.gz')
/** The simulator read this trace in its own format, whose sizes are not those of the other two. */
const cloudPhysics = () => read('cloudPhysicsIO.oracleGeneral.bin')
const adaptSize = () => read('adaptsize.trace.gz', { key: ['2'], valueSize: '3' })

const entries = { unit: 'entries', only: Object.keys(names) } as const
const bytes = { unit: 'bytes', only: Object.keys(names) } as const
const few = { unit: 'entries', only: ['lru', 'fifo', 'lfu'] } as const

describe.each([
  { file: 'oltp-objects.csv', from: 'arc', ...entries, load: oltp },
  { file: 'cloudphysicsio-objects.csv', from: 'oracle-general', ...entries, load: cloudPhysics },
  { file: 'cloudphysicsio-objects.csv', from: 'vscsi', ...few, load: () => read('cloudPhysicsIO.vscsi.gz') },
  {
    file: 'cloudphysicsio-objects.csv',
    from: 'csv',
    ...few,
    load: () => read('cloudPhysicsIO.csv.gz', { key: ['lbn'] }),
  },
  { file: 'cloudphysicsio-bytes.csv', from: 'oracle-general', ...bytes, load: cloudPhysics },
  { file: 'adaptsize-objects.csv', from: 'csv', ...entries, load: adaptSize },
  { file: 'adaptsize-bytes.csv', from: 'csv', ...bytes, load: adaptSize },
])(
  'the counts of an independent simulator in $file, of a trace read as $from',
  ({ file, from, unit, load, only }) => {
    it.runIf(sharedFolder)(`are ours, to the last miss${sharedNote}`, { timeout: 180_000 }, async () => {
      const trace = await load()
      expect(trace.source!.format).toBe(from)
      const rows = sharedLines(`golden/${file}`)
        .slice(1)
        // Only settings stand in quotes, because of their commas.
        .map((line) =>
          Array.from(line.matchAll(/"(.*)"|([^,]+)|(?<=,)(?=,)/g), (field) => field[1] ?? field[0]),
        )
      let compared = 0
      for (const [name, parameters, size, requests, misses, , missedBytes] of rows) {
        const policy = `${name} ${parameters}`.trim()
        const ours = (only as readonly string[]).includes(policy) ? names[policy] : undefined
        if (ours === undefined) continue
        expect(trace.length).toBe(Number(requests))
        const seeds = seedsFor(policy, trace)
        let missed = 0
        let bytes = 0
        for (const seed of seeds) {
          const cache = { capacity: Number(size), capacityUnit: unit }
          const replay = await startReplay(trace, ours, cache, seed)
          replay.advance()
          const { outcomes } = replay
          for (let at = 0; at < trace.length; at++) {
            if (outcomes[at] === Found.resident) continue
            missed++
            bytes += trace.sizes?.[at] ?? 1
          }
        }
        missed /= seeds.length
        bytes /= seeds.length
        const apart = Math.abs(missed - Number(misses)) / trace.length
        const equal = missed === Number(misses) && (unit === 'entries' || bytes === Number(missedBytes))
        if (only !== few.only) note(policy, unit, equal, apart)
        if (differs[policy]?.({ unit, size: Number(size), trace })) continue
        const tolerance = exceptions[`${policy} ${file} ${size}`] ?? tolerances[policy]
        if (tolerance !== undefined) {
          expect({ policy, size, unit, apart, near: apart < tolerance }).toMatchObject({ near: true })
        } else {
          expect({ policy, size, misses: missed }).toEqual({ policy, size, misses: Number(misses) })
          if (unit === 'bytes')
            expect({ policy, size, bytes }).toEqual({ policy, size, bytes: Number(missedBytes) })
        }
        compared++
      }
      expect(compared).toBeGreaterThanOrEqual(24)
    })
  },
)

it.runIf(sharedFolder)(`docs/fidelity.md says how near all of them come${sharedNote}`, async () => {
  const path = fileURLToPath(new URL('../../docs/fidelity.md', import.meta.url))
  const cells = ({ rows, equal, apart }: Nearness) => [
    `${equal} of ${rows}`,
    apart === 0 ? '' : (100 * apart).toFixed(3),
  ]
  const lines = Array.from(nearness, ([ours, { simulator, entries, bytes }]) =>
    [`\`${ours}\``, simulator, ...cells(entries), ...cells(bytes)].join(' | '),
  )
  const table = [
    'policy | its name there | entries: equal | largest difference | bytes: equal | largest difference',
    '--- | --- | --- | --- | --- | ---',
    ...lines,
  ].map((line) => `| ${line} |\n`)
  const text = readFileSync(path, 'utf8').replace(
    /<!-- counts -->\n.*?<!-- end -->/s,
    () => `<!-- counts -->\n${table.join('')}<!-- end -->`,
  )
  await expect(text).toMatchFileSnapshot(path)
})

describe('published hit rates', () => {
  const rate = async (trace: Trace, policy: string, capacity: number) => {
    const replay = await startReplay(trace, policy, { capacity })
    replay.advance()
    return replay.outcomes.filter((found) => found === Found.resident).length / trace.length
  }

  it.runIf(sharedFolder)(`LRU and ARC on the ARC paper’s OLTP trace${sharedNote}`, async () => {
    const trace = await oltp()
    for (const [capacity, lru, arc] of [
      [1000, 32.83, 38.93],
      [2000, 42.47, 46.08],
      [5000, 53.65, 55.25],
      [10000, 60.7, 61.87],
      [15000, 64.63, 65.4],
    ] as const) {
      expect(100 * (await rate(trace, 'lru', capacity))).toBeCloseTo(lru, 2)
      // The paper does not say how its target is rounded: at the smallest size that is worth 0.02 points.
      expect(Math.abs(100 * (await rate(trace, 'arc', capacity)) - arc)).toBeLessThan(0.025)
    }
  })

  it.runIf(sharedFolder)(
    `LIRS on the same, as the ARC paper gives it for a stack without limit${sharedNote}`,
    async () => {
      const trace = await oltp()
      const expected = { 1000: 34.8, 2000: 42.51, 10000: 60.35, 15000: 63.99 }
      for (const [capacity, percent] of Object.entries(expected)) {
        expect(100 * (await rate(trace, 'lirs(stack=1000)', Number(capacity)))).toBeCloseTo(percent, 2)
      }
    },
  )

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
