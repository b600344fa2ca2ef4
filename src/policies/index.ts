import type { PolicyDefinition } from '../core/policy.ts'
import { Registry } from '../core/registry.ts'
import arc from './arc.ts'
import beladySize from './belady-size.ts'
import cacheus from './cacheus.ts'
import car from './car.ts'
import clock from './clock.ts'
import clockPro from './clock-pro.ts'
import fifo from './fifo.ts'
import gdWheel from './gd-wheel.ts'
import gdsf from './gdsf.ts'
import gdsfCost from './gdsf-cost.ts'
import greedyDual from './greedy-dual.ts'
import hyperbolic from './hyperbolic.ts'
import infinite from './infinite.ts'
import lecar from './lecar.ts'
import lfu from './lfu.ts'
import lfuDynamicAgeing from './lfu-da.ts'
import lhd from './lhd.ts'
import lirs from './lirs.ts'
import lru from './lru.ts'
import lruCache from './lru-cache.ts'
import lruK from './lru-k.ts'
import memcached from './memcached.ts'
import mq from './mq.ts'
import mru from './mru.ts'
import optimal from './optimal.ts'
import { OTHER_NAMES } from './other-names.ts'
import pfoo from './pfoo-l.ts'
import quickLru from './quick-lru.ts'
import random from './random.ts'
import randomTwoChoices from './random-two-choices.ts'
import redisLfu from './redis-lfu.ts'
import redisLru from './redis-lru.ts'
import redisRandom from './redis-random.ts'
import redisVolatileTtl from './redis-volatile-ttl.ts'
import s3Fifo from './s3-fifo.ts'
import sieve from './sieve.ts'
import slru from './slru.ts'
import ttl from './ttl.ts'
import twoQueue from './two-queue.ts'
import wTinyLfu from './w-tinylfu.ts'

/** Every policy that has a name. A new one is a file and a line here. */
const parts = [
  lru,
  lfu,
  fifo,
  random,
  ttl,
  clock,
  slru,
  twoQueue,
  arc,
  mru,
  car,
  clockPro,
  lirs,
  lfuDynamicAgeing,
  lruK,
  mq,
  sieve,
  s3Fifo,
  wTinyLfu,
  lecar,
  cacheus,
  lhd,
  gdsf,
  gdsfCost,
  greedyDual,
  gdWheel,
  hyperbolic,
  randomTwoChoices,
  redisLru,
  redisLfu,
  redisRandom,
  redisVolatileTtl,
  memcached,
  lruCache,
  quickLru,
  optimal,
  beladySize,
  pfoo,
  infinite,
] as PolicyDefinition[]

export const policies = new Registry<PolicyDefinition>('policy', parts, OTHER_NAMES)
