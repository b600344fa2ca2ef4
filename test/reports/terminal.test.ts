import { describe, expect, it } from 'vitest'
import type { Result } from '../../src/core/result.ts'
import terminal from '../../src/reports/terminal.ts'
import { displayWidth } from '../../src/reports/text.ts'
import {
  defaultPolicies,
  linearSizes,
  logSizes,
  sampleAnswers,
  sampleCompare,
  sampleInspect,
  sampleRun,
  sampleSettings,
  sampleSweep,
} from '../support/sample-results.ts'

const render = (result: Result, width = 80) => terminal.render(result, { color: false, width })
const linesOf = (result: Result, width = 80) => render(result, width).split('\n')

/** The rows of the plot itself: what stands right of the axis. */
function plotRows(result: Result, width = 80): string[] {
  return linesOf(result, width)
    .filter((line) => /^ *(\d+(\.\d+)? % )? *[┤│]/.test(line))
    .map((line) => line.slice(line.search(/[┤│]/) + 1))
}

describe('the header', () => {
  it('says what was simulated, and which settings nobody gave', () => {
    const text = render(sampleCompare(), 100)
    expect(text.slice(0, text.indexOf('\n\n'))).toMatchInlineSnapshot(`
      "compare zipf
        workload  Zipf popularity with α = 1, Poisson arrivals at 50/s
        traffic   100,000 requests · 10,000 distinct keys · over 33.3 min
        cache     500 entries (5 % of the keys) · no TTL · the first 10,000 requests only fill it
        latency   hit 1ms (assumed) · miss lognormal:p50=120ms,p99=900ms · store 1ms (assumed)
        price     $0.002 a model call (assumed)
        seed      1"
    `)
  })

  it('lists assumptions it shows nowhere else, so that none is hidden', () => {
    const compare = sampleCompare()
    compare.simulated.settings = { ...sampleSettings, assumed: ['size', 'warm weather'], missCost: '0.5' }
    const text = render(compare)
    expect(text).toContain('500 entries (5 % of the keys) (assumed)')
    expect(text).toContain('$0.5 a model call\n')
    expect(text).toContain('assumed   warm weather')
  })

  it('says how long entries live', () => {
    const said = (settings: Partial<typeof sampleSettings>) => {
      const compare = sampleCompare()
      compare.simulated.settings = { ...sampleSettings, warmupRequests: 0, ...settings }
      return /of the keys\) · (.+)/.exec(render(compare, 100))![1]
    }
    expect(said({})).toBe('no TTL')
    expect(said({ ttl: 'constant', ttlSeconds: 5 })).toBe('TTL 5 s from the write')
    expect(said({ ttl: 'recorded', ttlMode: 'idle' })).toBe('TTL as recorded, from the last use')
    expect(said({ ttl: 'recorded', assumed: ['ttl'] })).toBe('TTL as recorded, from the write (assumed)')
    expect(said({ ttl: 'none', assumed: ['ttl'] })).toBe('no TTL (assumed)')
  })
})

