import { createIndexedRandom, type IndexedRandom } from '../../core/indexed-random.ts'
import type { ModelQueue } from './model-queue.ts'
import { Event, type ServiceState } from './service-state.ts'
import type { ServiceEvent } from './settings.ts'
import type { WarmUp } from './warm-up.ts'

interface Message {
  /** An instance, or one of the shared tiers behind them. */
  readonly target: number
  readonly update: number
}

/** A restart of one instance, or of all in turn: each when the one before is back. */
interface Restart {
  readonly seconds: number
  /** The instance that is away, and what `departures` said of it when it went. */
  instance: number
  departures: number
  /** The last that is to be restarted. */
  readonly last: number
}

/** What a scenario lets happen to a service: new models and how caches hear of them, restarts, outages, other sizes. */
export class Operations {
  private readonly state: ServiceState
  private readonly model: ModelQueue
  private readonly warmUp: WarmUp
  private readonly messages: Message[] = []
  private readonly losses: IndexedRandom
  private readonly restarts: Restart[] = []
  /** [instances] how often each has been scaled away: what was restarting then is not there any more. */
  private readonly departures: Uint32Array

  constructor(state: ServiceState, model: ModelQueue, warmUp: WarmUp, seed: string) {
    this.state = state
    this.model = model
    this.warmUp = warmUp
    this.departures = new Uint32Array(state.most)
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
        const [first, last] =
          event.instance === undefined
            ? [0, this.state.router.thereCount - 1]
            : [event.instance, event.instance]
        this.restarts.push({ seconds: event.seconds, instance: first, departures: 0, last })
        this.stop(this.restarts.length - 1)
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

  /** The instance of a restart is back, by number of the restart; the next goes. */
  instanceBack(number: number): void {
    const restart = this.restarts[number]!
    const { instance, last } = restart
    if (this.departures[instance] === restart.departures) {
      this.begin(instance)
      this.state.router.setDown(instance, false)
    }
    if (instance === last) return
    restart.instance++
    this.stop(number)
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

  /** An instance takes no more requests, and is away for a while; one that is not there is not restarted. */
  private stop(number: number): void {
    const restart = this.restarts[number]!
    const { instance, seconds } = restart
    const { router, events, now } = this.state
    if (!router.isThere(instance)) return
    restart.departures = this.departures[instance]!
    router.setDown(instance, true)
    events.schedule(now + seconds, Event.instanceBack, number)
  }

  /** An instance begins anew: it has nothing in memory, waits for nobody's computation, and knows the model of today. */
  private begin(instance: number): void {
    const { state } = this
    state.known[instance] = state.versions.count
    state.startedAt[instance] = state.now
    state.forgetErrors(instance)
    if (state.settings.onMiss.protection !== 'lock') state.flights.forget(instance)
    for (const { settings, stores } of state.tiers)
      if (!settings.shared && !settings.persistent) stores[instance]!.forget()
  }

  private scale(instances: number): void {
    const { router, most } = this.state
    for (let instance = 0; instance < most; instance++) {
      const isThere = router.isThere(instance)
      if (isThere && instance >= instances) this.departures[instance]!++
      if (!isThere && instance < instances) {
        router.start(instance)
        this.begin(instance)
      }
    }
    router.scale(instances)
  }
}
