import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HitDensity, MAX_AGE } from '../../src/core/hit-density.ts'

const events = fc.array(
  fc.record({
    kind: fc.nat(1),
    age: fc.oneof(fc.nat(30), fc.constantFrom(500, MAX_AGE - 2, MAX_AGE - 1)),
    hit: fc.boolean(),
  }),
  { maxLength: 80, size: 'max' },
)

it('is hits still to come over time still to be spent', () => {
  fc.assert(
    fc.property(events, (list) => {
      const model = new HitDensity(2)
      for (const { kind, age, hit } of list) {
        if (hit) model.countHit(kind, age)
        else model.countDeparture(kind, age)
      }
      model.reckon(10)
      for (const kind of [0, 1]) {
        for (const from of [0, 1, 7, 30, 31, 500, MAX_AGE - 1]) {
          const later = list.filter((event) => event.kind === kind && event.age >= from)
          const hits = later.filter(({ hit }) => hit).length
          // A key that leaves at its present age spends one more step.
          const time = later.reduce((sum, { age }) => sum + age - from + 1, 0)
          expect(model.density(kind, from)).toBeCloseTo(time === 0 ? 0 : hits / time, 6)
        }
      }
    }),
    { numRuns: 60 },
  )
})

it('lets what was counted earlier fade by a tenth each time', () => {
  const model = new HitDensity(1)
  for (let times = 0; times < 10; times++) model.countHit(0, 0)
  model.reckon(10)
  for (let times = 0; times < 9; times++) model.countDeparture(0, 0)
  model.reckon(10)
  // 10 · 0.9² hits and 9 · 0.9 departures.
  expect(model.density(0, 0)).toBeCloseTo(0.5, 6)
})

it.each([
  // 40,000 entries: a step of at least 200 requests, so 256, a quarter of the one before.
  [40_000, 8],
  // 3,000,000: at least 15,000.
  [3_000_000, 14],
])(
  'fits the step of ages to %i entries at the sixth reckoning, and the counts to the step',
  (entries, shift) => {
    const model = new HitDensity(1)
    expect(model.ageOf(5 * 1024 + 5)).toBe(5)
    const count = () => {
      for (let times = 0; times < 100; times++) model.countHit(0, model.ageOf(64 * 1024))
      for (let times = 0; times < 100; times++) model.countDeparture(0, model.ageOf(128 * 1024))
    }
    for (let at = 0; at < 6; at++) {
      count()
      model.reckon(entries)
    }
    expect(model.ageOf(2 ** shift - 1)).toBe(0)
    expect(model.ageOf(2 ** shift)).toBe(1)
    expect(model.ageOf(2 ** 31)).toBe(Math.min(2 ** (31 - shift), MAX_AGE - 1))
    // Half of the keys hit after 64 Ki requests, half leave after 128 Ki: a hit for 192 Ki requests from two new keys.
    const perRequest = model.density(0, 0) / 2 ** shift
    expect(perRequest * 192 * 1024).toBeGreaterThan(0.85)
    expect(perRequest * 192 * 1024).toBeLessThan(1.15)
  },
)
