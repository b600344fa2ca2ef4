import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventQueue } from '../../../src/engine/service/event-queue.ts'

it('gives events by time, and those of one moment in the order they were scheduled', () => {
  const step = fc.oneof(fc.constant('take' as const), fc.nat(5))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2000, size: 'max' }), (steps) => {
      const queue = new EventQueue()
      const model: { time: number; of: number }[] = []
      steps.forEach((step, of) => {
        if (step !== 'take') {
          queue.schedule(step, of % 16, of)
          model.push({ time: step, of })
        } else if (model.length > 0) {
          const soonest = model.reduce((least, event) => (event.time < least.time ? event : least))
          model.splice(model.indexOf(soonest), 1)
          expect(queue.soonest).toBe(soonest.time)
          queue.take()
          expect({ kind: queue.kind, of: queue.of }).toEqual({ kind: soonest.of % 16, of: soonest.of })
        }
        expect(queue.soonest).toBe(Math.min(Infinity, ...model.map(({ time }) => time)))
      })
    }),
    { numRuns: 60 },
  )
})
