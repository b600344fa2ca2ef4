import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderWith, run, start, succeed } from '../support/cli.ts'
import { hasRedis, redisNote, startRedis } from '../support/redis.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

const GRID =
  'sweep --requests 8k --keys 800 --rate 40/s --sizes 1%..100%:4 --policies lru,ttl,random --ttls 1s,30s,none --windows 3'
const EXACT = '--quiet --reproducible'

const contentOf = (cwd: string, name: string) => readFileSync(join(cwd, name), 'utf8')

describe('a grid of TTLs, in windows', () => {
  it('is the same, byte for byte, on threads, in shards merged, and resumed', async () => {
    const cwd = folderWith()
    await succeed(`${GRID} ${EXACT} --threads 1 --json whole.json --csv whole.csv --markdown whole.md`, {
      cwd,
    })
    await succeed(`${GRID} ${EXACT} --threads 3 --json threads.json`, { cwd })
    for (const part of [1, 2])
      await succeed(`${GRID} ${EXACT} --shard ${part}/2 --json part-${part}.json`, { cwd })
    await succeed(
      'merge part-2.json part-1.json --quiet --json merged.json --csv merged.csv --markdown merged.md',
      { cwd },
    )
    await succeed(`${GRID} ${EXACT} --resume part-1.json --json resumed.json`, { cwd })
    for (const name of ['threads', 'merged', 'resumed'])
      expect(contentOf(cwd, `${name}.json`), name).toBe(contentOf(cwd, 'whole.json'))
    for (const ending of ['csv', 'md'])
      expect(contentOf(cwd, `merged.${ending}`)).toBe(contentOf(cwd, `whole.${ending}`))
    expect(await succeed('report whole.json', { cwd })).toContain('by window of the trace')
  })

  it.runIf(hasRedis)(
    `is the same on a queue${redisNote}`,
    async () => {
      const redis = await startRedis()
      try {
        const cwd = folderWith()
        const worker = start(`worker --queue ${redis.url}`, { cwd })
        try {
          await succeed(`${GRID} ${EXACT} --json queued.json --queue ${redis.url}`, { cwd })
        } finally {
          worker.kill('SIGKILL')
          await once(worker, 'exit')
        }
        await succeed(`${GRID} ${EXACT} --json alone.json`, { cwd })
        expect(contentOf(cwd, 'queued.json')).toBe(contentOf(cwd, 'alone.json'))
      } finally {
        await redis.stop()
      }
    },
    60_000,
  )

  it('can be read without colours, piped', async () => {
    const { stdout } = await run(`${GRID} --no-color`)
    expect(stdout).not.toContain('\x1b')
    expect(stdout).toMatch(
      /hit rate of \w+ in % by TTL and size\n +TTL .*\n +─+\n +1 s .*\n +30 s .*\n +none .*\n/,
    )
    expect(stdout).toMatch(/\n {2}(TTL matters more than size|Size matters more than TTL) over these ranges/)
  })

  it.each([
    [
      '--ttl 5s --ttls 1s,none',
      "--ttl '5s' and --ttls '1s,none' exclude each other: name every TTL in --ttls",
    ],
    ['--ttls 1s,0s', "--ttls '0s' lets nothing live: it must be above 0, 'recorded' or 'none'"],
    ['--ttls 1m,60s', "--ttls '1m,60s' names one TTL twice: '1m' is '60s'"],
    [
      '--ttls 1m --trace keys.txt',
      '--ttls needs times, which keys.txt does not have: name their column with --time, or leave out --ttls',
    ],
    [
      '--ttls none,recorded',
      '--ttls recorded needs TTLs, which zipf does not have: give one for all, such as 10m, or leave out --ttls',
    ],
    ['--windows 1', "--windows '1' must be a whole number from 2 to 1,000"],
    ['--requests 5 --windows 6', "--windows '6' are more than the 5 requests counted"],
  ])('%s is refused in one sentence', async (flags, says) => {
    const { code, stdout, stderr } = await run(`sweep ${flags}`, {
      cwd: folderWith({ 'keys.txt': 'a\nb\na\n' }),
    })
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `cachesim: ${says}\n` })
  })
})

it.runIf(sharedFolder !== undefined)(
  `on the image-generation trace ten minutes to an hour are worth more than a hundredfold size${sharedNote}`,
  async () => {
    const key =
      'groupId,prompt_length,negative_prompt_length,num_images_per_prompt,num_inference_steps,checkpoint_model_version_id,num_lora'
    const text = await succeed(
      `sweep --trace ${sharedPath('traces/genai-lora_request_trace.csv.gz')} --key ${key} --time gmt_create --sort --policies lru --sizes 1%..100%:5 --ttls 10m,1h --quiet --json -`,
    )
    const { simulated } = JSON.parse(text)
    const [least, most] = [202, 20_201]
    const rate = (seconds: number, at: number) =>
      simulated.runs.find(
        ({ ttlSeconds, size }: { ttlSeconds: number; size: number }) => ttlSeconds === seconds && size === at,
      ).hitRate
    expect(rate(3600, least) - rate(600, least)).toBeGreaterThan(rate(600, most) - rate(600, least))
    expect(rate(3600, least)).toBeGreaterThan(rate(600, most) + 0.03)
    expect(simulated.verdict[1]).toMatch(/^TTL matters more than size over these ranges/)
  },
)
