import { stripVTControlCharacters } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SweepResult } from '../../src/core/result.ts'
import { createTrace } from '../../src/core/trace.ts'
import { sweep } from '../../src/experiments/sweep.ts'
import { createColors } from '../../src/reports/colors.ts'
import csv from '../../src/reports/csv.ts'
import { heatCells, paintHeat } from '../../src/reports/heat.ts'
import json from '../../src/reports/json.ts'
import markdown from '../../src/reports/markdown.ts'
import { parseResult } from '../../src/reports/result-schema.ts'
import terminal from '../../src/reports/terminal.ts'
import { displayWidth } from '../../src/reports/text.ts'

const at = (width: number, color = false) => ({ width, color })
const keys = Array.from({ length: 2000 }, (_, at) => Math.floor(((at * 7919) % 1009) ** 2 / 5000))
const trace = createTrace({ name: 'squares', keys, times: keys.map((_, at) => at) })

let grid: SweepResult
let windowed: SweepResult
beforeAll(async () => {
  const question = { trace, policies: 'lru,lfu,fifo,random,optimal', sizes: '2..160:12' }
  grid = await sweep({ ...question, ttls: '10s,1m,10m,none' })
  windowed = await sweep({ ...question, windows: 4 })
  for (const result of [grid, windowed]) delete result.measured
})

const rows = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
const records = (text: string) => {
  const [titles, ...cells] = rows(text)
  return cells.map((row) => Object.fromEntries(titles!.map((title, i) => [title, row[i]])))
}

describe('a grid of TTLs and sizes', () => {
  it('is a chart with a curve a TTL and a heat map for the best few policies, within the terminal', () => {
    for (const width of [40, 80, 160]) {
      const text = terminal.render(grid, at(width))
      const lines = text.split('\n')
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width)
      if (width < 80) continue
      expect(lines.filter((line) => line.includes('by TTL and size'))).toHaveLength(3)
      expect(text).toContain('TTL 10 s, 1 min, 10 min, none from the write')
      expect(text).toMatch(/─A─ 10 s {3}─B─ 1 min {3}─C─ 10 min {3}─D─ none/)
      expect(text).toMatch(/not shown: \w+, optimal, which CSV and JSON have/)
    }
  })

  it('looks like this', () => {
    const text = terminal.render(grid, at(80))
    expect(
      text.slice(text.indexOf('  hit rate of '), text.indexOf('\n\n', text.indexOf('  hit rate of '))),
    ).toMatchInlineSnapshot(`
      "  hit rate of lfu in % by TTL and size
        TTL          2       3       7      10      22      33      48     107     160
        ──────────────────────────────────────────────────────────────────────────────
        10 s      0.0     0.0     0.9     0.9     0.9     0.9     0.9     0.9     0.9
        1 min     0.0     0.0     2.2     2.2     5.6   ░23.4░  ░23.5░  ░23.5░  ░23.5░
        10 min    0.0     0.0     5.3     5.3     6.9   ░18.7░  ▒33.1▒  ▓43.2▓  █61.7█
        none      0.0     0.0     6.3     6.3     7.0   ░22.4░  ▒35.2▒  █50.3█  █50.3█"
    `)
  })

  it('has the same text in colours, and colours by shade', () => {
    const colored = terminal.render(grid, at(80, true))
    expect(stripVTControlCharacters(colored)).toBe(terminal.render(grid, at(80)))
    const colors = createColors(true)
    expect(paintHeat('█91.0█', colors)).toBe(colors.yellow('█91.0█'))
    expect(paintHeat('10 min', colors)).toBe('10 min')
  })

  it('is tables in Markdown, numbers as they are', () => {
    const text = markdown.render(grid, at(80))
    expect(text.match(/^\| TTL \|/gm)).toHaveLength(4)
    expect(text).not.toMatch(/[░▒▓█]/)
    const best = grid.simulated.runs.find(
      ({ policy, ttlSeconds, size }) => policy === 'lfu' && ttlSeconds === 600 && size === 2,
    )!
    expect(text).toMatch(
      new RegExp(
        `Hit rate of lfu .*:\n\n.*\n.*\n.*\n.*\n\\| 10 min \\| +${(100 * best.hitRate).toFixed(1)} \\|`,
      ),
    )
  })

  it('is a row a policy, TTL and size in CSV, with a knee for each curve', () => {
    const all = records(csv.render(grid, at(80)))
    const sizes = new Set(grid.simulated.runs.map(({ size }) => size)).size
    expect(all).toHaveLength(5 * 4 * sizes)
    expect(
      new Set(all.map(({ policy, ttl, ttl_seconds, size }) => `${policy} ${ttl} ${ttl_seconds} ${size}`))
        .size,
    ).toBe(all.length)
    const found = grid.simulated.knee.filter(({ size }) => size !== null)
    expect(found.length).toBeGreaterThan(5)
    expect(
      all
        .filter(({ is_knee }) => is_knee === 'true')
        .map(({ policy, ttl_seconds, size }) => `${policy} ${ttl_seconds} ${size}`),
    ).toEqual(found.map(({ policy, ttlSeconds, size }) => `${policy} ${ttlSeconds ?? ''} ${size}`))
  })

  it('comes back from JSON', () => {
    expect(parseResult(json.render(grid, at(80)), 'a file')).toEqual(grid)
  })
})

