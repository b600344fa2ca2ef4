/*
 * A loop over a working set, a part of the catalogue: training epochs, a polling client, a batch repeated. The classic
 * worst case of LRU, which misses every time while the loop is just longer than the cache (Jiang and Zhang 2002, LIRS).
 */
import { defineGenerator } from '../core/generator.ts'
import { cycle } from './cycle.ts'

export default defineGenerator({
  name: 'loop',
  summary: 'a working set over and over in the same order',
  parameters: {
    workingSet: {
      type: 'number',
      default: 0.2,
      minimum: 0,
      maximum: 1,
      description: 'share of the keys the loop goes over, at least one key',
    },
  },
  create: ({ keys }, { workingSet }) => cycle(Math.max(1, Math.round(keys * workingSet)), keys),
})
