import type { AdmissionDefinition } from '../core/admission.ts'
import { Registry } from '../core/registry.ts'
import doorkeeper from './doorkeeper.ts'
import maxSize from './max-size.ts'
import minCost from './min-cost.ts'
import probability from './probability.ts'
import tinyLfu from './tinylfu.ts'

/** Every admission filter that has a name. A new one is a file and a line here. */
export const admissions = new Registry<AdmissionDefinition>('admission filter', [
  tinyLfu,
  doorkeeper,
  maxSize,
  minCost,
  probability,
] as AdmissionDefinition[])
