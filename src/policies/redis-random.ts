import { definePolicy } from '../core/policy.ts'
import random from './random.ts'

/** Redis draws the key alone, with no pool: no setting of its own. */
export default definePolicy({
  name: 'redis-random',
  summary: 'Redis with allkeys-random: evicts any resident key with equal chance, as random does',
  paper: 'Redis 7: src/evict.c',
  create: (context) => random.create(context, {}),
})
