import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/** The one list of the stack S, most recent first. */
const STACK = 1
/** Resident keys of high inter-reference recency (HIR), next victim first: the paper's list Q. */
const RESIDENT = 1
/** Keys that left and are remembered in the stack, the longest gone first. */
const GONE = 2

/**
 * Keys whose last two uses lie close together (LIR) hold nearly all of the cache, and of the others (HIR) only a queue of
 * about a hundredth is resident, from which all victims come. The stack S holds by recency whatever was used since the
 * least recent LIR key was, gone or not: an HIR key used while it is in S was used at a shorter distance than that LIR
 * key has gone unused, and takes its place.
 *
 * What a key is shows in where it stands: in the stack and in neither queue, it is LIR. While the LIR share is not full,
 * newcomers are LIR. Where S outgrows its limit, the keys longest gone leave it. With byte sizes all is measured in bytes.
 */
class Lirs implements EvictionPolicy {
  private readonly stack: KeyLists
  private readonly queues: KeyLists
  private readonly sizeOf: (key: number) => number
  /** Entries or bytes of LIR keys, and of the stack. */
  private readonly lirShare: number
  private readonly stackLimit: number
  private lirWeight = 0

  constructor({ memory, keyCount, capacity, sizeOf }: PolicyContext, hir: number, stack: number) {
    this.stack = new KeyLists(memory, keyCount, STACK)
    this.queues = new KeyLists(memory, keyCount, GONE)
    this.sizeOf = sizeOf
    this.lirShare = capacity - Math.max(1, Math.floor(capacity * hir))
    this.stackLimit = capacity * stack
  }

  touch(key: number): void {
    const { stack, queues } = this
    const size = this.sizeOf(key)
    const inStack = stack.listOf(key) === STACK
    if (queues.listOf(key) === 0) {
      const wasLast = stack.last(STACK) === key
      this.lirWeight += size - stack.weightOf(key)
      stack.moveToFirst(STACK, key, size)
      if (wasLast) this.prune()
      this.makeHir()
    } else if (inStack) {
      queues.remove(key)
      this.becomeLir(key, size)
    } else {
      stack.pushFirst(STACK, key, size)
      queues.moveToLast(RESIDENT, key, size)
      this.prune()
    }
    this.limitStack()
  }

  insert(key: number): void {
    const { stack, queues } = this
    const size = this.sizeOf(key)
    if (queues.listOf(key) === GONE) {
      queues.remove(key)
      this.becomeLir(key, size)
    } else {
      stack.pushFirst(STACK, key, size)
      if (this.lirWeight + size <= this.lirShare) this.lirWeight += size
      else {
        queues.pushLast(RESIDENT, key, size)
        this.prune()
      }
    }
    this.limitStack()
  }

  victim(): number {
    if (this.queues.isEmpty(RESIDENT)) this.demoteLast()
    return this.queues.first(RESIDENT)
  }

  evict(): number {
    const { stack, queues } = this
    const victim = this.victim()
    const weight = queues.weightOf(victim)
    queues.remove(victim)
    if (stack.listOf(victim) === STACK) queues.pushLast(GONE, victim, weight)
    return victim
  }

  remove(key: number): void {
    const { stack, queues } = this
    const isLir = queues.listOf(key) === 0
    if (isLir) this.lirWeight -= stack.weightOf(key)
    else queues.remove(key)
    if (stack.listOf(key) === STACK) stack.remove(key)
    if (isLir) this.prune()
  }

  /** A key of the stack that is in no queue any more becomes LIR, and what that is too much becomes HIR. */
  private becomeLir(key: number, size: number): void {
    this.stack.moveToFirst(STACK, key, size)
    this.lirWeight += size
    this.makeHir()
  }

  private makeHir(): void {
    while (this.lirWeight > this.lirShare) this.demoteLast()
  }

  /** The last key of the stack, always a LIR one, becomes HIR. */
  private demoteLast(): void {
    const { stack } = this
    const last = stack.last(STACK)
    const weight = stack.weightOf(last)
    this.lirWeight -= weight
    stack.remove(last)
    this.queues.pushLast(RESIDENT, last, weight)
    this.prune()
  }

  /** Drops HIR keys off the end of the stack until a LIR key is its last. */
  private prune(): void {
    const { stack, queues } = this
    while (!stack.isEmpty(STACK)) {
      const last = stack.last(STACK)
      const queue = queues.listOf(last)
      if (queue === 0) return
      stack.remove(last)
      if (queue === GONE) queues.remove(last)
    }
  }

  private limitStack(): void {
    const { stack, queues } = this
    while (stack.weight(STACK) > this.stackLimit && !queues.isEmpty(GONE)) {
      const longest = queues.first(GONE)
      queues.remove(longest)
      stack.remove(longest)
    }
  }
}

export default definePolicy({
  name: 'lirs',
  summary: 'keeps the keys whose last two uses lie closest together',
  paper:
    'Jiang, Zhang: LIRS: an efficient low inter-reference recency set replacement policy to improve buffer cache performance, 2002',
  parameters: {
    hir: {
      type: 'number',
      default: 0.01,
      minimum: 0,
      maximum: 1,
      description: 'share of the cache for keys of high inter-reference recency, one entry at least',
    },
    stack: {
      type: 'number',
      default: 2,
      minimum: 1,
      maximum: 1e9,
      description: 'most that the stack of recent keys holds, gone or not, in multiples of the cache',
    },
  },
  create: (context, { hir, stack }) => new Lirs(context, hir, stack),
})
