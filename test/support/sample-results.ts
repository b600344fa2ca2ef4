import type {
  BenchResult,
  CompareResult,
  Inspection,
  InspectResult,
  Run,
  Settings,
  SweepResult,
  WorkloadDescription,
} from '../../src/core/result.ts'

/** Results made by hand for tests of reports: invented, but every sum in them adds up. */

const KEYS = 10_000
const REQUESTS = 100_000
const CEILING = 0.9

export const sampleWorkload: WorkloadDescription = {
  name: 'zipf',
  kind: 'synthetic',
  summary: 'Zipf popularity with α = 1, Poisson arrivals at 50/s',
  seed: '1',
  requests: REQUESTS,
  writes: 0,
  deletes: 0,
  keys: KEYS,
  spanSeconds: 2000,
  totalBytes: null,
  columns: ['times'],
}

export const recordedWorkload: WorkloadDescription = {
  ...sampleWorkload,
  name: 'requests.csv.gz',
  kind: 'recorded',
  summary: 'recorded requests',
  writes: 400,
  deletes: 100,
  totalBytes: 5.5e7,
  columns: ['times', 'sizes', 'costs', 'ops'],
  source: {
    files: ['/data/exports/2024-05/requests.csv.gz'],
    sampleRate: 1,
    format: 'csv',
    compression: 'gzip',
    rows: 104_003,
    filteredRows: 4000,
    badRows: 3,
    badRowSamples: [
      { line: 17, reason: "time 'yesterday' is not a number" },
      { line: 90_210, reason: '3 fields where the header has 5' },
    ],
    columns: { key: ['user_id', 'model'], time: 'ts', cost: 'latency_ms' },
    notes: ['times were taken for milliseconds, from their magnitude (--time-unit overrides)'],
  },
}

export const sampleSettings: Settings = {
  ttl: 'none',
  ttlSeconds: null,
  ttlMode: 'write',
  warmupRequests: 10_000,
  repeats: 1,
  hitLatency: '1ms',
  missLatency: 'lognormal:p50=120ms,p99=900ms',
  storeLatency: '1ms',
  missCost: '$0.002',
  assumed: ['hitLatency', 'storeLatency', 'missCost'],
}

/** How good the invented policies are: the power of the size's share that makes their hit rate. */
const EXPONENTS: Readonly<Record<string, number>> = {
  optimal: 0.11,
  lfu: 0.16,
  lru: 0.22,
  ttl: 0.24,
  fifo: 0.27,
  random: 0.275,
}

/** A run whose counts are consistent; `overrides` replace fields as they stand. */
export function sampleRun(policy: string, size: number, overrides: Partial<Run> = {}): Run {
  const requests = REQUESTS - sampleSettings.warmupRequests
  const share = size / KEYS
  const exponent = EXPONENTS[policy] ?? 0.2 + policy.length / 100
  const hits = Math.round(requests * CEILING * Math.min(1, share) ** exponent)
  const best = Math.round(requests * CEILING * Math.min(1, share) ** EXPONENTS.optimal!)
  const misses = requests - hits
  const compulsory = Math.min(misses, Math.round(requests * (1 - CEILING)))
  const hitRate = hits / requests
  const meanWithout = 163.2
  const mean = 1 + (1 - hitRate) * (meanWithout + 1)
  return {
    policy,
    bound: policy.startsWith('optimal'),
    size,
    sizeUnit: 'entries',
    sizeShare: share,
    ttl: policy === 'ttl' ? 'constant' : 'none',
    ttlSeconds: policy === 'ttl' ? 600 : null,
    requests,
    hits,
    misses,
    hitRate,
    byteHitRate: null,
    costHitRate: null,
    missKinds: { compulsory, capacity: misses - compulsory, expired: 0, invalidated: 0 },
    evictions: Math.max(0, misses - size),
    interval: {
      low: hitRate - 0.0042,
      high: hitRate + 0.0042,
      level: 0.95,
      method: 'batch-means',
      samples: 20,
    },
    shareOfOptimal: best === 0 ? null : hits / best,
    latency: {
      mean,
      p50: hitRate > 0.5 ? 1 : 118,
      p95: 480.25,
      p99: 902.75,
      meanWithout,
      p50Without: 120,
      p95Without: 497.5,
      p99Without: 900,
      reduction: 1 - mean / meanWithout,
    },
    model: {
      calls: misses,
      callsSaved: hits,
      seconds: misses * 0.1632,
      secondsWithout: requests * 0.1632,
      secondsSaved: hits * 0.1632,
    },
    money: { spent: misses * 0.002, spentWithout: requests * 0.002, saved: hits * 0.002 },
    breakEvenHitRate: 0.012,
    ...overrides,
  }
}

