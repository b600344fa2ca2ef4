import { describe, expect, it } from 'vitest'
import { curveAnswers } from '../../src/analysis/curve-answers.ts'

const sizes = [100, 200, 300, 400, 500]
const hitRates = [0.5, 0.72, 0.76, 0.795, 0.8]
const options = { ceiling: 0.8, total: 1000 }

describe('answers that do not depend on the range', () => {
  it('names the smallest size that reaches 90, 95 and 99 % of the ceiling', () => {
    expect(curveAnswers(sizes, hitRates, options)).toMatchObject({
      ceiling: 0.8,
      reaches: [
        { share: 0.9, size: 200 },
        { share: 0.95, size: 300 },
        { share: 0.99, size: 400 },
      ],
    })
  })

  it('says null where no size reaches a share', () => {
    const { reaches } = curveAnswers([100, 200], [0.5, 0.73], options)
    expect(reaches.map(({ size }) => size)).toEqual([200, null, null])
  })

  it('names the largest size whose last step still gained the minimum per 1 % of the keys', () => {
    // Each step is 10 % of the keys and gains 50, 22, 4, 3.5 and 0.5 points: 5, 2.2, 0.4, 0.35 and 0.05 per 1 %.
    expect(curveAnswers(sizes, hitRates, options).worthwhile).toEqual({ minimumGain: 0.1, size: 400 })
    expect(curveAnswers(sizes, hitRates, { ...options, minimumGain: 0.4 }).worthwhile.size).toBe(300)
    expect(curveAnswers(sizes, hitRates, { ...options, minimumGain: 1 }).worthwhile.size).toBe(200)
    expect(curveAnswers(sizes, hitRates, { ...options, minimumGain: 6 }).worthwhile.size).toBeNull()
  })

  it('counts the first step from an empty cache', () => {
    expect(curveAnswers([100], [0.5], { ...options, minimumGain: 5 }).worthwhile.size).toBe(100)
  })

  it('answers null throughout for a workload that never hits', () => {
    const { reaches, worthwhile } = curveAnswers([1, 10], [0, 0], { ceiling: 0, total: 100 })
    expect(reaches.every(({ size }) => size === null)).toBe(true)
    expect(worthwhile.size).toBeNull()
  })

  it('takes a curve that dips, as FIFO curves may, at its first reach and its last worthwhile step', () => {
    const { reaches, worthwhile } = curveAnswers([1, 2, 3, 4], [0.95, 0.5, 0.6, 0.6], {
      ceiling: 1,
      total: 100,
    })
    expect(reaches[0]!.size).toBe(1)
    expect(worthwhile.size).toBe(3)
  })

  it('gives the same answers for the same step whatever lies beyond it', () => {
    const shorter = curveAnswers(sizes.slice(0, 4), hitRates.slice(0, 4), options)
    expect(shorter.worthwhile).toEqual(curveAnswers(sizes, hitRates, options).worthwhile)
  })
})
