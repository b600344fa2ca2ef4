import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Arguments, folderWith, succeed } from '../support/cli.ts'

/** The modules a run loads, as V8 reports the scripts it saw: paths below the checkout. */
async function modulesOf(args: Arguments): Promise<string[]> {
  const folder = folderWith()
  await succeed(args, { env: { NODE_V8_COVERAGE: folder } })
  const [file] = readdirSync(folder)
  const { result } = JSON.parse(readFileSync(join(folder, file!), 'utf8')) as {
    result: readonly { readonly url: string }[]
  }
  return result.map(({ url }) => url).filter((url) => url.startsWith('file:'))
}

const packagesOf = (modules: readonly string[]) => [
  ...new Set(modules.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])),
]
const foldersOf = (modules: readonly string[]) => [
  ...new Set(modules.flatMap((url) => /\/dist\/([^/]+)\//.exec(url)?.[1] ?? [])),
]

describe('commands load only what they need', () => {
  it.each(['--help', '--version', ''])("cachesim '%s' loads no part of the simulator", async (args) => {
    const modules = await modulesOf(args)
    expect(packagesOf(modules).sort()).toEqual(['commander', 'fastest-levenshtein', 'picocolors'])
    expect(foldersOf(modules).sort()).toEqual(['cli', 'core'])
  })

  it('a recorded trace needs neither YAML nor a schema', async () => {
    const cwd = folderWith({ 'keys.txt': 'a\nb\na\n' })
    const modules = await modulesOf(['compare', '--trace', join(cwd, 'keys.txt'), '--quiet'])
    expect(foldersOf(modules)).toContain('engine')
    expect(packagesOf(modules)).not.toContain('zod')
    expect(packagesOf(modules)).not.toContain('yaml')
  })

  it('a saved result needs no engine', async () => {
    const cwd = folderWith()
    await succeed('compare --requests 100 --keys 10 --json a.json', { cwd })
    const modules = await modulesOf(['report', join(cwd, 'a.json')])
    expect(foldersOf(modules).sort()).toEqual(['cli', 'core', 'reports'])
    expect(packagesOf(modules)).not.toContain('yaml')
  })
})
