import { expect, it } from 'vitest'
import { createTrace } from '../../../src/core/trace.ts'
import { seconds, service, simulated } from '../../support/service.ts'

/** Calls of 10 s by one worker. */
const model = { latency: seconds(10), workers: 1 }

it.each([
  // Both run, one after the other: the second was asked for while the first ran.
  ['that wait and then run', [0, 0], [0, 1], {}, { calls: 2, duplicateCalls: 1 }],
  ['refused by the queue are none', [0, 0], [0, 1], { queueLimit: 0 }, { calls: 1, duplicateCalls: 0 }],
  ['that wait too long are none', [0, 0], [0, 1], { queueTimeout: 3 }, { calls: 1, duplicateCalls: 0 }],
  // b is asked for at 1 and 5.5: the first gives up at 6, the second runs from 10 to 20, alone.
  [
    'behind one that gave up are none',
    [0, 1, 1],
    [0, 1, 5.5],
    { queueTimeout: 5 },
    { calls: 2, duplicateCalls: 0, timeouts: 1 },
  ],
  ['asked for when the first has ended are none', [0, 0], [0, 10.5], {}, { calls: 2, duplicateCalls: 0 }],
])('calls for one key %s', (_, keys, times, over, expected) => {
  const { meters } = simulated(createTrace({ keys, times }), service({ model: { ...model, ...over } }))
  expect(meters).toMatchObject(expected)
})

it('calls for a key of one batch are duplicates but the first', () => {
  const batching = { maxSize: 3, maxWait: 5, fixed: 1, perItem: 1 }
  const { meters } = simulated(
    createTrace({ keys: [0, 0, 1], times: [0, 1, 2] }),
    service({ model: { ...model, batching } }),
  )
  // One batch of 1 + 3 s; waits of 2, 1 and 0 s.
  expect(meters).toMatchObject({ calls: 3, duplicateCalls: 1, callSeconds: 4, callWaits: { sum: 3 } })
})

it('a call for a new model is none of one for the model before', () => {
  const settings = service({ model, events: [{ kind: 'model-update', at: 1 }] })
  const { meters } = simulated(createTrace({ keys: [0, 0, 0], times: [0, 2, 3] }), settings)
  expect(meters).toMatchObject({ calls: 3, duplicateCalls: 1 })
})
