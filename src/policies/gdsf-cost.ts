import { definePolicy } from '../core/policy.ts'
import { GDSF_PAPER, Gdsf } from './gdsf.ts'

/**
 * GDSF in the form it was published in, with what each key cost to compute. A policy beside `gdsf` rather than a setting of
 * it, because what a trace must have for a policy does not depend on settings.
 */
export default definePolicy({
  name: 'gdsf-cost',
  summary:
    'gdsf with costs: evicts the key whose uses save the least model time for its bytes, the uses of long ago counting less',
  paper: GDSF_PAPER,
  needs: ['costs'],
  create: (context) => new Gdsf(context),
})
