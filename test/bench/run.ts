import { benchCurves } from './curves.ts'
import { benchFormats } from './formats.ts'
import { benchGenerators } from './generators.ts'
import { benchReplay } from './replay.ts'
import { benchService } from './service.ts'
import { benchSweep } from './sweep.ts'

/** `npm run bench` runs all; `npm run bench -- replay` one of them. */
const benches = {
  replay: benchReplay,
  generators: benchGenerators,
  formats: benchFormats,
  curves: benchCurves,
  service: benchService,
  sweep: benchSweep,
}

const asked = process.argv.slice(2)
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  await bench()
  console.log()
}
