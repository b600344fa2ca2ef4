/* Independent requests of many users: a Poisson process, its gaps exponential. */
import { defineArrivals } from '../../core/generator.ts'
import { exponential } from './exponential.ts'

export default defineArrivals({
  name: 'poisson',
  summary: 'independent requests at a steady rate, as from many users',
  fill(times, rate, random) {
    let time = 0
    for (let i = 1; i < times.length; i++) {
      time += exponential(random) / rate
      times[i] = time
    }
  },
})
