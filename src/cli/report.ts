import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import type { Command } from 'commander'
import { InputError } from '../core/errors.ts'
import { parseResult } from '../reports/result-schema.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

export function configure(command: Command): void {
  addOutputOptions(command.argument('<file>', 'a result saved with --json; - is standard input')).action(
    async (file: string, flags) => {
      const result = parseResult(await readText(file), file)
      await runAndReport(flags, result.command, async () => result)
    },
  )
}

async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
    throw new InputError(`'${file}' cannot be read: ${reason}`)
  }
}
