import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { environment, folderWith, root, succeed } from '../support/cli.ts'

const execute = promisify(execFile)

const PROJECT = JSON.stringify({ name: 'stranger', private: true, type: 'module' })

/** What a user of the library might write; what the types must not let pass is marked. */
const PROGRAM = `
import { compare, createTrace, definePolicy, InputError, type CompareResult, type EvictionPolicy } from 'cachesim'

class Stack implements EvictionPolicy {
  readonly keys: number[] = []
  touch(_key: number, _at: number): void {}
  insert(key: number, _at: number): void { this.keys.push(key) }
  evict(_incoming: number, _at: number): number { return this.keys.pop()! }
  remove(key: number): void { this.keys.splice(this.keys.indexOf(key), 1) }
}
const lifo = definePolicy({ name: 'lifo', summary: 'evicts the newest', create: () => new Stack() })

const trace = createTrace({ keys: ['a', 'b', 'c', 'a', 'b', 'c'] })
const result: CompareResult = await compare({ trace, size: 2, policies: ['lru', lifo] })
const hits: [string, number][] = result.simulated.runs.map((run) => [run.policy, run.hits])
console.log(JSON.stringify(hits))

// @ts-expect-error a size is no boolean
await compare({ trace, size: true }).catch((error: unknown) => console.log(error instanceof InputError))
// What has no unit can be a number; what has one is a text.
await compare({ trace, size: '50%', warmup: 1, missCost: 0.01, ttlMode: 'idle', repeat: 1 })
// @ts-expect-error seconds, minutes?
await compare({ trace, ttl: 600 }).catch(() => {})
// @ts-expect-error milliseconds?
await compare({ trace, hitLatency: 2 }).catch(() => {})
// @ts-expect-error write or idle
await compare({ trace, ttlMode: 'sliding' }).catch(() => {})
// @ts-expect-error there is no such option
await compare({ trace, polices: 'lru' }).catch(() => {})
async function* input() { yield 'a\\nb\\na\\n' }
await compare({ trace: '-', stdin: input(), policies: 'lru' })

// @ts-expect-error there is no such field
const wrong: number = result.simulated.hitRate
console.log(wrong)
`

const POLICY = `
import { definePolicy } from 'cachesim'

export default definePolicy({
  name: 'mine',
  summary: 'FIFO',
  parameters: { extra: { type: 'integer', default: 1, minimum: 0, description: 'nothing' } },
  create(context, { extra }) {
    const queue: number[] = []
    const none: number = extra * 0 + context.keyCount * 0
    return {
      touch() {},
      insert: (key) => void queue.push(key + none),
      evict: () => queue.shift()!,
      remove: (key) => void queue.splice(queue.indexOf(key), 1),
    }
  },
})
`

const CHECK = `
import { checkPolicy, type CheckPolicyOptions } from 'cachesim/testing'
import mine from './policy.js'

const options: CheckPolicyOptions = { parameters: { extra: 2 }, runs: 20 }
await checkPolicy(mine, options)
console.log('kept')
// @ts-expect-error there is no such option
await checkPolicy(mine, { run: 5 }).catch(() => {})
const lost = { ...mine, create: () => ({ touch() {}, insert() {}, evict: () => undefined as unknown as number, remove() {} }) }
await checkPolicy(lost).catch((error: Error) => console.log(/evict gave[^\\n]*/.exec(error.message)![0]))
`

describe('the package, installed from its tarball elsewhere', () => {
  let project: string
  let tarball: string

  beforeAll(async () => {
    const npm = (args: readonly string[], cwd: string) =>
      execute('npm', [...args, '--loglevel=error', '--no-audit', '--no-fund', '--no-update-notifier'], {
        cwd,
        env: process.env,
      })
    const packed = folderWith()
    // What the tests run is compiled already, and compiling anew would pull it away under their feet.
    await npm(['pack', '--ignore-scripts', '--pack-destination', packed], root)
    tarball = join(packed, readdirSync(packed)[0]!)
    project = folderWith({ 'package.json': PROJECT })
    await npm(['install', '--prefer-offline', '--omit=dev', tarball], project)
  }, 180_000)

  it('holds what is needed to run and nothing of the workshop', () => {
    const installed = join(project, 'node_modules/cachesim')
    const names = readdirSync(installed).sort()
    expect(names).toEqual([
      'LICENSE',
      'README.md',
      'bin',
      'dist',
      'docs',
      'package.json',
      'results',
      'workloads',
    ])
    expect(readdirSync(join(installed, 'results'))).toEqual(['result.schema.json'])
    expect(existsSync(join(installed, 'dist/index.d.ts'))).toBe(true)
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const missing = Object.keys(dependencies).filter(
      (name) => !existsSync(join(project, 'node_modules', name)),
    )
    expect(missing).toEqual([])
    expect(existsSync(join(project, 'node_modules/typescript'))).toBe(false)
  })

  it('gives a working cachesim, whose numbers are those of the checkout', async () => {
    const command = join(project, 'node_modules/.bin/cachesim')
    const args = ['compare', '--workload', 'price-prediction', '--requests', '5000', '--csv', '-']
    const { stdout } = await execute(command, args, { cwd: project, env: environment() })
    expect(stdout).toBe(await succeed(args))
  })

  it('says what a queue takes, which is not installed with it', async () => {
    const command = join(project, 'node_modules/.bin/cachesim')
    const { code, stderr } = await execute(command, ['worker', '--queue', 'redis://localhost'], {
      cwd: project,
      env: environment(),
    }).catch((error) => error)
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^cachesim: --queue needs the packages bullmq and ioredis \(npm install bullmq ioredis\): [^\n]*\n$/,
    )
  })

  it('gives a typed import', async () => {
    writeFileSync(join(project, 'program.ts'), PROGRAM)
    await compile(['program.ts'])
    const { stdout } = await execute(process.execPath, ['program.js'], { cwd: project, env: environment() })
    expect(stdout).toBe('[["lru",0],["lifo",1]]\ntrue\nundefined\n')
  })
  it('runs a policy file that imports it, and checks it', async () => {
    writeFileSync(join(project, 'policy.ts'), POLICY)
    writeFileSync(join(project, 'check.ts'), CHECK)
    await compile(['policy.ts', 'check.ts'])
    const checked = await execute(process.execPath, ['check.js'], { cwd: project, env: environment() })
    expect(checked.stdout).toBe('kept\nevict gave up nothing, which is no key\n')
    const command = join(project, 'node_modules/.bin/cachesim')
    const args = ['compare', '--requests', '2000', '--policies', 'fifo,./policy.js(extra=3)', '--json', '-']
    const { stdout } = await execute(command, args, { cwd: project, env: environment() })
    const [fifo, mine] = JSON.parse(stdout).simulated.runs
    expect(mine).toMatchObject({ policy: 'mine(extra=3)', hits: fifo.hits })
  })

  /** What a stranger's compiler makes of these files. */
  async function compile(files: readonly string[]): Promise<void> {
    const config = {
      compilerOptions: {
        strict: true,
        target: 'ES2023',
        module: 'NodeNext',
        exactOptionalPropertyTypes: true,
        // A stranger may have no types of Node, and have all declarations checked.
        lib: ['ES2023', 'DOM'],
        types: [],
        skipLibCheck: false,
      },
      files,
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config))
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const compiled = await execute(process.execPath, [compiler], { cwd: project }).catch((error) => error)
    expect(compiled.stdout).toBe('')
  }
})
