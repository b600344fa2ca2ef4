import type { GeneratorDefinition } from '../core/generator.ts'
import { Registry } from '../core/registry.ts'
import hotspot from './hotspot.ts'
import loop from './loop.ts'
import oneHitWonders from './one-hit-wonders.ts'
import scan from './scan.ts'
import shifting from './shifting.ts'
import uniform from './uniform.ts'
import zipf from './zipf.ts'

/** Synthetic key streams. Mixtures of them are written in recipes: see plan.ts. */
export const generators = new Registry<GeneratorDefinition>('generator', [
  zipf,
  uniform,
  scan,
  loop,
  hotspot,
  shifting,
  oneHitWonders,
])
