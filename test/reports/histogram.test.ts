import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createColors } from '../../src/reports/colors.ts'
import { renderHistogram } from '../../src/reports/histogram.ts'

const colors = createColors(false)
const doubling = (counts: readonly number[]) =>
  counts.map((count, at) => ({ from: at === 0 ? 0 : 2 ** (at - 1), to: 2 ** at, count }))
const render = (counts: readonly number[], width: number) =>
  renderHistogram(doubling(counts), String, { width, colors })

describe('a histogram', () => {
  it('draws the largest bin to the top, and what is not 0 at all', () => {
    expect(`\n${render([100, 0, 1, 50, 200], 80).join('\n')}`).toMatchInlineSnapshot(`
      "
      57 % ┤                        █████
           │                        █████
           │                        █████
           │█████                   █████
           │█████             ▄▄▄▄▄ █████
           │█████       ▁▁▁▁▁ █████ █████
       0 % └─────┴─────┴─────┴─────┴─────┴
           0     1     2     4     8    16"
    `)
  })

  it('puts bins together where there is no room for all', () => {
    expect(`\n${render([...Array(31).fill(10), 20], 40).join('\n')}`).toMatchInlineSnapshot(`
      "
      9.1 % ┤                              ██
            │                              ██
            │████████████████████████████████
            │████████████████████████████████
            │████████████████████████████████
            │████████████████████████████████
        0 % └───┴───┴─────┴───────┴──────────
            0   8  128  8192   2097152"
    `)
  })

  it('keeps to its width, with labels that do not touch', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 38, max: 160 }),
        (counts, width) => {
          counts[0]! += 1
          const lines = render(counts, width)
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
          const labels = lines.at(-1)!.trim().split(/ {2,}/)
          expect(labels[0]).toBe('0')
          for (const label of labels) expect(label).toMatch(/^\d+(e\+\d+)?$/)
          expect(lines).toHaveLength(8)
        },
      ),
    )
  })
})
