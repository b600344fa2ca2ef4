import { InputError } from '../core/errors.ts'
import type { FileDescription } from '../core/format.ts'

/** @throws InputError where two files cannot be one trace */
export function requireAlike(first: FileDescription, file: FileDescription): void {
  const differ = (what: string, one: string, other: string) =>
    new InputError(
      `'${file.input.name}' and '${first.input.name}' cannot be one trace: ${what} ${one} and ${other}`,
    )
  if (file.format !== first.format) throw differ('their formats are', file.format, first.format)
  const hasOf = ({ has }: FileDescription) =>
    ['keys', ...Object.entries(has).flatMap(([name, is]) => (is ? [name] : []))].join(', ')
  if (hasOf(file) !== hasOf(first)) throw differ('they have', hasOf(file), hasOf(first))
}

/** What a trace of these files is called. */
export function nameOfAll(files: readonly FileDescription[]): string {
  const names = files.map(({ input }) =>
    input.name === '-' ? 'standard input' : (input.name.split(/[/\\]/).pop() ?? input.name),
  )
  return names.length === 1 ? names[0]! : `${names[0]} … ${names.at(-1)} (${names.length} files)`
}
