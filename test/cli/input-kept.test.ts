import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { folderWith, run } from '../support/cli.ts'

const LOG = 'ts,key\n1,a\n2,a\n'

it.each([
  ['compare', '--trace', 'log.csv', '--csv', 'log.csv'],
  ['sweep', '--trace', 'log.csv', '--json', './log.csv'],
  ['inspect', '--trace', 'log.csv', '--markdown', '../log.csv'],
])('%s does not write over the trace it reads', async (...args) => {
  const cwd = folderWith({ 'log.csv': LOG })
  const output = args.at(-1)!.replace('../', `${cwd}/`)
  const { code, stderr } = await run([...args.slice(0, -1), output], { cwd })
  expect(code).toBe(2)
  expect(stderr).toContain('is the file that is read: write to another')
  expect(readFileSync(join(cwd, 'log.csv'), 'utf8')).toBe(LOG)
})