export const defaultPolicies = ['lru', 'lfu', 'fifo', 'random', 'ttl', 'optimal']
export const twelvePolicies = [
  ...defaultPolicies,
  'sieve',
  's3-fifo',
  'w-tinylfu',
  'lru-k(k=3)',
  'arc',
  'optimal(bypass=false)',
]

export function sampleCompare(policies: readonly string[] = defaultPolicies, size = 500): CompareResult {
  return {
    schema: 'cachesim/result/1',
    command: 'compare',
    simulated: {
      workload: sampleWorkload,
      settings: sampleSettings,
      runs: policies.map((policy) => sampleRun(policy, size)),
      comparisons: [],
      warnings: ['ttl was given no TTL and took 10 minutes; --ttl sets it.'],
      verdict: [
        'lfu serves 55.7 % of requests from the cache, 9.2 points more than lru; the best possible is 64.7 %.',
        'It saves 55.1 % of the mean latency and $100 of $180.',
      ],
    },
    measured: {
      startedAt: '2024-05-01T12:00:00.000Z',
      totalSeconds: 0.42,
      loadSeconds: 0.11,
      replaySeconds: 0.2,
      threads: 1,
      requestsPerSecond: 3_000_000,
      version: '0.1.0',
    },
  }
}

/** Sizes in equal ratios from 0.1 % to 50 % of the keys. */
export const logSizes = Array.from({ length: 24 }, (_, i) => Math.round(10 * 500 ** (i / 23)))
export const linearSizes = [1000, 2000, 3000, 4000, 5000]

export function sampleSweep(
  policies: readonly string[] = defaultPolicies,
  sizes: readonly number[] = logSizes,
  overrides: Partial<Run> = {},
): SweepResult {
  const runs = policies.flatMap((policy) => sizes.map((size) => sampleRun(policy, size, overrides)))
  const middle = sizes[Math.floor(sizes.length / 2)]!
  return {
    schema: 'cachesim/result/1',
    command: 'sweep',
    simulated: {
      ...sampleCompare(policies).simulated,
      runs,
      knee: policies.map((policy, i) => {
        const size = policy === 'random' ? null : sizes[Math.max(0, sizes.indexOf(middle) - (i % 3))]!
        return {
          policy,
          size,
          hitRate:
            size === null ? null : runs.find((run) => run.policy === policy && run.size === size)!.hitRate,
          ...(size === null && { reason: 'the curve is too straight' }),
          sensitivity: 1,
          from: sizes[0]!,
          to: sizes.at(-1)!,
        }
      }),
      curves: policies.map((policy) => ({
        policy,
        ceiling: CEILING,
        reaches: [0.9, 0.95, 0.99].map((share) => ({
          share,
          size: sizes.find((size) => sampleRun(policy, size).hitRate >= share * CEILING) ?? null,
        })),
        worthwhile: { minimumGain: 0.1, size: policy === 'random' ? null : middle },
      })),
    },
  }
}

/** The same with all that may be known of its curves: lfu is best up to the middle, then lru. */
export function sampleAnswers(sweep: SweepResult = sampleSweep()): SweepResult {
  const { simulated } = sweep
  const sizes = [...new Set(simulated.runs.map(({ size }) => size))]
  const middle = sizes[Math.floor(sizes.length / 2)]!
  const range = { low: sizes[1]!, high: middle, level: 0.95, share: 0.8, samples: 200, uncertain: true }
  const pointCosts = [0.2, 0.25, 0.3, 0.35].map((hitRate, at) => ({
    hitRate,
    size: 40.25 * 2 ** at,
    nextHitRate: hitRate + 0.01,
    extraSize: at === 3 ? null : 3.125 * 4 ** at,
  }))
  const { policy: _, ...knee } = simulated.knee[0]!
  const { policy: __, ...answers } = simulated.curves[0]!
  return {
    ...sweep,
    simulated: {
      ...simulated,
      knee: simulated.knee.map((knee) => ({ ...knee, range })),
      curves: simulated.curves.map((curve) => ({ ...curve, pointCosts })),
      envelope: {
        points: sizes.map((size) => {
          const policy = size <= middle ? 'lfu' : 'lru'
          const { hitRate } = simulated.runs.find((run) => run.policy === policy && run.size === size)!
          return { size, policy, hitRate }
        }),
        knee: { ...knee, range: { ...range, low: null, high: null, share: 0.3 } },
        ...answers,
        pointCosts,
      },
      best: [
        { from: sizes[0]!, to: middle, policy: 'lfu', ties: ['ttl'] },
        { from: middle, to: sizes.at(-1)!, policy: 'lru', ties: [] },
      ],
    },
  }
}

