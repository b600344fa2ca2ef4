import { once } from 'node:events'
import { chmodSync, existsSync, lstatSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Output } from '../../src/cli/io.ts'
import { VERSION } from '../../src/core/version.ts'
import { catalogue } from '../../src/experiments/catalogue.ts'
import { policies } from '../../src/policies/index.ts'
import { parseResult, resultJsonSchema } from '../../src/reports/result-schema.ts'
import { contentOf, folderWith, root, run, start, succeed } from '../support/cli.ts'

const SMALL = '--requests 3000 --keys 300'
const COMMANDS = ['compare', 'sweep', 'inspect', 'generate', 'report', 'list']
const ESCAPE = '\u001b['

describe.concurrent('help', () => {
  it('stands where nothing is asked for, and names every command', async () => {
    const help = await succeed('')
    for (const command of COMMANDS) expect(help).toMatch(new RegExp(`^  ${command}\\b`, 'm'))
    expect(await succeed('--help')).toBe(help)
    expect(await succeed('help')).toBe(help)
  })

  it.each(COMMANDS)('of %s says what it takes', async (command) => {
    const help = await succeed(`${command} --help`)
    expect(help).toContain(`Usage: cachesim ${command}`)
    expect(help).toContain('--debug')
    expect(await succeed(`help ${command}`)).toBe(help)
  })

  it('is at most 80 columns wide where no terminal says otherwise', async () => {
    const help = await succeed('compare --help')
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('--version prints the version alone', async () => {
    expect(await succeed('--version')).toBe(`${VERSION}\n`)
    expect(await succeed('-V')).toBe(`${VERSION}\n`)
  })
})

describe.concurrent('a report on standard output', () => {
  it('is JSON and nothing else, and what the shipped schema describes', async () => {
    const schema = JSON.parse(readFileSync(join(root, 'results/result.schema.json'), 'utf8'))
    expect(schema).toEqual(resultJsonSchema())
    for (const command of ['compare', 'sweep --sizes 1%..100%:5', 'inspect']) {
      const { code, stdout, stderr } = await run(`${command} ${SMALL} --json -`)
      expect(code).toBe(0)
      const result = parseResult(stdout, 'standard output')
      expect(result.command).toBe(command.split(' ')[0])
      expect(result.measured?.totalSeconds).toBeGreaterThan(0)
      // What a person should know goes where it does not disturb.
      const warnings = result.simulated.warnings.map((warning) => `warning: ${warning}\n`)
      expect(stderr).toBe(warnings.join(''))
    }
  })

  it('is alone there with --quiet too, and with other reports in files', async () => {
    const cwd = folderWith()
    const args = `compare ${SMALL} --reproducible --csv - --json a.json --markdown a.md`
    const { stdout, stderr } = await run(`${args} --quiet`, { cwd })
    expect(stdout).toMatch(/^policy,/)
    expect(stderr).toBe('')
    expect(Object.keys(contentOf(cwd))).toEqual([join(cwd, 'a.json'), join(cwd, 'a.md')])
  })

  it('ends without a word where nobody reads on', async () => {
    const child = start('generate --requests 2M --keys 1000')
    let complaints = ''
    child.stderr.on('data', (chunk) => {
      complaints += chunk
    })
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(complaints).toBe('')
  })
})

describe.concurrent('what is said', () => {
  it('is a table for people, and nothing with --quiet', async () => {
    const cwd = folderWith()
    const { stdout, stderr } = await run(`compare ${SMALL} --json a.json`, { cwd })
    expect(stdout).toContain('hit rate')
    expect(stderr).toBe('')
    expect(await run(`compare ${SMALL} --quiet --csv a.csv`, { cwd })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    expect(await run(`compare ${SMALL} --quiet`)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await run('generate --requests 10 --quiet -o a.csv')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('says what was generated, beside the file', async () => {
    const { code, stdout, stderr } = await run('generate --workload scan --requests 1000 --keys 50 -o a.csv')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toBe('a.csv: 1,000 requests for 50 keys, as csv\n')
  })

  it('has colours where they are asked for, and only there', async () => {
    const colorful = async (args: string, env?: Record<string, string>) =>
      (await succeed(`compare ${SMALL} ${args}`, env && { env })).includes(ESCAPE)
    expect(await colorful('')).toBe(false)
    expect(await colorful('', { FORCE_COLOR: '1' })).toBe(true)
    expect(await colorful('', { FORCE_COLOR: '0' })).toBe(false)
    expect(await colorful('', { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
    expect(await colorful('--no-color', { FORCE_COLOR: '1' })).toBe(false)
    expect((await succeed('list', { env: { FORCE_COLOR: '1' } })).includes(ESCAPE)).toBe(true)
    expect((await succeed('list --no-color', { env: { FORCE_COLOR: '1' } })).includes(ESCAPE)).toBe(false)
    expect((await succeed('--help', { env: { FORCE_COLOR: '1' } })).includes(ESCAPE)).toBe(true)
    expect((await succeed('--help', { env: { NO_COLOR: '1' } })).includes(ESCAPE)).toBe(false)
  })

  it('has no colours in files', async () => {
    const cwd = folderWith()
    await succeed(`compare ${SMALL} --json a --csv b --markdown c`, { cwd, env: { FORCE_COLOR: '1' } })
    for (const name of ['a', 'b', 'c']) expect(readFileSync(join(cwd, name), 'utf8')).not.toContain(ESCAPE)
  })

  it('has the stack of a mistake with --debug, and only there', async () => {
    const { code, stderr } = await run('compare --policies lur --debug')
    expect(code).toBe(2)
    const [sentence, ...stack] = stderr.split('\n')
    expect(sentence).toMatch(/^cachesim: unknown policy 'lur'/)
    expect(stack.join('\n')).toMatch(/^ {4}at .*policies/m)
  })
})

describe.concurrent('a saved result', () => {
  it.each(['compare', 'sweep --sizes 1%..100%:5', 'inspect'])(
    'of %s renders as it did at first',
    async (command) => {
      const cwd = folderWith()
      const first = await run(`${command} ${SMALL} --json a.json --csv a.csv --markdown a.md`, { cwd })
      const read = (name: string) => readFileSync(join(cwd, name), 'utf8')
      expect(await succeed('report a.json', { cwd })).toBe(first.stdout)
      expect(await succeed('report a.json --markdown -', { cwd })).toBe(read('a.md'))
      expect(await succeed('report a.json --csv -', { cwd })).toBe(read('a.csv'))
      expect(await succeed('report a.json --json -', { cwd })).toBe(read('a.json'))
      expect(await succeed('report - --markdown -', { cwd, input: read('a.json') })).toBe(read('a.md'))
    },
  )
})

describe.concurrent('list', () => {
  it('gives everything there is as JSON', async () => {
    expect(JSON.parse(await succeed('list --json'))).toEqual(JSON.parse(JSON.stringify(catalogue())))
    expect(JSON.parse(await succeed('list policies --json'))).toEqual({
      policies: JSON.parse(JSON.stringify(catalogue().policies)),
    })
  })

  it('gives of a policy what an editor or a script needs', async () => {
    const setting = z.strictObject({
      name: z.string(),
      type: z.enum(['number', 'integer', 'boolean', 'choice']),
      default: z.union([z.number(), z.boolean(), z.string()]),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      choices: z.array(z.string()).optional(),
      allowed: z.string(),
      description: z.string().min(1),
    })
    const policy = z.strictObject({
      name: z.string(),
      summary: z.string(),
      settings: z.array(setting),
      paper: z.string().optional(),
      needs: z.array(z.enum(['future', 'sizes', 'costs', 'ttl'])),
      bound: z.boolean(),
    })
    const listed = z
      .strictObject({ policies: z.array(policy) })
      .parse(JSON.parse(await succeed('list policies --json'))).policies
    const named = (name: string) => listed.find((one) => one.name === name)!
    expect(listed.map(({ name }) => name)).toEqual(policies.names)
    expect(named('lru-k').settings[0]).toMatchObject({ name: 'k', type: 'integer', default: 2, minimum: 1 })
    expect(named('optimal')).toMatchObject({
      needs: ['future'],
      bound: true,
      paper: expect.stringContaining('Belady'),
    })
    expect(named('ttl')).toMatchObject({ needs: ['ttl'], bound: false })
    expect(listed.filter(({ bound }) => bound).map(({ name }) => name)).toEqual([
      'optimal',
      'belady-size',
      'pfoo-l',
      'infinite',
    ])
  })

  it('names everything for people', async () => {
    const text = await succeed('list')
    for (const [kind, entries] of Object.entries(catalogue())) {
      expect(text).toMatch(new RegExp(`^${kind}$`, 'm'))
      for (const { name } of entries) expect(text).toContain(`  ${name} `)
    }
  })
})

describe.concurrent('a file', () => {
  const json = z.object({ schema: z.string() })
  const isResult = (path: string) => json.parse(JSON.parse(readFileSync(path, 'utf8')))

  it.runIf(existsSync('/dev/full'))('that is full is said to be, and the others are written', async () => {
    const cwd = folderWith()
    const full = "cachesim: '/dev/full' could not be written: the disk is full\n"
    const { code, stdout, stderr } = await run(`compare ${SMALL} --json /dev/full --csv a.csv`, { cwd })
    expect({ code, stderr }).toEqual({ code: 1, stderr: full })
    expect(stdout).toContain('hit rate')
    expect(readFileSync(join(cwd, 'a.csv'), 'utf8')).toMatch(/^policy,/)
    const both = await run(`compare ${SMALL} --json /dev/full --csv /dev/full --quiet`)
    expect(both).toEqual({ code: 1, stdout: '', stderr: full + full })
  })

  it('may be a device', async () => {
    const { code, stderr } = await run(`compare ${SMALL} --json /dev/null --csv /dev/null --quiet`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  it('may be a link, which stays one', async () => {
    const cwd = folderWith({ 'data/': '', 'data/real.json': 'old' })
    symlinkSync('data/real.json', join(cwd, 'link.json'))
    await succeed(`compare ${SMALL} --json link.json`, { cwd })
    expect(readlinkSync(join(cwd, 'link.json'))).toBe('data/real.json')
    expect(lstatSync(join(cwd, 'data/real.json')).isFile()).toBe(true)
    isResult(join(cwd, 'link.json'))
    expect(Object.keys(contentOf(cwd)).sort()).toEqual(
      ['data', 'data/real.json', 'link.json'].map((name) => join(cwd, name)),
    )
  })

  it('may be a link to one that is yet to come', async () => {
    const cwd = folderWith({ 'data/': '' })
    symlinkSync('data/new.json', join(cwd, 'link.json'))
    await succeed(`compare ${SMALL} --json link.json`, { cwd })
    expect(readlinkSync(join(cwd, 'link.json'))).toBe('data/new.json')
    isResult(join(cwd, 'data/new.json'))
  })

  it('is one mistake under two names, whichever way they lead there', async () => {
    const cwd = folderWith({ 'real.json': 'old' })
    symlinkSync('real.json', join(cwd, 'link.json'))
    const { code, stderr } = await run(`compare ${SMALL} --json real.json --csv link.json`, { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('--csv and --json both write to')
    expect(readFileSync(join(cwd, 'real.json'), 'utf8')).toBe('old')
  })

  it('keeps the permissions it had', async () => {
    const cwd = folderWith({ 'secret.json': 'old' })
    chmodSync(join(cwd, 'secret.json'), 0o600)
    await succeed(`compare ${SMALL} --json secret.json`, { cwd })
    expect(statSync(join(cwd, 'secret.json')).mode & 0o777).toBe(0o600)
    isResult(join(cwd, 'secret.json'))
  })

  it.each(['a.csv.gz', 'A.CSV.GZ'])('is packed where its name ends in .gz, as in %s', async (name) => {
    const cwd = folderWith()
    await succeed(`compare ${SMALL} --csv ${name} --reproducible`, { cwd })
    const csv = await succeed(`compare ${SMALL} --csv -`)
    expect(gunzipSync(readFileSync(join(cwd, name))).toString()).toBe(csv)
  })

  it('takes text and bytes alike, and keeps every byte', async () => {
    const folder = folderWith()
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    const expected = Buffer.concat([all, Buffer.from('é\n'), all])
    for (const name of ['a.bin', 'a.bin.gz']) {
      const path = join(folder, name)
      await Output.open(path, '--output').write([all, 'é\n', all])
      const written = readFileSync(path)
      expect((name.endsWith('.gz') ? gunzipSync(written) : written).equals(expected)).toBe(true)
    }
  })
})
