import { readFile } from 'node:fs/promises'
import { buffer as readAll } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import type { Command } from 'commander'
import { fileReason, InputError } from '../core/errors.ts'
import { parseResult } from '../reports/result-schema.ts'
import { addOutputOptions, runAndReport } from './outputs.ts'

export function configure(command: Command): void {
  addOutputOptions(command.argument('<file>', 'a result saved with --json; - is standard input')).action(
    async (file: string, flags) => {
      const result = parseResult(await readText(file), file)
      await runAndReport(flags, result.command, async () => result, [file])
    },
  )
}

/** The text of a file, gunzipped where it is compressed. */
async function readText(file: string): Promise<string> {
  try {
    const bytes = file === '-' ? await readAll(process.stdin) : await readFile(file)
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return (isGzip ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    throw new InputError(`'${file}' cannot be read: ${fileReason(error, 'read')}`)
  }
}
