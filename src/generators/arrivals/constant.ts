/* Requests at even distances: a load generator with a fixed rate. */
import { defineArrivals } from '../../core/generator.ts'

export default defineArrivals({
  name: 'constant',
  summary: 'evenly spaced',
  fill(times, rate) {
    for (let i = 0; i < times.length; i++) times[i] = i / rate
  },
})
