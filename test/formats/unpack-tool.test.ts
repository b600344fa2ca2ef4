/*
 * What becomes of the programs that unpack: found or not, unhappy, let go of early, left alone.
 */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, readFileSync, watch } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { openInput } from '../../src/formats/open.ts'
import { folderWith, run, start } from '../support/cli.ts'

const PATH = process.env.PATH ?? ''
afterEach(() => {
  process.env.PATH = PATH
})

const rows = Array.from({ length: 50_000 }, (_, i) => `item-${(i * i * 31) % 7919},${(i * 7919) % 99_991}`)
const csv = `key,size\n${rows.join('\n')}\n`
const packed = (tool: string, content: string) =>
  execFileSync(tool, ['-c'], { input: content, maxBuffer: 1 << 28 })

/** A folder with a program of the name that is this shell script. */
function folderWithProgram(name: string, script: string): string {
  const folder = folderWith({ [name]: `#!/bin/sh\n${script}\n` })
  chmodSync(join(folder, name), 0o755)
  return folder
}

/** Standard input that gives these bytes and then nothing more, without ending. */
function waiting(bytes: Uint8Array): Readable {
  const stream = new Readable({ read() {} })
  stream.push(bytes)
  return stream
}

function untilExists(folder: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, check)
    function check() {
      if (!existsSync(join(folder, name))) return
      watcher.close()
      resolve()
    }
    check()
  })
}

async function outcomeOf(child: ChildProcess) {
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')])
  return { code, stderr }
}

describe.each(['xz', 'bzip2'] as const)('%s', (tool) => {
  const file = packed(tool, csv)

  it('is asked for where it is not installed', async () => {
    const cwd = folderWith({ 't.csv.packed': file })
    const { code, stderr } = await run('inspect --trace t.csv.packed', { cwd, env: { PATH: folderWith() } })
    expect(code).toBe(2)
    expect(stderr).toMatch(
      new RegExp(
        `^cachesim: 't.csv.packed' is packed with ${tool}, and the program ${tool}, .* is not installed; install ${tool} \\(Debian, Ubuntu: [\\w-]+\\) or unpack .*\\n$`,
      ),
    )
  })

  it('reads all there is, whatever flags the environment gives it', async () => {
    const cwd = folderWith({ 't.csv': Buffer.concat([file, packed(tool, 'last,1\n')]) })
    const flags = { XZ_OPT: '--single-stream', XZ_DEFAULTS: '--single-stream', BZIP2: '-t', BZIP: '-t' }
    const { code, stderr } = await run('inspect --trace t.csv --json a.json', { cwd, env: flags })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { simulated } = JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8'))
    expect(simulated.workload.source).toMatchObject({ compression: tool, rows: rows.length + 1 })
  })

  it.each([
    [
      'says why it fails',
      `echo "${tool}: (stdin): Memory usage limit reached" >&2; exit 1`,
      /ends with 1 and says: Memory usage limit reached$/,
    ],
    ['is killed', 'kill -9 $$', /ends with SIGKILL$/],
    [
      'only warns',
      `cat > /dev/null; echo 'key'; echo "${tool}: beware" >&2`,
      /ends with 0 and says: beware$/,
    ],
    ['ends early', 'echo key; exit 3', /ends with 3$/],
  ])('is quoted where it %s', async (_, script, message) => {
    process.env.PATH = `${folderWithProgram(tool, script)}${delimiter}${PATH}`
    // More than a pipe holds, and no end: a program that leaves is noticed all the same.
    const stdin = waiting(Buffer.concat(Array.from({ length: 10 }, () => file)))
    const reading = openInput('-', script.startsWith('cat') ? Readable.from([file]) : stdin)
    await expect(reading).rejects.toThrow(message)
    await expect(reading).rejects.toThrow(`'-' cannot be unpacked: ${tool} ends`)
  })

  it('is gone once the input is closed, although more could come', async () => {
    const folder = folderWithProgram(
      tool,
      `echo $$ > "$(dirname "$0")/pid"; exec /usr/bin/env PATH='${PATH}' ${tool} "$@"`,
    )
    process.env.PATH = `${folder}${delimiter}${PATH}`
    const stdin = waiting(packed(tool, csv.repeat(4)))
    const input = await openInput('-', stdin)
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    expect(process.kill(pid, 0)).toBe(true)
    await input.close()
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
    expect(stdin.destroyed).toBe(true)
  })

  it('is left behind in silence where a row ends the reading', async () => {
    const child = start('inspect --trace -')
    child.stdin.on('error', () => {})
    // Standard input stays open: nothing but the row ends this.
    child.stdin.write(packed(tool, `key,size\na,x\n${csv.repeat(4)}`))
    const { code, stderr } = await outcomeOf(child)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^cachesim: '-' line 2: [^\n]*\n$/)
  })

  it('ends when cachesim is interrupted', async () => {
    const folder = folderWithProgram(
      tool,
      `cd "$(dirname "$0")"; touch begun; PATH='${PATH}' ${tool} "$@"; touch ended`,
    )
    const child = start('inspect --trace -', { env: { PATH: `${folder}${delimiter}${PATH}` } })
    child.stdin.on('error', () => {})
    child.stdin.write(file)
    const outcome = outcomeOf(child)
    await untilExists(folder, 'begun')
    child.kill('SIGTERM')
    expect(await outcome).toEqual({ code: 143, stderr: '' })
    await untilExists(folder, 'ended')
  })
})
