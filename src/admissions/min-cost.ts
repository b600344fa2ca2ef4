import { defineAdmission } from '../core/admission.ts'

export default defineAdmission({
  name: 'min-cost',
  summary: 'admits predictions that took the model long enough to be worth keeping',
  parameters: {
    least: { type: 'duration', default: '100ms', description: 'the shortest time that makes a key come in' },
  },
  needs: ['costs'],
  create({ costOf }, { least }) {
    // Costs are milliseconds of single precision, in which 0.7 is less than 0.7.
    const leastMs = Math.fround(least * 1000)
    return { admit: (key) => costOf(key) >= leastMs }
  },
})
