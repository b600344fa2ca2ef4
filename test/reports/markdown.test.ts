import { describe, expect, it } from 'vitest'
import type { Result } from '../../src/core/result.ts'
import markdown from '../../src/reports/markdown.ts'
import {
  sampleAnswers,
  sampleCompare,
  sampleInspect,
  sampleRun,
  sampleSweep,
  twelvePolicies,
} from '../support/sample-results.ts'

const render = (result: Result) => markdown.render(result, { color: true, width: 40 })

/** Tables as GFM reads them: pipes that a backslash escapes do not split. */
function tables(text: string): string[][][] {
  const found: string[][][] = []
  let inside = false
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      inside = false
      continue
    }
    if (!inside) found.push([])
    inside = true
    const cells = line.split(/(?<!(?<!\\)(?:\\\\)*\\)\|/)
    expect(cells.at(-1)).toBe('')
    found.at(-1)!.push(cells.slice(1, -1).map((cell) => cell.trim()))
  }
  return found
}

describe('markdown', () => {
  it.each([
    ['compare', sampleCompare(twelvePolicies), 1],
    ['sweep', sampleSweep(twelvePolicies), 2],
    ['sweep', sampleAnswers(), 4],
    ['inspect', sampleInspect(), 6],
  ])('%s: every row of a table has as many cells as its titles', (_command, result, count) => {
    const found = tables(render(result))
    expect(found).toHaveLength(count)
    for (const [titles, rule, ...rows] of found) {
      for (const cell of rule!) expect(cell).toMatch(/^:?---:?$/)
      for (const row of [rule!, ...rows]) expect(row).toHaveLength(titles!.length)
      expect(rows.length).toBeGreaterThan(0)
    }
  })

  it('states verdict, warnings, knees and settings', () => {
    const text = render(sampleSweep())
    expect(text).toContain('## cachesim sweep: zipf')
    expect(text).toContain('9.2 points more than lru')
    expect(text).toContain('> **Warning:** ttl was given no TTL')
    expect(text).toContain('| policy (TTL) | knee | hit rate at knee |')
    expect(text).toContain('store 1ms *(assumed)*')
    expect(text).toContain('**seed**: 1')
  })

  it('says of a sweep which policy is best where, and what more hits cost', () => {
    const text = render(sampleAnswers())
    expect(text).toContain('| policy (TTL) | knee | knee between | hit rate at knee |')
    expect(text).toContain('| best of all | 256 |  | 40.2 % |')
    expect(text).toContain('| lfu | 10 | 256 | 0.1 % to 2.56 % | 29.8 % to 50.1 % | ttl |')
    expect(text).toContain(
      'What more hits cost in size, with the best policy at each:\n\n| hit rate | 20 % |',
    )
    expect(text).toContain('| 1 point more | +3.1 | +13 | +50 | – |')
    expect(text).toMatch(/\nA point of hit rate is worth 900 model calls, .+\.\n/)
  })

  it('shows pipes, backticks and markup in names as they are, and breaks no table with them', () => {
    const compare = sampleCompare(['lru'])
    compare.simulated.runs = [sampleRun('a|b\\|c `d` *e* <b>f</b> [g](h) ~i~ &amp;', 10)]
    const [[titles, , row] = []] = tables(render(compare))
    expect(row).toHaveLength(titles!.length)
    expect(row![0]).toBe('a\\|b\\\\\\|c \\`d\\` \\*e\\* \\<b\\>f\\</b\\> \\[g\\](h) \\~i\\~ \\&amp;')
  })

  it('puts keys into code spans that hold even backticks and pipes', () => {
    const keys = ['a|b', 'x`y', '``', '', 'user_id']
    const text = render(
      sampleInspect({
        topKeys: keys.map((key) => ({ key, requests: 1, share: 0.1 })),
        reuseDistance: null,
        reuseSeconds: null,
        popularity: null,
        keyColumns: null,
        valueBytes: null,
        costMilliseconds: null,
      }),
    )
    const [[, , ...rows] = []] = tables(text)
    expect(rows.map((row) => row[0])).toEqual(['`a\\|b`', '``x`y``', '``` `` ```', '*(empty)*', '`user_id`'])
  })

  it('leaves alone what would not be markup: an underscore in a word, one dollar sign', () => {
    const compare = sampleCompare(['lru'])
    compare.simulated.verdict = ['user_id costs $3', '_so_ $1 and $2']
    expect(render(compare)).toContain('\n\nuser_id costs $3\n\n\\_so\\_ \\$1 and \\$2\n\n')
  })
})
