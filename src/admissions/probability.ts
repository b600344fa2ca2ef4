import { defineAdmission } from '../core/admission.ts'

export default defineAdmission({
  name: 'probability',
  summary: 'admits by chance, so that what is asked for often comes in sooner',
  parameters: {
    p: {
      type: 'number',
      default: 0.5,
      minimum: 0,
      maximum: 1,
      description: 'the chance that a miss brings its key in',
    },
  },
  create: ({ random }, { p }) => ({ admit: () => random() < p }),
})