/** Nanoseconds a request, and hits, of an invented benchmark. */
const SPEEDS: Readonly<Record<string, readonly [nanoseconds: number, hits: number]>> = {
  fifo: [9.5, 60_000],
  lru: [14.25, 64_000],
  'lru-k(k=3)': [99, 66_000],
  'lru-cache': [96, 64_000],
  'quick-lru': [120, 67_000],
}

/** A benchmark of two sizes. @param packages as if none of npm's were installed where false */
export function sampleBench(policies = ['fifo', 'lru', 'lru-k(k=3)'], packages = true): BenchResult {
  const sizes = [100, 1000]
  const others = packages ? ['lru-cache', 'quick-lru'] : []
  const spread = (median: number) => ({ median, min: median * 0.96, max: median * 1.31 })
  return {
    schema: 'cachesim/result/1',
    command: 'bench',
    simulated: {
      workload: sampleWorkload,
      runs: sizes.flatMap((size) =>
        policies.map((policy) => {
          const hits = SPEEDS[policy]?.[1] ?? 50_000
          return {
            policy,
            bound: false,
            size,
            sizeUnit: 'entries',
            sizeShare: size / KEYS,
            requests: REQUESTS,
            hits,
            misses: REQUESTS - hits,
            hitRate: hits / REQUESTS,
          }
        }),
      ),
      verdict: ['Every policy counted the same hits in each of its runs.'],
      warnings: ['zipf has no costs, which gdsf cannot do without: they were made up.'],
    },
    measured: {
      ...sampleCompare().measured!,
      node: 'v20.20.2',
      cpu: 'A processor of 2024',
      cores: 8,
      platform: 'linux x64',
      rounds: 3,
      baseline: packages ? 'lru-cache' : null,
      speeds: sizes.flatMap((size) =>
        [...others, ...policies].map((name) => {
          const isPackage = others.includes(name)
          const [nanoseconds = 30, hits = 50_000] = SPEEDS[name] ?? []
          return {
            name,
            kind: isPackage ? 'package' : 'policy',
            version: isPackage ? '11.5.3' : null,
            note: name === 'quick-lru' ? 'holds up to twice its size' : null,
            size,
            sizeUnit: 'entries',
            hits,
            requestsPerSecond: 1e9 / nanoseconds,
            nanosecondsPerRequest: spread(nanoseconds),
            timesBaseline: packages ? spread(96 / nanoseconds) : null,
            aloneNanosecondsPerRequest: isPackage ? null : spread(nanoseconds * 0.75),
            slowdown: isPackage ? null : name === 'lru' ? 0.3333 : -0.04,
            bytesPerKey: isPackage ? 0.0599 : nanoseconds,
          } as const
        }),
      ),
      verdict: ['More than 25 % longer than alone: lru at 100 entries (33 %).'],
      warnings: packages ? [] : ['lru-cache is not installed: npm install lru-cache'],
    },
  }
}