describe('a comparison', () => {
  it('names the TTL of a policy that gives one to entries for which none is recorded', () => {
    const compare = sampleCompare()
    for (const run of compare.simulated.runs) run.ttl = 'recorded'
    expect(render(compare, 84)).toMatch(/\n {2}ttl \(else 10 min\) +43\.9 %/)
  })

  it('ranks policies and sets the bound apart at the bottom', () => {
    const table = linesOf(sampleCompare(), 84).slice(9, 20).join('\n')
    expect(table).toMatchInlineSnapshot(`
      "
                                     share     mean          latency   calls    money
        policy (TTL)     hit rate  of best  latency     p99    saved   saved    saved
        ─────────────────────────────────────────────────────────────────────────────
        lfu           55.7 % ±0.4   86.1 %  73.7 ms  903 ms   54.8 %  50,156  $100.31
        lru           46.6 % ±0.4   71.9 %  88.7 ms  903 ms   45.6 %  41,904   $83.81
        ttl (10 min)  43.9 % ±0.4   67.7 %  93.2 ms  903 ms   42.9 %  39,467   $78.93
        fifo          40.1 % ±0.4   61.9 %  99.4 ms  903 ms   39.1 %  36,075   $72.15
        random        39.5 % ±0.4   61.0 %   100 ms  903 ms   38.5 %  35,539   $71.08
        ─────────────────────────────────────────────────────────────────────────────
        optimal       64.7 % ±0.4  100.0 %  58.9 ms  903 ms   63.9 %  58,260  $116.52"
    `)
  })

  it('keeps p99 latency and all the rest at 80 columns', () => {
    const compare = sampleCompare()
    for (const run of compare.simulated.runs) {
      run.model.callsSaved *= 15
      run.money.saved *= 400
    }
    expect(render(compare, 80)).not.toContain('not shown')
  })

  it('drops the least important columns of a narrow terminal and says which', () => {
    const text = render(sampleCompare(), 60)
    expect(text).toMatch(/not shown at this width: .*mean latency/)
    expect(text).toMatch(/lfu +55\.7 % ±0\.4 /)
  })

  it('shows money and rates of bytes and model time only where they are known', () => {
    const plain = render(sampleCompare(), 120)
    expect(plain).not.toMatch(/byte/)
    const free = sampleCompare()
    free.simulated.runs = defaultPolicies.map((policy) =>
      sampleRun(policy, 500, {
        byteHitRate: 0.31,
        costHitRate: 0.62,
        money: { spent: 0, spentWithout: 0, saved: 0 },
      }),
    )
    const text = render(free, 120)
    expect(text).toMatch(/31\.0 % +62\.0 %/)
    expect(text).not.toMatch(/money/)
  })

  it('keeps all of a sweep within the width, names of policies and the time it took too', () => {
    const long = 'random-two-choices(choices=3)+tinylfu(doorkeeper=false)+probability(p=0.25)'
    const measured = {
      startedAt: '2026-01-01T00:00:00.000Z',
      totalSeconds: 123.4,
      loadSeconds: 1,
      replaySeconds: 100,
      threads: 1,
      requestsPerSecond: 1_230_000,
      version: '1.0.0',
    }
    const swept = { ...sampleSweep(['lru', long]), measured }
    for (const width of [40, 60, 80])
      expect(linesOf(swept, width).filter((line) => displayWidth(line) > width)).toEqual([])
    expect(render(swept, 40)).toMatch(/─B─ random\S+…\S+25\)\n/)
  })

  it('names some of many ties', () => {
    const policies = Array.from({ length: 12 }, (_, at) => `p${at}`)
    const compare = sampleCompare(policies)
    compare.simulated.runs.forEach((run, at) => {
      run.hitRate = 0.5 - at / 1000
      run.hits = run.hitRate * run.requests
    })
    compare.simulated.comparisons = policies.slice(1).map((worse, at) => {
      return { size: 500, better: `p${at}`, worse, difference: 0.001, low: -1, high: 1, tie: true }
    })
    expect(render(compare, 200)).toMatch(/ties \(.+\): p0 = p1, (p\d = p\d, ){6}p7 = p8 and 3 more\n/)
  })

  it('draws the bars to the scale of the bound', () => {
    const compare = sampleCompare(['lru', 'fifo', 'optimal'])
    const [lru, fifo, optimal] = compare.simulated.runs
    compare.simulated.runs = [
      { ...lru!, hitRate: 0.6 },
      { ...fifo!, hitRate: 0.2 },
      { ...optimal!, hitRate: 0.8 },
    ]
    const bar = (name: string) =>
      linesOf(compare).find((line) => line.startsWith(`  ${name} `) && /[█░]/.test(line))!
    const count = (text: string, glyph: string) => text.split(glyph).length - 1
    expect(count(bar('optimal'), '░')).toBe(60)
    expect(count(bar('lru'), '█')).toBe(45)
    expect(count(bar('fifo'), '█')).toBe(15)
  })

  it('writes a latency that got worse with a minus sign', () => {
    const compare = sampleCompare(['lru'])
    const run = compare.simulated.runs[0]!
    compare.simulated.runs = [{ ...run, latency: { ...run.latency, reduction: -0.123 } }]
    expect(render(compare)).toContain('−12.3 %')
  })

  it('warns of results that contradict themselves', () => {
    const compare = sampleCompare(['lru', 'fifo'])
    compare.simulated.runs[1]!.hits += 1
    expect(render(compare).replace(/\s+/g, ' ')).toContain(
      'warning: these results contradict themselves: fifo at 500 entries has 36,076 hits',
    )
    expect(render(sampleCompare())).not.toContain('contradict')
  })
})

