import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import type { CompareResult, Result } from '../../src/core/result.ts'
import { parseResult } from '../../src/reports/result-schema.ts'

/** The checkout, and the binary in it. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
export const binary = join(root, 'bin/cachesim.js')

/** One folder for each test file, gone when it is done. Others may enter it: a test runs as another user. */
const base = mkdtempSync(join(tmpdir(), 'cachesim-cli-'))
chmodSync(base, 0o755)
afterAll(() => rmSync(base, { recursive: true, force: true }))
let folders = 0

/** A fresh folder with the given files; a name that ends in a slash is a folder. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = join(base, String(++folders))
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) mkdirSync(join(folder, name))
    else writeFileSync(join(folder, name), content)
  }
  return folder
}

/** The names and bytes of all files in a folder. */
export function contentOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name)
    return [path, entry.isFile() ? readFileSync(path, 'base64') : 'no file'] as const
  })
  return Object.fromEntries(entries)
}

/** Resolves once `test` holds for the folder, asked again with every change in it. */
export function untilFolder(folder: string, test: (names: readonly string[]) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, check)
    function check() {
      if (!test(readdirSync(folder))) return
      watcher.close()
      resolve()
    }
    check()
  })
}

export interface RunOptions {
  /** What stands on standard input; default nothing. */
  readonly input?: string | Uint8Array
  /** Default: a fresh folder. */
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Run as this user. */
  readonly uid?: number
  readonly nodeOptions?: readonly string[]
  /** Another copy of the binary. */
  readonly program?: string
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Arguments, or one text with them between spaces. */
export type Arguments = string | readonly string[]

export function splitArguments(given: Arguments): readonly string[] {
  return typeof given === 'string' ? given.split(' ').filter((word) => word !== '') : given
}

/** The environment of every run: nothing of the one the tests happen to run in that changes what is printed. */
export function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  return { PATH, HOME, ...(TMPDIR !== undefined && { TMPDIR }), ...extra }
}

/** Starts the binary. */
export function start(given: Arguments, options: RunOptions = {}) {
  const { cwd = folderWith(), env, uid, nodeOptions = [], program = binary } = options
  return spawn(process.execPath, [...nodeOptions, program, ...splitArguments(given)], {
    cwd,
    env: environment(env),
    ...(uid !== undefined && { uid, gid: uid }),
  })
}

/** Runs the binary to its end. */
export async function run(given: Arguments, options: RunOptions = {}): Promise<Outcome> {
  const child = start(given, options)
  // A program that does not read its input closes it early.
  child.stdin.on('error', () => {})
  child.stdin.end(options.input)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}

/** Runs what must succeed, and gives its standard output. */
export async function succeed(given: Arguments, options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(given, options)
  if (code !== 0) throw new Error(`exit code ${code} of ${splitArguments(given).join(' ')}\n${stderr}`)
  return stdout
}

/** The result of a command, through `--json -` and the schema. */
export async function resultOf(given: Arguments, options: RunOptions = {}): Promise<Result> {
  const args = [...splitArguments(given), '--json', '-', '--reproducible']
  return parseResult(await succeed(args, options), 'standard output')
}

export async function comparisonOf(given: Arguments, options: RunOptions = {}): Promise<CompareResult> {
  const result = await resultOf(['compare', ...splitArguments(given)], options)
  if (result.command !== 'compare') throw new Error(`a result of ${result.command}`)
  return result
}