export const sampleInspection: Inspection = {
  reads: 99_500,
  distinctKeys: KEYS,
  oneHitKeys: { keys: 4200, shareOfKeys: 0.42, shareOfRequests: 0.042 },
  compulsoryMissRate: 0.1005,
  hitRateCeiling: 0.8995,
  meanRate: 50.02,
  zipf: { alpha: 0.9871, standardError: 0.0042, goodnessOfFit: 0.0123, verdict: 'good' },
  reuseDistance: {
    quantiles: { p1: 0, p10: 4, p25: 31, p50: 412, p75: 2204, p90: 5302, p99: 8903, max: 9998, mean: 1534.7 },
    reuses: 89_500,
    histogram: [9500, 4000, 4500, 5000, 6000, 7000, 8000, 9000, 9500, 8000, 7000, 5000, 3000, 2500, 1500].map(
      (count, at) => ({ from: at === 0 ? 0 : 2 ** (at - 1), to: 2 ** at, count }),
    ),
    spike: { from: 480, to: 512, share: 0.31 },
  },
  lruSize: { entries: 5000, hitRate: 0.81, shareOfCeiling: 0.9 },
  reuseSeconds: {
    quantiles: {
      p1: 0.02,
      p10: 0.3,
      p25: 1.5,
      p50: 12,
      p75: 95,
      p90: 260,
      p99: 800,
      max: 1985.5,
      mean: 110.25,
    },
    p95: 410.5,
    reuses: 89_500,
    histogram: [
      { from: 0.5, to: 1, count: 19_500 },
      { from: 1, to: 2, count: 20_000 },
      { from: 2, to: 5, count: 0 },
      { from: 5, to: 10, count: 30_000 },
      { from: 10, to: 30, count: 20_000 },
    ],
    within: [1, 10, 60, 600, 3600, 86_400].map((seconds, at) => ({
      seconds,
      share: Math.min(1, 0.2 * (at + 1)),
    })),
  },
  popularity: {
    hotKeys: 100,
    parts: Array.from({ length: 10 }, (_, at) => ({
      requests: 9950,
      newKeys: at === 0 ? 5500 : 500,
      shareOfHotKeys: 0.4 - at / 100,
      keptOfFirst: at === 0 ? null : 0.9 - at / 20,
      keptOfPrevious: at === 0 ? null : 0.85,
    })),
    keptByChance: 0.92,
    neighbours: 0.93,
    distant: 0.71,
    verdict: 'drifting',
  },
  duplicatesInFlight: {
    requests: 1200,
    shareOfRequests: 0.012,
    despiteCache: 300,
    worst: { key: 'user:1042|model-7', duplicates: 17 },
  },
  keyColumns: [
    {
      column: 'user_id',
      values: 4200,
      mostCommon: { value: 'user:1042', shareOfRequests: 0.12 },
      valuesReadOnce: 900,
      hitRateCeilingWithout: 0.9999,
    },
    {
      column: 'model',
      values: 8,
      mostCommon: { value: 'model-7', shareOfRequests: 0.5 },
      valuesReadOnce: 0,
      hitRateCeilingWithout: 0.958,
    },
  ],
  topKeys: [
    { key: 'user:1042|model-7', requests: 10_211, share: 0.1026 },
    { key: 'user:7|model-3', requests: 5105, share: 0.0513 },
    { key: `prompt:${'tell me about '.repeat(20)}caches`, requests: 3403, share: 0.0342 },
    { key: '東京の天気は？🌧️', requests: 2552, share: 0.0256 },
    { key: 'naïve café', requests: 12, share: 0.00012 },
  ],
  valueBytes: {
    p1: 120,
    p10: 300,
    p25: 900,
    p50: 4096,
    p75: 9000,
    p90: 20_000,
    p99: 150_000,
    max: 4e6,
    mean: 5500.5,
  },
  costMilliseconds: {
    p1: 20,
    p10: 45,
    p25: 80,
    p50: 120,
    p75: 210,
    p90: 400,
    p99: 900,
    max: 61_000,
    mean: 163.2,
  },
}

export function sampleInspect(
  inspection: Partial<Inspection> = {},
  workload: WorkloadDescription = recordedWorkload,
): InspectResult {
  return {
    schema: 'cachesim/result/1',
    command: 'inspect',
    simulated: {
      workload,
      warnings: ['3 rows could not be read and were left out.'],
      verdict: ['A cache of every value would serve at most 90.0 % of the reads.'],
      inspection: { ...sampleInspection, ...inspection },
      compareCommand:
        workload.source === undefined
          ? null
          : [
              'cachesim compare',
              `--trace ${workload.source.files[0]}`,
              '--key user_id,model',
              "--where 'status=200 && \\'ok\\''",
              '--policies lru,fifo,lfu,random,optimal',
              '--size 5000',
              '--miss-latency recorded',
            ],
    },
  }
}