describe('a sweep', () => {
  it('labels the axes', () => {
    const text = render(sampleSweep())
    expect(text).toMatch(/ {2}hit rate\n 100 % ┤|hit rate\n +\d+ % ┤/)
    expect(text).toMatch(/└┬─+┬/)
    expect(text).toMatch(/10 +20 +50 +100 +200 +500 +1,000 +2,000 +5,000/)
    expect(text).toContain('cache size in entries, log scale')
    expect(render(sampleSweep(defaultPolicies, linearSizes))).toMatch(/cache size in entries\n/)
  })

  it('can be read without colours: every curve carries the letter of the legend, even where curves coincide', () => {
    const same = { hits: 45_000, misses: 45_000, hitRate: 0.5 }
    const plot = plotRows(sampleSweep(defaultPolicies, logSizes, same)).join('\n')
    for (const letter of 'ABCDEF') expect(plot).toContain(letter)
    expect(render(sampleSweep())).toMatch(
      /─A─ lru +─B─ lfu +─C─ fifo +─D─ random +─E─ ttl\s+┄F┄ optimal \(bound\)/,
    )
  })

  it('marks the knee on the curve and under the axis, at its size', () => {
    const sweep = sampleSweep(['lru'], linearSizes)
    sweep.simulated.knee[0] = { ...sweep.simulated.knee[0]!, size: 2000, hitRate: 0.63 }
    const rows = plotRows(sweep)
    const marks = rows.flatMap((row) => [...row].flatMap((glyph, column) => (glyph === '◆' ? [column] : [])))
    expect(marks).toHaveLength(1)
    const width = Math.max(...rows.map((row) => row.length))
    expect(marks[0]! / width).toBeCloseTo(0.25, 1)
    const lines = linesOf(sweep)
    const under = lines.find((line) => line.includes('▲ knee 2,000'))!
    const ticks = lines.find((line) => line.includes('└'))!
    expect(under.indexOf('▲') - ticks.indexOf('└') - 1).toBe(marks[0])
  })

  it('rises from left to right as the hit rates do', () => {
    const rows = plotRows(sampleSweep(['lru'], logSizes))
    const first = rows.findIndex((row) => /[╭─╯]/.test(row[0] ?? ' '))
    const width = Math.max(...rows.map((row) => row.length))
    const last = rows.findIndex((row) => row.length === width)
    expect(last).toBeLessThan(first)
  })

  it('gives the knee, the range it was sought in, and the sizes that do not depend on it', () => {
    const text = render(sampleSweep())
    expect(text).toMatch(/lru +256 +40\.2 % /)
    expect(text).toContain('Kneedle, S = 1, from 10 to 5,000')
    expect(text).toContain('0.1 points per 1 % of the keys')
    expect(text).toContain('random: the curve is too straight')
  })

  it('says how sure knees are, who is best where, and what more hits cost', () => {
    const text = render(sampleAnswers(), 100)
    expect(text.slice(text.indexOf('◆ knee, ▲'), text.indexOf('hit rate in %'))).toMatchInlineSnapshot(`
      "◆ knee, ▲ its size

                               knee  hit rate  90 % of  95 % of  99 % of  worth-  hit rate
        policy (TTL)  knee  between   at knee  ceiling  ceiling  ceiling   while  at 5,000
        ──────────────────────────────────────────────────────────────────────────────────
        lru            256   13–256    40.2 %        –        –        –     256    77.3 %
        lfu            195   13–256    47.9 %        –        –        –     256    80.6 %
        fifo           149   13–256    28.9 %        –        –        –     256    74.6 %
        random           –   13–256         –        –        –        –       –    74.4 %
        ttl (10 min)   195   13–256    35.0 %        –        –        –     256    76.2 %
        ──────────────────────────────────────────────────────────────────────────────────
        best of all    256             40.2 %        –        –        –     256    77.3 %
        optimal        149   13–256    56.7 %    5,000        –        –     256    83.4 %

        knee        Kneedle, S = 1, from 10 to 5,000; it moves with that range
        between     where 95 % of the knees of 200 curves lie that were resampled from parts of the run
        of ceiling  smallest simulated size this near to a cache that never evicts (with the policy’s own
                    TTL)
        worthwhile  largest size whose last step gained 0.1 points per 1 % of the keys
        uncertain   the knees of lru, lfu, fifo, ttl and optimal
        no knee     random: the curve is too straight

                                         share of
        best policy  from     to         the keys          hit rate  as good
        ────────────────────────────────────────────────────────────────────
        lfu            10    256  0.1 % to 2.56 %  29.8 % to 50.1 %  ttl
        lru           256  5,000   2.56 % to 50 %  50.1 % to 77.3 %

        what more hits cost in size, with the best policy at each
        hit rate      20 %  25 %  30 %  35 %
        ────────────────────────────────────
        entries         40    81   161   322
        1 point more  +3.1   +13   +50     –
        a point of hit rate is worth 900 model calls, 2.45 min of the model and $1.80

        "
    `)
  })

  it('tells the same reason of many policies once, and names a few of them', () => {
    const many = Array.from({ length: 20 }, (_, at) => `p${at + 1}`)
    const sweep = sampleSweep(['lru', ...many], [10, 20])
    for (const knee of sweep.simulated.knee) {
      if (knee.policy !== 'lru') Object.assign(knee, { size: null, hitRate: null, reason: 'it is flat' })
    }
    const said = () => render(sweep, 100).replace(/\s+/g, ' ')
    expect(said()).toContain('no knee p1, p2, p3, p4, p5, p6, p7 and 13 more: it is flat')
    Object.assign(sweep.simulated.knee[0]!, { size: null, hitRate: null, reason: 'it is straight' })
    expect(said()).toContain('no knee lru: it is straight no knee p1, p2')
    Object.assign(sweep.simulated.knee[0]!, { reason: 'it is flat' })
    expect(said()).toContain('no knee all 21 policies: it is flat')
    expect(said().match(/no knee/g)).toHaveLength(1)
  })

  it.each([
    [[1000, 2000, 3000], /\n +├─+▲─+┤ knee 2,000\n/],
    [[2000, 2000, 4000], /\n +▲─+┤ knee 2,000\n/],
    [[4000, 5000, 5000], /\n +knee 5,000 ├─+▲\n/],
    [[2000, 5000, 5000], /\n +knee 5,000 ├─+▲\n/],
    [[1000, 1000, 5000], /\n +▲─+┤\n +knee 1,000\n/],
  ])('draws the range %j of one knee under the axis', ([low, size, high], expected) => {
    const sweep = sampleSweep(['lru'], linearSizes)
    const range = { low: low!, high: high!, level: 0.95, share: 1, samples: 200, uncertain: true }
    sweep.simulated.knee[0] = { ...sweep.simulated.knee[0]!, size: size!, range }
    const lines = linesOf(sweep)
    expect(lines.join('\n')).toMatch(expected)
    // Every end stands under the tick of its size, which all of these have.
    const bar = lines.find((line) => /[▲]/.test(line))!
    const axis = lines.find((line) => line.includes('└'))!
    const ends = [...bar.matchAll(/[├▲┤]/g)].map((mark) => mark.index)
    for (const end of ends) expect(axis[end]).toBe('┬')
    expect(ends).toHaveLength(new Set([low, size, high]).size)
  })

  it('shows as many sizes as fit, first and last among them', () => {
    for (const width of [60, 80, 120]) {
      const titles = linesOf(sampleSweep(), width).find((line) => /^ {2}policy +10 /.test(line))!
      expect(titles).toMatch(/^ {2}policy +10 .* 5,000$/)
    }
  })

  it('shows bars where there is but one size', () => {
    expect(render(sampleSweep(defaultPolicies, [500]))).toMatch(/lfu +█+/)
  })
})

