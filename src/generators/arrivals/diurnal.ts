/*
 * Day and night: a Poisson process whose rate follows a sine, by thinning (Lewis and Shedler 1979): candidates at the
 * peak rate, each kept with the share its moment's rate has in the peak rate. A sine that differs in the last bit
 * between machines then moves no time.
 *
 * The middle of the run lies on a rising flank: a sine is odd around it, so the mean rate over the run is the one asked
 * for, however much of a day the run covers.
 */
import { defineArrivals } from '../../core/generator.ts'
import { exponential } from './exponential.ts'

export default defineArrivals({
  name: 'diurnal',
  summary: 'a rate that rises and falls as a sine, like day and night',
  parameters: {
    amplitude: {
      type: 'number',
      default: 0.8,
      minimum: 0,
      maximum: 1,
      description: 'how far the rate swings, as a share of the mean: 0.8 is from 20 % to 180 %',
    },
    period: {
      type: 'number',
      default: 86_400,
      minimum: 0.001,
      description: 'seconds of one swing, a day by default',
    },
  },
  fill(times, rate, random, { amplitude, period }) {
    const middle = times.length / rate / 2
    const peak = rate * (1 + amplitude)
    const turn = (2 * Math.PI) / period
    // Between two sines the swing is known to within `steepest` times the time since: few draws need one of their own.
    const steepest = amplitude * turn
    let time = 0
    let swing = Number.NaN
    let swingAt = 0
    for (let i = 1; i < times.length; ) {
      time += exponential(random) / peak
      const level = random() * (1 + amplitude) - 1
      const slack = steepest * (time - swingAt)
      if (!(slack < 0.02 && Math.abs(level - swing) > slack)) {
        swing = amplitude * Math.sin(turn * (time - middle))
        swingAt = time
      }
      if (level < swing) times[i++] = time
    }
  },
})
