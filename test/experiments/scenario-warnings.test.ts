import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../src/experiments/scenario.ts'
import { scenarioWarnings } from '../../src/experiments/scenario-warnings.ts'
import { simulate } from '../../src/experiments/simulate.ts'
import { folderWith } from '../support/cli.ts'

const warningsOf = (settings: string) =>
  scenarioWarnings([parseScenario(`workload: zipf\n${settings}`, 'mine.yaml')])

describe('a warm-up that comes as seldom as entries live, or more so', () => {
  it.each([
    'tiers: [{ ttl: 1m }]\nwarmUp: { keys: 10, every: 1m }',
    'tiers: [{ ttl: 1m }]\nwarmUp: { keys: 10, every: 10m }',
    'tiers: [{ ttl: 10s }, { ttl: 1m }]\nwarmUp: { keys: 10, every: 1m, of: last-window }',
  ])('is warned of: %j', (settings) => {
    expect(warningsOf(settings)).toEqual([
      expect.stringMatching(/^a warm-up every .* helps little where entries live /),
    ])
  })

  it.each([
    'tiers: [{ ttl: 1m }]\nwarmUp: { keys: 10, every: 59s }',
    'tiers: [{ ttl: 1m }]\nwarmUp: { keys: 10 }',
    'tiers: [{ ttl: 1m }]',
    'warmUp: { keys: 10, every: 1m }',
    'tiers: [{ ttl: 10s }, { ttl: 10m }]\nwarmUp: { keys: 10, every: 1m }',
    'tiers: [{ ttl: 1m, ttlMode: idle }]\nwarmUp: { keys: 10, every: 1m }',
  ])('and others are not: %j', (settings) => {
    expect(warningsOf(settings)).toEqual([])
  })

  it('stands once in a result, whatever varies', async () => {
    const folder = folderWith({
      'mine.yaml':
        'workload: { recipe: zipf, requests: 500, rate: 10/s }\ntiers: [{ ttl: 10s }]\nwarmUp: { keys: 5, every: 20s }',
    })
    const { simulated } = await simulate({
      scenario: `${folder}/mine.yaml`,
      vary: ['instances=1,2'],
      repeat: 1,
    })
    expect(simulated.warnings.filter((text) => text.startsWith('a warm-up every'))).toHaveLength(1)
  })
})
