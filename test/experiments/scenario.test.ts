import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { parseScenario } from '../../src/experiments/scenario.ts'
import { listScenarios, openScenario } from '../../src/experiments/scenario-file.ts'
import { variantsOf } from '../../src/experiments/vary.ts'
import { folderWith, root } from '../support/cli.ts'

function mistakeIn(text: string): string {
  try {
    parseScenario(text, 'mine.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return (error as Error).message
  }
  throw new Error('it was accepted')
}

const zipf = 'workload: zipf\n'
const update = '\nevents: [{ at: 1m, kind: model-update }]'

describe('a scenario', () => {
  it('has a default for everything but the workload', () => {
    const scenario = parseScenario('workload: zipf', 'mine.yaml')
    expect(scenario).toMatchObject({
      workload: { recipe: 'zipf' },
      instances: 1,
      routing: 'round-robin',
      model: { workers: 8, queue: { limit: Infinity, timeout: Infinity }, errorRate: 0 },
      tiers: [{ scope: 'shared', policy: 'lru', capacity: '10%', ttl: 'none', persistent: false }],
      onMiss: { protection: 'none', lease: Infinity, earlyRefresh: 0 },
      invalidation: { mode: 'flush', delivery: 'push' },
      events: [],
      slo: 1,
    })
    expect(mistakeIn('story: nothing')).toContain("mine.yaml:1:1: 'the workload'")
  })

  it('has durations, shares and sizes with units', () => {
    const { model, tiers, slo, events } = parseScenario(
      `${zipf}model: { errorRate: 2%, queue: { limit: 1k, timeout: 1.5m }, failAfter: 20ms, workers: unlimited, batching: { maxSize: 4, fixed: 10ms } }
tiers: [{ capacity: 64MiB, ttl: 1h, lookup: "lognormal:p50=1ms,p99=4ms" }]
slo: 250ms
events: [{ at: 10m, kind: model-outage, for: 90s }]`,
      'mine.yaml',
    )
    expect(model).toMatchObject({
      errorRate: 0.02,
      queue: { limit: 1000, timeout: 90 },
      failAfter: 0.02,
      workers: Infinity,
    })
    expect(tiers[0]).toMatchObject({ capacity: '64MiB', ttl: 3600 })
    expect(slo).toBe(0.25)
    expect(events).toEqual([{ kind: 'model-outage', at: 600, for: 90 }])
  })

  it('takes columns by number wherever it takes them by name', () => {
    const { workload } = parseScenario(
      'workload: { trace: a.csv, key: 2, time: 1, valueSize: 3, cost: 4, ttlColumn: 5 }',
      'mine.yaml',
    )
    expect(workload).toMatchObject({ key: ['2'], time: '1', valueSize: '3', cost: '4', ttlColumn: '5' })
    expect(parseScenario('workload: { trace: a.csv, key: [1, model] }', 'mine.yaml').workload).toMatchObject({
      key: ['1', 'model'],
    })
  })

  it.each(['unlimited', 'none'])('has workers and a queue without a limit: %s', (word) => {
    const settings = `${zipf}model: { workers: 2, queue: { limit: ${word} } }`
    expect(parseScenario(settings, 'mine.yaml').model.queue.limit).toBe(Infinity)
    expect(parseScenario(`${zipf}model: { workers: ${word} }`, 'mine.yaml').model.workers).toBe(Infinity)
  })

  it.each(['none', 'single-flight', 'lock', 'xfetch', 'stale-while-revalidate', 'stale-if-error'])(
    'knows the word %s for what happens on a miss',
    (word) => {
      expect(() => parseScenario(`${zipf}tiers: [{ ttl: 1m }]\nonMiss: ${word}`, 'mine.yaml')).not.toThrow()
    },
  )
})

describe('a typo is said with its line, its column and the nearest name', () => {
  it.each([
    [
      'workload: zipf\ntiesr: []',
      "mine.yaml:2:1: unknown setting in a scenario 'tiesr'; did you mean 'tiers'?",
    ],
    [
      'workload: zipf\ntiers:\n  - polcy: lru',
      "mine.yaml:3:5: unknown setting in a tier 'polcy'; did you mean 'policy'?",
    ],
    ['workload: zipf\ntiers:\n  - policy: lur', "mine.yaml:3:13: unknown policy 'lur'; did you mean 'lru'?"],
    ['workload: zipf\nmodel:\n  workers: 0', "mine.yaml:3:12: 'workers' is 0: it must be from 1 to 1000000"],
    ['workload: zipf\nmodel: { latency: 20 }', "mine.yaml:2:19: 'latency' '20' has no unit"],
    ['workload: zipf\nmodel: { latency: { fixed: 1s } }', "mine.yaml:2:19: 'perToken' is missing"],
    ['workload: zipf\ninstances: 0', "mine.yaml:2:12: 'instances' is 0"],
    [
      'workload: zipf\nonMiss: single-flght',
      "mine.yaml:2:9: 'onMiss' is 'single-flght': it must be one of none, single-flight, lock, xfetch, stale-while-revalidate, stale-if-error, or a group of settings, such as { protection: single-flight }; did you mean 'single-flight'?",
    ],
    ['workload: zipf\nonMiss: swr', "; did you mean 'stale-while-revalidate'?"],
    [
      'workload: zipf\nonMiss: { protection: sf }',
      "mine.yaml:2:23: 'protection' is 'sf': it must be none, single-flight, lock; did you mean 'single-flight'?",
    ],
    [
      'workload: zipf\nrouting: by-keys',
      "mine.yaml:2:10: 'routing' is 'by-keys': it must be round-robin, random, least-loaded, by-key; did you mean 'by-key'?",
    ],
    ['workload: zipf\nevents: [{ at: 1m, kind: model-updat }]', "; did you mean 'model-update'?"],
    [
      'workload: zipf\nmodel: { latency: { fixd: 1s } }',
      "mine.yaml:2:21: unknown setting in the latency of a model 'fixd'; did you mean 'fixed'?",
    ],
    [
      'workload: zipf\nevents: [{ att: 1m, kind: surge }]',
      "mine.yaml:2:12: unknown setting in event 'surge' 'att'; did you mean 'at'?",
    ],
    [
      'workload: zipf\nmodel: { workers: all }',
      "mine.yaml:2:19: 'workers' is 'all': it must be a whole number from 1 to 1000000, or 'unlimited' (or 'none')",
    ],
    ['workload: zipf\nmodel: { queue: { limit: all } }', "or 'unlimited' (or 'none')"],
    ['workload: zipf\nslo: 1s\nevents: *b', 'mine.yaml:3:9: aliases are used too often'],
    [
      'workload: zipf\nonMiss: { protection: singleflight }',
      "mine.yaml:2:23: 'protection' is 'singleflight': it must be none, single-flight, lock",
    ],
    [
      'workload: zipf\nevents: [{ at: 1m, kind: outage }]',
      "mine.yaml:2:26: 'kind' is 'outage': it must be one of model-update",
    ],
    ['workload: zipf\nevents: [{ kind: model-outage }]', "'at' is missing"],
    [
      'workload: zipf\ninvalidation: { loss: 120% }',
      "mine.yaml:2:23: 'loss' is '120%': it must be a share from 0 to 1",
    ],
    ['workload: { recipe: zipf, requests: 0 }', "mine.yaml:1:37: 'requests' is 0: it must be at least 1"],
    ['workload: { recipe: zipf, keys: x }', "mine.yaml:1:33: 'keys' 'x' is not a whole number"],
    [
      'workload: { recipe: zipf, alpha: -1 }',
      "mine.yaml:1:34: 'alpha' is '-1': it must be a number of 0 or more",
    ],
    [
      'workload: zipf\nonMiss: { earlyRefresh: 1e9 }',
      "mine.yaml:2:25: 'earlyRefresh' is '1000000000': it must be a number from 0 to 1000000",
    ],
    ['workload: !mine zipf', "mine.yaml:1:11: the tag '!mine' is none that a scenario knows: leave it out"],
    ['workload: { recipe: zipf, rate: 20 }', "mine.yaml:1:33: 'rate' '20' is not understood"],
    [
      '- workload',
      "mine.yaml:1:1: the scenario is a list: it must be settings, the first of them 'workload: …'",
    ],
    ['', 'mine.yaml:1:1: the scenario is empty: it needs at least a workload'],
    ['workload: zipf\nworkload: zipf', "mine.yaml:2:1: 'workload' stands twice"],
  ])('%j', (text, message) => {
    expect(mistakeIn(text)).toContain(message)
  })
})

/** As they are listed in docs/service.md. */
const CONTRADICTIONS: readonly [settings: string, message: string][] = [
  [
    'workload: { recipe: zipf, trace: a.csv }',
    "1:34: 'recipe' and 'trace' exclude each other: requests are generated or recorded",
  ],
  [
    'workload: { rate: 1/s }',
    "1:11: the workload names neither a 'recipe' nor a 'trace': it needs one of them",
  ],
  ['workload: { recipe: zipf, time: ts }', "1:33: 'time' is for a recorded trace, which this is not"],
  ['workload: { trace: a.csv, alpha: 1 }', "1:34: 'alpha' is for a generated workload, which this is not"],
  [
    `${zipf}tiers: [{ scope: shared }, { scope: instance }]`,
    '2:37: tier 1 is in every instance, but the tier before it is shared: tiers stand nearest first',
  ],
  [
    `${zipf}tiers: [{ exclusive: true }]`,
    '2:22: the nearest tier cannot be exclusive: no tier before it could hold what it does not',
  ],
  [
    `${zipf}tiers: [{ ttl: 1m }, { exclusive: true }]`,
    '2:35: an exclusive tier needs the TTL of the tier before it, and not a recorded one: entries move between them',
  ],
  [
    `${zipf}tiers: [{ lookup: 2ms, timeout: 1ms }]`,
    "2:33: 'timeout' is below what every 'lookup' takes: nothing would ever be found in the tier",
  ],
  [
    `${zipf}tiers: [{ ttlMode: idle }]`,
    "2:20: 'ttlMode' is 'idle', but the tier has no TTL that a use could renew: give 'ttl'",
  ],
  [
    `${zipf}tiers: [{ policy: optimal }]\ninvalidation: { mode: versioned }${update}`,
    "2:19: 'optimal' knows the requests to come by their keys, which versioned keys are not: choose another policy or mode",
  ],
  [
    `${zipf}model: { latency: 1s, batching: { maxSize: 2, fixed: 1s } }`,
    "2:33: 'latency' and 'batching' exclude each other: both say how long the model takes",
  ],
  [
    `${zipf}model: { queue: { limit: 3 }, batching: { maxSize: 4, fixed: 1s } }`,
    "2:26: 'limit' is 3, but a batch of 4 gathers in the queue: it must be at least that",
  ],
  [
    `${zipf}model: { workers: unlimited, queue: { limit: 3 } }`,
    '2:37: nothing ever waits for workers without number: leave the queue out, or say how many',
  ],
  [
    `${zipf}tiers: []\nwarmUp: { keys: 10 }`,
    '3:17: there is no cache that could be warmed up: give a tier, or no keys',
  ],
  [
    `${zipf}warmUp: { keys: 10, of: last-window }`,
    "2:25: 'last-window' needs to know how long a window is: give 'every'",
  ],
  [
    `${zipf}tiers: [{ scope: instance }]\nonMiss: lock`,
    '3:9: a lock across instances needs a shared tier, where those who wait find what was computed: give one, or single-flight',
  ],
  [
    `${zipf}onMiss: { protection: single-flight, lease: 10s }`,
    "2:45: 'lease' is for 'protection: lock': leave it out, or take the lock",
  ],
  [`${zipf}onMiss: xfetch`, "2:9: 'earlyRefresh' needs a tier whose entries expire: give one a 'ttl'"],
  [
    `${zipf}onMiss: { staleIfError: 1m }`,
    "2:25: 'staleIfError' needs a tier whose entries expire: give one a 'ttl'",
  ],
  [
    `${zipf}invalidation: { delivery: pull, loss: 1% }${update}`,
    "2:27: 'delay' and 'loss' are of messages that are pushed: leave them out, or 'delivery: push'",
  ],
  [
    `${zipf}events: [{ at: 1m, kind: model-update, prefix: a, share: 10% }]`,
    "2:58: 'prefix' and 'share' exclude each other: both say which keys are affected",
  ],
  [
    `${zipf}events: [{ at: 1m, kind: restart-tier, tier: 1 }]`,
    '2:46: there is no tier 1: they are numbered from 0 to 0',
  ],
  [
    `${zipf}events: [{ at: 1m, kind: restart-instance, instance: 1 }]`,
    '2:54: there is no instance 1: they are numbered from 0 to 0',
  ],
  [
    `${zipf}events: [{ at: 1m, kind: surge, for: 1m }, { at: 90s, kind: surge }]`,
    '2:50: two surges overlap: one must end before the next begins',
  ],
  [`${zipf}warmUp: { every: 1m }`, "2:18: 'every' does nothing without keys to warm up: give 'keys'"],
  [`${zipf}warmUp: { before: 1m }`, "2:19: 'before' does nothing without keys to warm up: give 'keys'"],
  [
    `${zipf}warmUp: { concurrency: 1 }`,
    "2:24: 'concurrency' does nothing without keys to warm up: give 'keys'",
  ],
  [
    `${zipf}warmUp: { first: 10%, before: 1m }`,
    "2:31: 'before' does nothing without keys to warm up: give 'keys'",
  ],
  [
    `${zipf}warmUp: { of: last-window, every: 1m }`,
    "2:15: 'of' does nothing without keys to warm up: give 'keys' (and 1 more mistake)",
  ],
  [
    `${zipf}warmUp: { keys: 0, every: 1m }`,
    "2:27: 'every' does nothing without keys to warm up: give 'keys'",
  ],
  [
    `${zipf}invalidation: { mode: ttl, delay: 1s }${update}`,
    "2:35: 'delay' does nothing with 'mode: ttl', where nobody is told: leave it out, or choose another mode",
  ],
  [
    `${zipf}invalidation: { mode: ttl, loss: 0 }${update}`,
    "2:34: 'loss' does nothing with 'mode: ttl', where nobody is told: leave it out, or choose another mode",
  ],
  [
    `${zipf}invalidation: { mode: ttl, delivery: pull, loss: 1% }${update}`,
    "2:38: 'delivery' does nothing with 'mode: ttl', where nobody is told: leave it out, or choose another mode (and 1 more mistake)",
  ],
  [
    `${zipf}invalidation: { every: 30s }${update}`,
    "2:24: 'every' does nothing where word is pushed: leave it out, or 'delivery: pull'",
  ],
  [
    `${zipf}invalidation: { mode: ttl }`,
    "2:23: 'mode' does nothing without a new model that caches could learn of: give an event 'model-update'",
  ],
  [
    `${zipf}invalidation: { delay: 1s, loss: 1% }\nevents: [{ at: 1m, kind: model-outage }]`,
    "2:24: 'delay' does nothing without a new model that caches could learn of: give an event 'model-update' (and 1 more mistake)",
  ],
]

describe('settings that contradict each other are refused in one sentence', () => {
  it.each(CONTRADICTIONS)('%j', (text, message) => {
    expect(mistakeIn(text)).toBe(`mine.yaml:${message}`)
  })

  it('which the documentation lists', () => {
    const documentation = readFileSync(join(root, 'docs/service.md'), 'utf8').replaceAll(/\s+/g, ' ')
    for (const [, message] of CONTRADICTIONS) {
      // Names and numbers differ from case to case: how the sentence ends does not, but for its last word.
      const end = message
        .replace(/ \(and 1 more mistake\)$/, '')
        .split(' ')
        .slice(-6, -1)
        .join(' ')
      expect(documentation, message).toContain(end)
    }
  })
})

describe('variants', () => {
  it('are every combination of what varies', () => {
    expect(
      variantsOf(['instances=1..3', 'onMiss=none,lock']).map((changes) => changes.map(({ value }) => value)),
    ).toEqual([
      [1, 'none'],
      [1, 'lock'],
      [2, 'none'],
      [2, 'lock'],
      [3, 'none'],
      [3, 'lock'],
    ])
    expect(variantsOf([])).toEqual([[]])
  })

  it('keep commas that belong to a value', () => {
    const [first, second] = variantsOf(['model.latency=lognormal:p50=1s,p99=4s,2s'])
    expect([first![0]!.value, second![0]!.value]).toEqual(['lognormal:p50=1s,p99=4s', '2s'])
    expect(variantsOf(['tiers.0.policy=s3-fifo(small=0.1,ghost=0.5),lru'])).toHaveLength(2)
  })

  it.each([
    [
      'instances',
      "--vary 'instances' is not understood: write a path and its values, such as instances=1,2,4",
    ],
    ['instances=8..1', "--vary 'instances=8..1' runs backwards: the first number must not be above the last"],
    ['instances=1..900', "--vary 'instances=1..900' has 900 values: 200 are the most"],
    [
      'instances=1,,2',
      "--vary 'instances=1,,2' has an empty value: write them with a comma between two, such as lru,lfu",
    ],
    ['story=a,b', "--vary 'story=a,b' changes nothing that is simulated: 'story' is for readers"],
    ['seed=1,2', "--vary 'seed=1,2' would compare luck: --repeat takes several seeds"],
    ['instances=1,1', "--vary 'instances=1,1' names '1' twice"],
  ])('%s is refused', (text, message) => {
    expect(() => variantsOf([text])).toThrow(new InputError(message))
  })

  it('of a setting and of a part of it are refused', () => {
    expect(() => variantsOf(['onMiss.protection=none,lock', 'onMiss=none,lock'])).toThrow(
      new InputError("--vary 'onMiss' replaces what --vary 'onMiss.protection' sets: vary one of them"),
    )
    expect(variantsOf(['tiers.1.ttl=1m', 'tiers.10.ttl=1m'])).toHaveLength(1)
  })

  it('are the file with other values, wherever they stand', () => {
    const file = openScenario('rest-api-redis')
    const changed = file.variant([
      { path: 'tiers.0.policy', value: 'lfu' },
      { path: 'onMiss.staleIfError', value: '1m' },
      { path: 'warmUp.keys', value: 10 },
    ])
    expect(changed).toMatchObject({
      tiers: [{ policy: 'lfu', capacity: '10k' }],
      onMiss: { protection: 'none', staleIfError: 60 },
      warmUp: { keys: 10 },
    })
    expect(file.variant([]).tiers[0]!.policy).toBe('lru')
  })

  it.each([
    [
      'tiers.1.policy',
      'lru',
      "--vary 'tiers.1.policy': '1' is none of the 1 there are, which are numbered from 0 on",
    ],
    [
      'tiers.0.polcy',
      'lru',
      "--vary tiers.0.polcy=lru: unknown setting in a tier 'polcy'; did you mean 'policy'?",
    ],
    ['model.workers', 0, "--vary model.workers=0: 'workers' is 0"],
    ['onMiss', 'looking-away', "--vary onMiss=looking-away: 'onMiss' is 'looking-away'"],
    ['__proto__.polluted', 1, "--vary '__proto__.polluted' is not a path such as tiers.0.policy"],
  ])('of a path that is not there are refused: %s', (path, value, message) => {
    expect(() => openScenario('rest-api-redis').variant([{ path, value }])).toThrow(message)
  })

  it('of an event that is not there are refused as such', () => {
    expect(() => openScenario('rest-api-redis').variant([{ path: 'events.0.at', value: '1s' }])).toThrow(
      new InputError("--vary 'events.0.at': there is no event 0, because the scenario has no events"),
    )
    expect(() => openScenario('model-outage').variant([{ path: 'events.3.at', value: '1s' }])).toThrow(
      "'3' is none of the 1 there are, which are numbered from 0 on",
    )
  })

  it('may leave settings of the file idle, but not vary what is idle', () => {
    const warmed = openScenario('cold-start-and-warm-up')
    expect(warmed.variant([{ path: 'warmUp.keys', value: 0 }]).warmUp.keys).toBe(0)
    const updated = openScenario('model-update')
    expect(updated.variant([{ path: 'invalidation.mode', value: 'ttl' }]).invalidation.mode).toBe('ttl')
    expect(() => updated.variant([{ path: 'invalidation.every', value: '1s' }])).toThrow(
      "--vary invalidation.every=1s: 'every' does nothing where word is pushed",
    )
  })

  it('say what is wrong in the file as such, and not of the change', () => {
    const folder = folderWith({ 'mine.yaml': 'workload: zipf\nslo: fast\n' })
    const path = join(folder, 'mine.yaml')
    expect(() => openScenario(path).variant([{ path: 'instances', value: 2 }])).toThrow(
      `${path}:2:6: 'slo' 'fast'`,
    )
  })
})

describe('the shipped scenarios', () => {
  it('are listed with the first sentence of their story', () => {
    const files = readdirSync(join(root, 'workloads/services')).map((name) => name.replace('.yaml', ''))
    expect(listScenarios().map(({ name }) => name)).toEqual(files.sort())
    for (const { summary } of listScenarios()) expect(summary).toMatch(/^[A-Z].{20,}[.]$/)
  })
})
