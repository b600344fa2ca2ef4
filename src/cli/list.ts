import type { Command } from 'commander'
import pc from 'picocolors'
import { unknownName } from '../core/errors.ts'
import { type CatalogueEntry, catalogue } from '../experiments/catalogue.ts'
import { hang, wrap } from '../reports/text.ts'
import { forbidColors, Output, stdoutColors, stdoutWidth } from './io.ts'

export function configure(command: Command): void {
  command
    .argument(
      '[kind]',
      'policies, admissions, workloads, scenarios, generators, arrivals, formats, latencies or reports; default: all',
    )
    .option('--json', 'as JSON, with every setting')
    .option('--no-color', 'no colours')
    .option('--debug', 'a stack trace with an error')
    .action(async (kind: string | undefined, flags: { json?: boolean; color?: boolean }) => {
      if (flags.color === false) forbidColors()
      const all = catalogue()
      if (kind !== undefined && !Object.hasOwn(all, kind)) throw unknownName('kind', kind, Object.keys(all))
      const shown = kind === undefined ? all : { [kind]: all[kind]! }
      const text = flags.json ? `${JSON.stringify(shown, null, 2)}\n` : renderCatalogue(shown)
      await Output.open('-', '').write([text])
    })
}

function renderCatalogue(kinds: Record<string, readonly CatalogueEntry[]>): string {
  const { bold, cyan, dim } = pc.createColors(stdoutColors())
  const blocks = Object.entries(kinds).map(([kind, entries]) => {
    const indent = Math.max(...entries.map(({ name }) => name.length)) + 4
    const room = Math.max(20, stdoutWidth() - indent)
    const lines = entries.flatMap(({ name, summary, settings }) => [
      ...hang(`  ${name}`.padEnd(indent), wrap(summary, room), cyan),
      ...settings.flatMap((setting) => {
        const text = `${setting.name}=${setting.default}  ${setting.description} (${setting.allowed})`
        return hang(' '.repeat(indent), wrap(text, room).map(dim), (label) => label)
      }),
    ])
    return `${bold(kind)}\n${lines.join('\n')}\n`
  })
  return blocks.join('\n')
}