describe('windows', () => {
  it('are a table for the best policy, within the terminal, that says what it leaves out', () => {
    for (const width of [40, 60, 80, 160]) {
      const text = terminal.render(windowed, at(width))
      expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(width)
    }
    const text = terminal.render(windowed, at(80))
    const from = text.lastIndexOf('  hit rate of ')
    expect(text.slice(from, text.indexOf('\n\n', from))).toMatchInlineSnapshot(`
      "  hit rate of lfu in % by window of the trace (the cache stays warm) and size
        window      from       2       7      22      48     160  ceiling  knee
        ───────────────────────────────────────────────────────────────────────
             1       0 s    0.0     4.2     6.8   ▒30.2▒  ▓38.0▓   60.8 %    72
             2  8.33 min    0.0     7.0     7.0   ▓35.8▓  █51.4█   98.4 %    72
             3  16.7 min    0.0     7.2     7.2   ▓38.2▓  █56.0█  100.0 %    72
             4    25 min    0.0     7.0     7.0   ▓36.6▓  █56.0█  100.0 %    72
        not shown at this width: requests, new keys, 95 % of ceiling"
    `)
  })

  it('are a table in Markdown', () => {
    const text = markdown.render(windowed, at(80))
    expect(text).toMatch(
      /^Hit rate of \w+ in % by window of the trace \(the cache stays warm\) and size:\n\n\| window \|/m,
    )
  })

  it('are rows of their own in CSV, behind those of the whole, and add up to them', () => {
    const all = records(csv.render(windowed, at(80)))
    const whole = all.filter(({ window }) => window === '')
    expect(all).toHaveLength(5 * whole.length)
    expect(whole).toHaveLength(windowed.simulated.runs.length)
    for (const { policy, size, hits, requests } of whole) {
      const parts = all.filter((row) => row.window !== '' && row.policy === policy && row.size === size)
      expect(parts.map(({ window }) => window)).toEqual(['1', '2', '3', '4'])
      const sum = (name: string) => parts.reduce((total, row) => total + Number(row[name]), 0)
      expect([sum('hits'), sum('requests')]).toEqual([Number(hits), Number(requests)])
      for (const row of parts) {
        expect(Number(row.hits) + Number(row.misses)).toBe(Number(row.requests))
        expect(row.hit_rate).toBe(String(Number(row.hits) / Number(row.requests)))
        expect(row.latency_mean_ms).toBe('')
      }
    }
    const plain = rows(
      csv.render({ ...windowed, simulated: { ...windowed.simulated, windows: undefined } }, at(80)),
    )
    expect(
      rows(csv.render(windowed, at(80)))
        .slice(0, whole.length + 1)
        .map((row) => row.slice(0, plain[0]!.length)),
    ).toEqual(plain)
  })

  it('comes back from JSON', () => {
    expect(parseResult(json.render(windowed, at(80)), 'a file')).toEqual(windowed)
  })
})

describe('a heat map', () => {
  it('shades a value by where it lies between the least and the most', () => {
    expect(heatCells([[0.1, 0.2999, 0.31, 0.51, 0.71, 0.9101, 1.1]], 1)).toEqual([
      ['  10.0 ', '  30.0 ', '░░31.0░', '▒▒51.0▒', '▓▓71.0▓', '██91.0█', '█110.0█'],
    ])
  })

  it('is blank where all is the same, and has a dash for what is not known', () => {
    expect(
      heatCells(
        [
          [0.5, 0.5],
          [null, undefined],
        ],
        0,
      ),
    ).toEqual([
      [' 50 ', ' 50 '],
      ['–', '–'],
    ])
  })
})
