import type { Command } from 'commander'
import pc from 'picocolors'
import { unknownName } from '../core/errors.ts'
import { type CatalogueEntry, catalogue } from '../experiments/catalogue.ts'
import { forbidColors, Output, stdoutColors } from './io.ts'

export function configure(command: Command): void {
  command
    .argument(
      '[kind]',
      'policies, workloads, generators, arrivals, formats, latencies or reports; default: all',
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
      await (await Output.open('-', '')).write([text])
    })
}

function renderCatalogue(kinds: Record<string, readonly CatalogueEntry[]>): string {
  const { bold, cyan, dim } = pc.createColors(stdoutColors())
  const blocks = Object.entries(kinds).map(([kind, entries]) => {
    const width = Math.max(...entries.map(({ name }) => name.length)) + 2
    const lines = entries.flatMap(({ name, summary, settings }) => [
      `  ${cyan(name.padEnd(width))}${summary}`,
      ...settings.map(
        (setting) =>
          `  ${' '.repeat(width)}${dim(`${setting.name}=${setting.default}  ${setting.description} (${setting.allowed})`)}`,
      ),
    ])
    return `${bold(kind)}\n${lines.join('\n')}\n`
  })
  return blocks.join('\n')
}
