import type { OtherNames } from '../core/errors.ts'

/**
 * What policies are called in papers, in other simulators and in the settings of servers, and their name here. Such a name
 * is answered with the name here and never stands for it, so that outputs have one name for each policy.
 */
export const OTHER_NAMES: OtherNames = {
  belady: 'optimal',
  'belady-min': 'optimal',
  min: 'optimal',
  opt: 'optimal',
  oracle: 'optimal',
  clairvoyant: 'optimal',
  pfoo: 'pfoo-l',
  infinity: 'infinite',
  unlimited: 'infinite',
  'two-q': '2q',
  'two-queue': '2q',
  'second-chance': 'clock',
  'fifo-reinsertion': 'clock',
  'segmented-lru': 'slru',
  'lru-2': 'lru-k',
  'multi-queue': 'mq',
  'adaptive-replacement-cache': 'arc',
  s3: 's3-fifo',
  'window-tinylfu': 'w-tinylfu',
  caffeine: 'w-tinylfu',
  'lfu-dynamic-ageing': 'lfu-da',
  'lfu-dynamic-aging': 'lfu-da',
  gds: 'greedy-dual',
  'greedy-dual-size': 'greedy-dual',
  landlord: 'greedy-dual',
  'greedy-dual-size-frequency': 'gdsf',
  'random-two': 'random-two-choices',
  'two-random': 'random-two-choices',
  'allkeys-lru': 'redis-lru',
  'allkeys-lfu': 'redis-lfu',
  'allkeys-random': 'redis-random',
  'volatile-ttl': 'redis-volatile-ttl',
}
