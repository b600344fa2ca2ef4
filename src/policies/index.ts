import type { PolicyDefinition } from '../core/policy.ts'
import { Registry } from '../core/registry.ts'
import fifo from './fifo.ts'
import lfu from './lfu.ts'
import lru from './lru.ts'
import optimal from './optimal.ts'
import random from './random.ts'
import ttl from './ttl.ts'

/** Every policy that has a name. A new one is a file and a line here. */
export const policies = new Registry<PolicyDefinition>('policy', [
  lru,
  lfu,
  fifo,
  random,
  ttl,
  optimal,
] as PolicyDefinition[])
