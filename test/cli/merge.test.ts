import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { folderWith, run } from '../support/cli.ts'

const SWEEP = 'sweep --requests 5000 --keys 500 --sizes 1%..100%:4 --policies lru,fifo --quiet --reproducible'

it('the parts of a sweep merge into the files that one run writes', async () => {
  const cwd = folderWith()
  for (const part of [1, 2, 3]) {
    const { code, stderr } = await run(`${SWEEP} --shard ${part}/3 --json part-${part}.json`, { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }
  await run(`${SWEEP} --json whole.json --csv whole.csv --markdown whole.md`, { cwd })
  const merged = await run(
    'merge part-1.json part-2.json part-3.json --quiet --json merged.json --csv merged.csv --markdown merged.md',
    { cwd },
  )
  expect(merged).toEqual({ code: 0, stdout: '', stderr: '' })
  for (const ending of ['json', 'csv', 'md']) {
    const [one, other] = ['whole', 'merged'].map((name) =>
      readFileSync(join(cwd, `${name}.${ending}`), 'utf8'),
    )
    expect(other).toBe(one)
  }
  // And what one of them left out, another run can add.
  const resumed = await run(`${SWEEP} --resume part-2.json --json resumed.json`, { cwd })
  expect(resumed).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(readFileSync(join(cwd, 'resumed.json'), 'utf8')).toBe(readFileSync(join(cwd, 'whole.json'), 'utf8'))
})

it.each([
  ['merge', "missing required argument 'files'"],
  ['merge absent.json', "'absent.json' cannot be read: there is no such file"],
  ['merge compare.json', "'compare.json' is a result of compare: it must be one of sweep"],
  ['merge words.json', "'words.json' is not a saved result, for it is not JSON"],
  ['merge part.json', 'cells are in no part: name all parts, or finish one with --resume'],
  ['merge part.json part.json', "both in 'part.json' and in 'part.json'"],
  ['merge part.json --json part.json', "--json 'part.json' is the file that is read: write to another"],
  ['sweep --resume absent.json', "'absent.json' cannot be read: there is no such file"],
  ['sweep --resume compare.json', "'compare.json' is a result of compare: it must be one of sweep"],
  ['sweep --resume part.json', '--resume is given a sweep of another trace'],
])('%s is refused', async (command, says) => {
  const cwd = folderWith({ 'words.json': 'no words' })
  await run('compare --requests 100 --keys 10 --quiet --json compare.json', { cwd })
  await run(`${SWEEP} --shard 1/9 --json part.json`, { cwd })
  const { code, stdout, stderr } = await run(command, { cwd })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(says)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})