describe('an inspection', () => {
  it('reads as a fact sheet', () => {
    expect(render(sampleInspect(), 100)).toMatchInlineSnapshot(`
      "inspect requests.csv.gz
        workload   recorded requests
        traffic    100,000 requests · 99,500 reads, 400 writes, 100 deletes · 10,000 distinct keys
                   over 33.3 min · 52.5 MiB of values
        read from  /data/exports/2024-05/requests.csv.gz · csv, gzip · 104,003 rows · 4,000 filtered out
                   3 bad
        columns    key = user_id + model · time = ts · cost = latency_ms

        mean rate             50 requests/s
        one-hit keys          4,200: 42 % of the keys, 4.2 % of the requests
        hit rate ceiling      90.0 %: 10.1 % of the reads are the first for their key
        Zipf α                0.987 ± 0.004, a good fit (Kolmogorov–Smirnov distance 0.012)
        lru size              5,000 entries for 90 % of the ceiling: a hit rate of 81.0 %
        duplicates in flight  1,200: 1.2 % of the requests come while their key is being computed, 300 of
                              them whatever the cache; at most 17 at a time, of user:1042|model-7
        popularity            drifting: neighbouring tenths have 93 % of the requests in common that they
                              would without change, the first and those of the second half 71 %

        quantiles                p10    p25  median       p75       p90       p99       max      mean
        ─────────────────────────────────────────────────────────────────────────────────────────────
        reuse distance, keys       4     31     412     2,204     5,302     8,903     9,998     1,535
        time between uses     300 ms  1.5 s    12 s      95 s  4.33 min  13.3 min  33.1 min     110 s
        value size             300 B  900 B   4 KiB  8.79 KiB  19.5 KiB   146 KiB  3.81 MiB  5.37 KiB
        model time             45 ms  80 ms  120 ms    210 ms    400 ms    900 ms      61 s    163 ms

        reuse distance
        11 % ┤█████                                     ▅▅▅▅▅ █████
             │█████                         ▃▃▃▃▃ █████ █████ █████ █████ ▃▃▃▃▃
             │█████             ▁▁▁▁▁ ▆▆▆▆▆ █████ █████ █████ █████ █████ █████ ▁▁▁▁▁
             │█████ ▄▄▄▄▄ ▇▇▇▇▇ █████ █████ █████ █████ █████ █████ █████ █████ █████
             │█████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ ▇▇▇▇▇ ▅▅▅▅▅
             │█████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████ █████
         0 % └─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴───────────┴────────────
             0     1     2     4     8    16    32    64    128   256   512  1,024       4,096

        time between uses
        34 % ┤                  █████
             │                  █████
             │▇▇▇▇▇ █████       █████ █████
             │█████ █████       █████ █████
             │█████ █████       █████ █████
             │█████ █████       █████ █████
         0 % └───────────┴─────┴─────┴─────┴
             500 ms     2 s   5 s  10 s  30 s
        reuses within  1 s 20.0 % · 10 s 40.0 % · 1 min 60.0 % · 10 min 80.0 % · 1 h 100.0 % · 1 d 100.0 %

        popularity              new      requests to   100 hottest:        100 hottest:
        over time   requests   keys  the 100 hottest  kept of first  of the part before
        ───────────────────────────────────────────────────────────────────────────────
        part 1         9,950  5,500           40.0 %              –                   –
        part 2         9,950    500           39.0 %           85 %                85 %
        part 3         9,950    500           38.0 %           80 %                85 %
        part 4         9,950    500           37.0 %           75 %                85 %
        part 5         9,950    500           36.0 %           70 %                85 %
        part 6         9,950    500           35.0 %           65 %                85 %
        part 7         9,950    500           34.0 %           60 %                85 %
        part 8         9,950    500           33.0 %           55 %                85 %
        part 9         9,950    500           32.0 %           50 %                85 %
        part 10        9,950    500           31.0 %           45 %                85 %
        by chance                                              92 %                92 %

        columns     distinct    seen  most common    its share     ceiling
        of the key    values    once        value  of requests  without it
        ──────────────────────────────────────────────────────────────────
        user_id        4,200  21.4 %    user:1042       12.0 %     100.0 %
        model              8     0 %      model-7       50.0 %      95.8 %

        top keys                                           requests    share
        ──────────────────────────────────────────────────────────────────────────────────────
        user:1042|model-7                                    10,211  10.26 %  ████████████████
        user:7|model-3                                        5,105   5.13 %  ████████
        prompt:tell me about tel…out tell me about caches     3,403   3.42 %  █████▍
        東京の天気は？🌧️                                      2,552   2.56 %  ████
        naïve café                                               12   0.01 %  ▏

        3 bad rows, for example
        line 17      time 'yesterday' is not a number
        line 90,210  3 fields where the header has 5

        note: times were taken for milliseconds, from their magnitude (--time-unit overrides)

        advice
        • A cache of every value would serve at most 90.0 % of the reads.

        warning: 3 rows could not be read and were left out.

        compare policies on it
        cachesim compare --trace /data/exports/2024-05/requests.csv.gz --key user_id,model \\
          --where 'status=200 && \\'ok\\'' --policies lru,fifo,lfu,random,optimal --size 5000 \\
          --miss-latency recorded
      "
    `)
  })

  it('cuts long keys in the middle', () => {
    expect(render(sampleInspect(), 60)).toMatch(/prompt:tel…\S+ caches|prompt:tel…/)
  })
})

describe('ties', () => {
  it('are said of neighbours in the ranking, whichever way round they were compared', () => {
    const compare = sampleCompare(['lru', 'lfu', 'fifo', 'random'])
    const pair = (better: string, worse: string, tie: boolean) => ({
      size: 500,
      better,
      worse,
      difference: 0.01,
      low: -0.01,
      high: 0.03,
      tie,
    })
    compare.simulated.comparisons = [
      pair('lfu', 'lru', false),
      pair('random', 'fifo', true),
      pair('lru', 'random', true),
    ]
    expect(render(compare)).toContain('ties (95 % interval of the difference): fifo = random\n')
    expect(render(sampleCompare())).not.toContain('ties')
  })
})
