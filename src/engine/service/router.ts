import { createIndexedRandom, type IndexedRandom, mix } from '../../core/indexed-random.ts'
import { partitionPoint } from '../../core/partition-point.ts'
import type { RoutingName } from './settings.ts'

/** Places of each instance on the ring: the loads of instances then differ by some 10 %. */
const PLACES = 128

/**
 * Which instance a request goes to. By key is consistent hashing (Karger et al. 1997): each instance has places on a
 * ring of hashes, and a key goes to the one whose place comes next, so that a change of the instances moves few keys.
 */
export class Router {
  /** [instances] requests that each has at the moment. */
  readonly inFlight: Int32Array
  private readonly routing: RoutingName
  private readonly random: IndexedRandom
  /** [instances] whether each takes requests. */
  private readonly up: Uint8Array
  private readonly down: Uint8Array
  /** Those that take requests, in order. */
  private live = new Int32Array(0)
  private turn = 0
  private ringHashes = new Uint32Array(0)
  private ringOwners = new Int32Array(0)

  /** @param most instances there will ever be */
  constructor(routing: RoutingName, most: number, seed: string) {
    this.routing = routing
    this.random = createIndexedRandom(seed, 'service:routing')
    this.inFlight = new Int32Array(most)
    this.up = new Uint8Array(most)
    this.down = new Uint8Array(most)
  }

  /** The first `count` instances are there. */
  scale(count: number): void {
    this.up.fill(0)
    this.up.fill(1, 0, count)
    this.changed()
  }

  /** Whether an instance is part of the service, up or restarting. */
  isThere(instance: number): boolean {
    return this.up[instance] === 1
  }

  get thereCount(): number {
    return this.up.reduce((sum, up) => sum + up, 0)
  }

  /** An instance stops or starts taking requests. Nested stops end with the last start. */
  setDown(instance: number, isDown: boolean): void {
    this.down[instance]! += isDown ? 1 : -1
    this.changed()
  }

  /** An instance is a new one, whatever stopped the one that had its number. To be followed by `scale`. */
  start(instance: number): void {
    this.down[instance] = 0
  }

  /** The instance for a request, or −1 where there is none. */
  route(key: number, request: number): number {
    const { live } = this
    const count = live.length
    if (count <= 1) return count === 0 ? -1 : live[0]!
    switch (this.routing) {
      case 'round-robin': {
        if (this.turn >= count) this.turn = 0
        return live[this.turn++]!
      }
      case 'random':
        return live[Math.floor(this.random(request)() * count)]!
      case 'least-loaded':
        return this.leastLoaded()
      case 'by-key':
        return this.ownerOf(key)
    }
  }

  /** Of equally loaded ones the next in turn. */
  private leastLoaded(): number {
    const { live, inFlight } = this
    const count = live.length
    if (this.turn >= count) this.turn = 0
    let least = live[this.turn]!
    let place = this.turn
    for (let step = 1; step < count; step++) {
      const at = this.turn + step < count ? this.turn + step : this.turn + step - count
      if (inFlight[live[at]!]! < inFlight[least]!) {
        least = live[at]!
        place = at
      }
    }
    this.turn = place + 1
    return least
  }

  private ownerOf(key: number): number {
    const hash = mix(key ^ 0x5bd1_e995) >>> 0
    const { ringHashes } = this
    const place = partitionPoint(ringHashes.length, (at) => ringHashes[at]! < hash)
    return this.ringOwners[place === ringHashes.length ? 0 : place]!
  }

  private changed(): void {
    const live: number[] = []
    for (let instance = 0; instance < this.up.length; instance++)
      if (this.up[instance] === 1 && this.down[instance] === 0) live.push(instance)
    this.live = Int32Array.from(live)
    if (this.routing !== 'by-key') return
    const places = live.flatMap((instance) =>
      Array.from({ length: PLACES }, (_, place) => ({
        hash: mix(mix(instance + 1) ^ Math.imul(place + 1, 0x9e37_79b9)) >>> 0,
        instance,
      })),
    )
    places.sort((a, b) => a.hash - b.hash || a.instance - b.instance)
    this.ringHashes = Uint32Array.from(places, ({ hash }) => hash)
    this.ringOwners = Int32Array.from(places, ({ instance }) => instance)
  }
}
