/*
 * A sequential scan of the whole catalogue, from the start again after its end: a nightly export, a re-index. Every
 * key is as old as the catalogue is long when it comes again, so recency helps only a cache that holds everything.
 */
import { defineGenerator } from '../core/generator.ts'
import { cycle } from './cycle.ts'

export default defineGenerator({
  name: 'scan',
  summary: 'all keys one after another, then again from the first',
  create: ({ keys }) => cycle(keys, keys),
})
