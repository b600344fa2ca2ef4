import { defineAdmission } from '../core/admission.ts'

export default defineAdmission({
  name: 'max-size',
  summary: 'admits values up to a size',
  parameters: {
    limit: { type: 'bytes', default: '1MiB', description: 'the largest value that comes in' },
  },
  needs: ['sizes'],
  create: ({ sizeOf }, { limit }) => ({ admit: (key) => sizeOf(key) <= limit }),
})
