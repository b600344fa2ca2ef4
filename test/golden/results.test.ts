import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderWith, root, run } from '../support/cli.ts'

/*
 * The reference results, made again by the commands that stand beside them. Where a change is meant to change numbers,
 * `npm run results` writes them anew.
 */
const results = join(root, 'results')
const commands = readFileSync(join(results, 'commands.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
/** What lies there and is no result of a command. */
const OTHERS = ['README.md', 'commands.txt', 'result.schema.json']

const cwd = folderWith()
beforeAll(async () => {
  for (const command of commands) {
    const [program, ...args] = command.split(' ')
    expect(program).toBe('cachesim')
    expect(await run(args, { cwd }), command).toEqual({ code: 0, stdout: '', stderr: '' })
  }
})

describe('results/', () => {
  const files = readdirSync(results).filter((name) => !OTHERS.includes(name))

  it.each(files)('%s is what its command gives, byte for byte', (name) => {
    expect(readFileSync(join(cwd, name), 'utf8')).toBe(readFileSync(join(results, name), 'utf8'))
  })

  it('holds every file that the commands write', () => {
    expect(readdirSync(cwd).sort()).toEqual(files.sort())
  })

  it('has a comparison of every recipe', () => {
    const recipes = readdirSync(join(root, 'workloads')).filter((name) => name.endsWith('.yaml'))
    const compared = recipes.map((name) => `compare-${name.replace('.yaml', '.json')}`)
    expect(files).toEqual(expect.arrayContaining(compared))
  })

  it('has a simulation of every scenario', () => {
    const scenarios = readdirSync(join(root, 'workloads/services'))
    const simulated = scenarios.map((name) => `simulate-${name.replace('.yaml', '.md')}`)
    expect(files).toEqual(expect.arrayContaining(simulated))
  })
})
