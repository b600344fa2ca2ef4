import { createIndexedRandom, type IndexedRandom } from '../../core/indexed-random.ts'
import type { ModelQueue } from './model-queue.ts'
import { NONE } from './pool.ts'
import { Event, type ServiceState } from './service-state.ts'
import type { ServiceEvent } from './settings.ts'
import type { WarmUp } from './warm-up.ts'

interface Message {
  /** An instance, or one of the shared tiers behind them. */
  readonly target: number
  readonly update: number
}

/** What a scenario lets happen to a service: new models and how caches hear of them, restarts, outages, other sizes. */
export class Operations {
  private readonly state: ServiceState
  private readonly model: ModelQueue
  private readonly warmUp: WarmUp
  private readonly messages: Message[] = []
  private readonly losses: IndexedRandom
  /** Instances that a rolling restart has still to come to. */
  private readonly rolling: { next: number; count: number; seconds: number }[] = []

  constructor(state: ServiceState, model: ModelQueue, warmUp: WarmUp, seed: string) {
    this.state = state
    this.model = model
    this.warmUp = warmUp
    this.losses = createIndexedRandom(seed, 'service:messages')
    for (const [number, { at }] of state.settings.events.entries())
      state.events.schedule(at, Event.control, number)
  }

  happen(event: ServiceEvent): void {
    switch (event.kind) {
      case 'model-update':
        this.updateModel(event.affected)
        return
      case 'restart-instance': {
        const [first, count] =
          event.instance === undefined
            ? [0, this.state.router.thereCount]
            : [event.instance, event.instance + 1]
        this.rolling.push({ next: first, count, seconds: event.seconds })
        this.restartNext(NONE)
        return
      }
      case 'restart-tier': {
        const { settings, stores } = this.state.tiers[event.tier]!
        for (const store of stores) {
          if (!settings.persistent) store.forget()
          store.down++
        }
        this.state.events.schedule(this.state.now + event.seconds, Event.tierBack, event.tier)
        return
      }
      case 'model-outage':
        this.model.downUntil = Math.max(this.model.downUntil, this.state.now + event.seconds)
        return
      case 'scale':
        this.scale(event.instances)
        return
      case 'warm-up':
        this.warmUp.begin(event.requests)
        return
    }
  }

  private updateModel(affected: Uint8Array | undefined): void {
    this.state.versions.update(this.state.now, affected)
    const { mode, delivery, delay, lossRate, interval } = this.state.settings.invalidation
    if (mode === 'ttl') return
    const update = this.state.versions.count
    const targets = this.state.most + this.state.tiers.length
    for (let target = 0; target < targets; target++) {
      const isInstance = target < this.state.most
      if (
        !isInstance &&
        (!this.state.tiers[target - this.state.most]!.settings.shared || mode === 'versioned')
      )
        continue
      const draw = update * 4096 + target
      if (delivery === 'push' && isInstance && lossRate > 0 && this.losses(draw)() < lossRate) continue
      // Instances pull in turn, as they were started; a shared tier is told when the first of them would be.
      const phase = isInstance ? (interval * target) / this.state.most : 0
      const at =
        delivery === 'push'
          ? this.state.now + delay.of(draw)
          : (Math.floor((this.state.now - phase) / interval) + 1) * interval + phase
      this.messages.push({ target, update })
      if (at <= this.state.now) this.receive(this.messages.at(-1)!)
      else this.state.events.schedule(at, Event.message, this.messages.length - 1)
    }
  }

  /** Word of an update arrives, by number of the message. */
  hear(message: number): void {
    this.receive(this.messages[message]!)
  }

  instanceBack(instance: number): void {
    this.state.router.setDown(instance, false)
    this.restartNext(instance)
  }

  tierBack(tier: number): void {
    for (const store of this.state.tiers[tier]!.stores) store.down--
  }

  /** An instance, or a shared tier, is told of it. */
  private receive({ target, update }: Message): void {
    const { mode } = this.state.settings.invalidation
    const affected = mode === 'affected' ? this.state.versions.maskOf(update - 1) : undefined
    if (target >= this.state.most) {
      this.state.storeOf(target - this.state.most, 0).forget(affected)
      return
    }
    if (this.state.known[target]! < update) this.state.known[target] = update
    if (mode === 'versioned') return
    for (const { settings, stores } of this.state.tiers)
      if (!settings.shared) stores[target]!.forget(affected)
  }

  /** The next instance of each rolling restart whose last one is back. */
  private restartNext(back: number): void {
    for (const roll of this.rolling) {
      if (back !== NONE && roll.next !== back + 1) continue
      if (back === NONE && roll !== this.rolling.at(-1)) continue
      if (roll.next >= roll.count) continue
      this.restart(roll.next++, roll.seconds)
    }
  }

  private restart(instance: number, seconds: number): void {
    this.empty(instance)
    this.state.router.setDown(instance, true)
    this.state.events.schedule(this.state.now + seconds, Event.instanceBack, instance)
  }

  /** An instance begins anew: what it kept in memory is gone, and it knows the model of today. */
  private empty(instance: number): void {
    this.state.known[instance] = this.state.versions.count
    for (const { settings, stores } of this.state.tiers)
      if (!settings.shared && !settings.persistent) stores[instance]!.forget()
  }

  private scale(instances: number): void {
    for (let instance = 0; instance < this.state.most; instance++) {
      const isThere = this.state.router.isThere(instance)
      if (isThere !== instance < instances) this.empty(instance)
    }
    this.state.router.scale(instances)
  }
}
