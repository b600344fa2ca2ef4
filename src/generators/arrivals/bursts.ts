/*
 * Flash crowds: a Poisson process whose rate is multiplied during bursts. The run is cut into whole cycles, about
 * `every` seconds long, with a burst in the middle of each; between bursts the rate is as much lower as keeps the mean.
 * The times are those of a process of rate 1, with the time axis stretched piece by piece (Çinlar 1975).
 */
import { defineArrivals } from '../../core/generator.ts'
import { exponential } from './exponential.ts'

export default defineArrivals({
  name: 'bursts',
  summary: 'flash crowds: a quiet rate, multiplied during bursts',
  parameters: {
    factor: {
      type: 'number',
      default: 10,
      minimum: 1,
      description: 'how many times the quiet rate a burst has',
    },
    every: {
      type: 'number',
      default: 600,
      minimum: 0.001,
      description: 'seconds from one burst to the next, fitted so that the run holds whole cycles',
    },
    share: {
      type: 'number',
      default: 0.05,
      minimum: 0,
      maximum: 1,
      description: 'share of the time that bursts take',
    },
  },
  fill(times, rate, random, { factor, every, share }) {
    const span = times.length / rate
    const cycle = span / Math.max(1, Math.round(span / every))
    const quietRate = rate / (1 - share + share * factor)
    // Of one cycle, in requests expected: the quiet before the burst, and the burst.
    const quiet = (cycle * quietRate * (1 - share)) / 2
    const burst = cycle * quietRate * factor * share
    const perCycle = 2 * quiet + burst
    let expected = 0
    for (let i = 1; i < times.length; i++) {
      expected += exponential(random)
      const cycles = Math.floor(expected / perCycle)
      const within = expected - cycles * perCycle
      const inBurst = Math.min(Math.max(within - quiet, 0), burst)
      const time = cycles * cycle + (within - inBurst) / quietRate + inBurst / (quietRate * factor)
      // Rounding at a cycle's edge must not turn time back.
      times[i] = Math.max(time, times[i - 1]!)
    }
  },
})
