import { describeThrown } from '../core/errors.ts'
import { describeValue } from '../core/options.ts'
import type { EvictionPolicy } from '../core/policy.ts'
import type { Scenario } from './scenario.ts'

type Methods = Record<keyof EvictionPolicy, (...values: number[]) => unknown>

/** What is wrong with a policy, in a sentence. */
export class Flaw extends Error {}

/**
 * Stands between the engine and a policy: writes down every call, and holds the policy to what the contract says of its
 * answers.
 */
export class Witness {
  /** [requests + 1] the calls at each request, and those after the last. */
  readonly calls: string[][] = []
  private readonly scenario: Scenario
  private readonly residents = new Set<number>()
  private policy!: EvictionPolicy

  constructor(scenario: Scenario) {
    this.scenario = scenario
  }

  /** From here on calls belong to the next request. */
  nextRequest(): void {
    this.calls.push([])
  }

  /** The policy as the engine is to see it. */
  watch(policy: EvictionPolicy): EvictionPolicy {
    this.policy = policy
    return {
      touch: (key, at) => void this.call('touch', key, at),
      insert: (key, at) => {
        this.call('insert', key, at)
        this.residents.add(key)
      },
      evict: (incoming, at) => this.evict(incoming, at, this.scenario.requests[at]!.declines),
      remove: (key) => {
        this.call('remove', key)
        this.residents.delete(key)
      },
      ...(policy.admit && { admit: (key: number, at: number) => this.admit(key, at) }),
    }
  }

  /** The policy gives up a key of its own accord. */
  gaveUp(key: number): void {
    this.calls.at(-1)!.push(`giveUp(${key})`)
    if (!this.residents.delete(key)) throw new Flaw(`giveUp was called for key ${key}, which is not resident`)
  }

  /** Has the policy give up one resident after another for a key that never comes in. */
  giveUpAll(incoming: number, at: number): void {
    this.nextRequest()
    while (this.residents.size > 0 && this.evict(incoming, at, false) !== incoming);
  }

  private admit(key: number, at: number): boolean {
    const answer: unknown = this.call('admit', key, at)
    if (typeof answer !== 'boolean')
      throw new Flaw(`admit gave ${describeValue(answer)}: it must be true or false`)
    return answer
  }

  private evict(incoming: number, at: number, declines: boolean): number {
    if (!this.scenario.asksVictim || this.policy.victim === undefined) return this.leave(incoming, at)
    const named = this.legal(this.call('victim', incoming, at), 'victim named', incoming)
    if (declines) return incoming
    const given = this.leave(incoming, at)
    if (given !== named) throw new Flaw(`victim named key ${named}, but evict gave up key ${given}`)
    return given
  }

  private leave(incoming: number, at: number): number {
    const key = this.legal(this.call('evict', incoming, at), 'evict gave up', incoming)
    this.residents.delete(key)
    return key
  }

  private legal(key: unknown, gave: string, incoming: number): number {
    if (!Number.isInteger(key)) throw new Flaw(`${gave} ${describeValue(key)}, which is no key`)
    if (key !== incoming && !this.residents.has(key as number))
      throw new Flaw(`${gave} key ${key}, which is not resident`)
    return key as number
  }

  private call(method: keyof EvictionPolicy, ...values: number[]): unknown {
    const text = `${method}(${values.join(', ')})`
    const calls = this.calls.at(-1)!
    try {
      // As a method of the policy, which may use `this`.
      const answer: unknown = (this.policy as unknown as Methods)[method](...values)
      if (answer instanceof Promise) throw new Flaw('it returned a promise, and must be done when it returns')
      calls.push(/evict|victim|admit/.test(method) ? `${text} = ${describeValue(answer)}` : text)
      return answer
    } catch (error) {
      calls.push(`${text} throws`)
      throw new Flaw(`${method} failed: ${describeThrown(error)}`, { cause: error })
    }
  }
}
