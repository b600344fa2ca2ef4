import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { type CatalogueEntry, catalogue } from '../../src/experiments/catalogue.ts'
import { environment } from '../support/cli.ts'

/*
 * Every example in the README and in docs/ is run as it stands, and what it prints is what is printed there; tables come
 * from the registries. `npx vitest run test/docs -u` writes them anew.
 */
const root = fileURLToPath(new URL('../../', import.meta.url))
const binary = join(root, 'bin/cachesim.js')
const run = promisify(execFile)

/** Where the examples run: what a checkout holds, the package by its name, and room for the files they write. */
const folder = mkdtempSync(join(tmpdir(), 'cachesim-docs-'))
cpSync(join(root, 'workloads'), join(folder, 'workloads'), { recursive: true })
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
mkdirSync(join(folder, 'node_modules'))
symlinkSync(root, join(folder, 'node_modules/cachesim'), 'junction')
afterAll(() => rmSync(folder, { recursive: true }))

const files = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const BLOCK = /```(sh|js)\n(.*?)```\n(?:\n```text\n(.*?)```\n)?/gs

describe.each(files)('%s', (file) => {
  it('shows what its examples print and what the registries hold', async () => {
    const path = join(root, file)
    let text = readFileSync(path, 'utf8')
    for (const [block, language, code, shown] of text.matchAll(BLOCK)) {
      const printed = language === 'sh' ? await runShell(code!) : await runScript(code!)
      if (shown === undefined) continue
      text = text.replace(block, () =>
        block.replace(/```text\n.*?```\n$/s, () => `\`\`\`text\n${printed}\`\`\`\n`),
      )
    }
    for (const [kind, entries] of Object.entries(catalogue())) {
      text = text.replace(
        new RegExp(`<!-- ${kind} -->\n.*?<!-- end -->`, 's'),
        () => `<!-- ${kind} -->\n${table(entries)}<!-- end -->`,
      )
    }
    await expect(text).toMatchFileSnapshot(path)
  })

  it('links only to files that exist', () => {
    for (const [, target] of readFileSync(join(root, file), 'utf8').matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(() => readFileSync(join(root, file, '..', target!)), target).not.toThrow(/ENOENT/)
    }
  })
})

/** Runs each cachesim command of a block; installing is what the package test does. */
async function runShell(code: string): Promise<string> {
  let printed = ''
  for (const line of code.trim().split('\n')) {
    const command = line.replace(/^npm ci && /, '')
    if (/^npm (ci|cit|run \w+)$/.test(command)) continue
    if (command === 'node --test') {
      // What it prints has times in it; that it fails where a test does is what counts.
      await run(process.execPath, ['--test'], { cwd: folder, env: environment() })
      continue
    }
    expect(command).toMatch(/^npx cachesim /)
    const script = command.replace(/^npx cachesim/, '"$NODE" "$CACHESIM"')
    const env = { ...process.env, NODE: process.execPath, CACHESIM: binary, COLUMNS: '100', NO_COLOR: '1' }
    const { stdout } = await run('sh', ['-c', script], { cwd: folder, env })
    printed += stdout
  }
  // How long it took is the one thing that differs from run to run.
  return printed.replace(/\n {2}took [^\n]*\n/g, '')
}

/** Runs a script that imports the package by its name; one that begins with the name of a file is that file. */
async function runScript(code: string): Promise<string> {
  const file = /^\/\/ (\S+\.m?js)\n/.exec(code)?.[1]
  if (file !== undefined) {
    writeFileSync(join(folder, file), code)
    return ''
  }
  // In the checkout, where the package's own name leads to its exports.
  const script = join(root, `.example-${process.pid}.mjs`)
  writeFileSync(script, code)
  try {
    return (await run(process.execPath, [script], { cwd: folder })).stdout
  } finally {
    rmSync(script)
  }
}

function table(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ name, summary, settings }) => {
    const texts = settings.map((setting) => `\`${setting.name}=${setting.default}\` ${setting.description}`)
    return `| \`${name}\` | ${[summary, ...texts].join('; ')} |`
  })
  return ['| name | what it is |', '|---|---|', ...rows, ''].join('\n')
}
