import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { binary, environment, folderWith, root, start, succeed } from '../support/cli.ts'
import { hasRedis, redisNote, startRedis } from '../support/redis.ts'

/*
 * What docs/scale.md shows beside the examples that every document has, and the files under docs/scale/. There is no
 * cluster here: the commands that one would run are run with the variables that it would set.
 */
const scale = join(root, 'docs/scale')
const slurm = join(scale, 'slurm-array.sh')
const document = readFileSync(join(root, 'docs/scale.md'), 'utf8')
const blocks = [...document.matchAll(/```bash\n(.*?)```/gs)].map(([, code]) => code!)
const manifest = parse(readFileSync(join(scale, 'kubernetes-job.yaml'), 'utf8'))
const hasParallel = /GNU parallel/.test(
  spawnSync('parallel', ['--version'], { encoding: 'utf8' }).stdout ?? '',
)

/** A folder with a trace, and a command `cachesim` as an installed one would be. */
async function workplace(cachesim = 'exec "$NODE" "$CACHESIM" "$@"') {
  const cwd = folderWith({ 'cachesim-bin/': '', 'cachesim-bin/cachesim': `#!/bin/sh\n${cachesim}\n` })
  const bin = join(cwd, 'cachesim-bin')
  chmodSync(join(bin, 'cachesim'), 0o755)
  await succeed('generate --requests 4000 --keys 400 -o trace.arrow --quiet', { cwd })
  const path = `${bin}${delimiter}${process.env.PATH}`
  const shell = (args: readonly string[], extra: Readonly<Record<string, string>> = {}) => {
    const { status, stdout, stderr } = spawnSync(args[0]!, args.slice(1), {
      cwd,
      encoding: 'utf8',
      env: environment({ PATH: path, NODE: process.execPath, CACHESIM: binary, ...extra }),
    })
    return { status, said: stdout + stderr }
  }
  return { cwd, shell }
}

/** Merges the parts, and holds them against one run of the same command. */
async function mergedIsWhole(cwd: string, command: string) {
  const parts = readdirSync(cwd).filter((name) => /^part-\d+\.json$/.test(name))
  await succeed(['merge', ...parts, '--quiet', '--json', 'whole.json'], { cwd })
  await isWhole(cwd, command)
}

async function isWhole(cwd: string, command: string) {
  const simulated = (name: string) =>
    JSON.stringify(JSON.parse(readFileSync(join(cwd, name), 'utf8')).simulated)
  await succeed(`${command} --quiet --json alone.json`, { cwd })
  expect(simulated('whole.json')).toBe(simulated('alone.json'))
}

/** The command of a part, without what makes it one. */
const wholeOf = (command: string) =>
  /cachesim (sweep (?:(?!--threads|--quiet|--queue).)*)/s.exec(command)![1]!.replaceAll(/\\?\s+/g, ' ')

describe('GNU parallel', () => {
  const note = hasParallel ? '' : ' (left out: no GNU parallel here, apt-get install parallel)'

  it.runIf(hasParallel)(`runs the parts, and again those that failed${note}`, async () => {
    const code = blocks.find((block) => block.includes('parallel'))!
    // The fifth part fails when it is first run.
    const { cwd, shell } = await workplace(
      'case "$*" in *"--shard 5/16"*) if [ ! -e failed ]; then touch failed; exit 1; fi;; esac\nexec "$NODE" "$CACHESIM" "$@"',
    )
    const { status, said } = shell([
      'bash',
      '-c',
      code.replaceAll(/^parallel/gm, 'cp sweep.joblog first.joblog; parallel'),
    ])
    expect({ status, said }).toMatchObject({ status: 0 })
    const exits = (name: string) =>
      readFileSync(join(cwd, name), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => Number(line.split('\t')[6]))
    expect(exits('first.joblog').filter((code) => code !== 0)).toEqual([1])
    // Only that one was run again.
    expect(exits('sweep.joblog')).toHaveLength(17)
    expect(exits('sweep.joblog').at(-1)).toBe(0)
    await isWhole(cwd, wholeOf(code))
  })
})

describe('the array of Slurm', () => {
  const script = readFileSync(slurm, 'utf8')

  it('has as many tasks as there are parts, which together are the whole', async () => {
    expect(spawnSync('bash', ['-n', slurm]).status).toBe(0)
    const [, first, last] = /^#SBATCH --array=(\d+)-(\d+)$/m.exec(script)!
    const [, parts] = /^parts=(\d+)$/m.exec(script)!
    expect([first, last]).toEqual(['1', parts])
    const { cwd, shell } = await workplace()
    for (let task = 1; task <= Number(last); task++) {
      // Slurm runs a copy of the script.
      copyFileSync(slurm, join(cwd, 'slurm_script'))
      const { status, said } = shell(['bash', 'slurm_script', 'trace.arrow'], {
        SLURM_ARRAY_TASK_ID: `${task}`,
        ...(task % 2 === 0 && { SLURM_CPUS_PER_TASK: '1' }),
      })
      expect({ status, said }).toEqual({ status: 0, said: '' })
    }
    await mergedIsWhole(cwd, wholeOf(script).replace('"$1"', 'trace.arrow'))
  })

  it('fails, as a task must, where its part does', async () => {
    const { shell } = await workplace()
    const { status, said } = shell(['bash', slurm, 'absent.arrow'], { SLURM_ARRAY_TASK_ID: '1' })
    expect(status).toBe(2)
    expect(said).toContain("'absent.arrow'")
  })
})

describe('the job of Kubernetes', () => {
  const { spec } = manifest
  const [container] = spec.template.spec.containers
  const [shell, flags, script] = container.command

  it('is an Indexed Job that tries a part again without the others', () => {
    expect(manifest).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job' })
    expect(spec).toMatchObject({ completionMode: 'Indexed', backoffLimitPerIndex: 2 })
    // Which the limit of each index asks for.
    expect(spec.template.spec.restartPolicy).toBe('Never')
    expect(spec.parallelism).toBeLessThanOrEqual(spec.completions)
    const [mount] = container.volumeMounts
    expect(mount.mountPath).toBe(container.workingDir)
    expect(spec.template.spec.volumes.map(({ name }: { name: string }) => name)).toEqual([mount.name])
  })

  it('has as many completions as there are parts, which together are the whole', async () => {
    const { cwd, shell: execute } = await workplace()
    for (let index = 0; index < spec.completions; index++) {
      const { status, said } = execute([shell, flags, script], { JOB_COMPLETION_INDEX: `${index}` })
      expect({ status, said }).toEqual({ status: 0, said: '' })
    }
    await mergedIsWhole(cwd, wholeOf(script))
  })
})

describe(`the queue${redisNote}`, () => {
  it.runIf(hasRedis)('is used as it is shown', async () => {
    const redis = await startRedis()
    const { cwd } = await workplace()
    const [worker, sweep] = blocks
      .find((block) => block.includes('worker'))!
      .trim()
      .replaceAll('redis://queue.example:6379', redis.url)
      .replaceAll(/^cachesim /gm, '')
      .split('\n')
    const child = start(worker!, { cwd })
    try {
      await succeed(sweep!, { cwd })
      await isWhole(cwd, wholeOf(`cachesim ${sweep}`))
    } finally {
      child.kill('SIGKILL')
      await redis.stop()
    }
  })
})
