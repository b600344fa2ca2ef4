import type { ArrivalDefinition } from '../../core/generator.ts'
import { Registry } from '../../core/registry.ts'
import bursts from './bursts.ts'
import constant from './constant.ts'
import diurnal from './diurnal.ts'
import poisson from './poisson.ts'

/** Processes that say when requests arrive. */
export const arrivals = new Registry<ArrivalDefinition>('arrival process', [
  constant,
  poisson,
  diurnal,
  bursts,
])
