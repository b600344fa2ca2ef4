import { definePolicy } from '../core/policy.ts'
import lru from './lru.ts'

/** The npm package keeps a linked list over arrays, and is LRU request by request. */
export default definePolicy({
  name: 'lru-cache',
  summary: 'the npm package lru-cache: evicts the least recently used key, as lru does',
  paper: 'npm: lru-cache 11, with max, or maxSize for bytes',
  create: (context) => lru.create(context, {}),
})
