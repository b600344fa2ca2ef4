import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  type Arguments,
  binary,
  contentOf,
  folderWith,
  type RunOptions,
  run,
  splitArguments,
} from '../support/cli.ts'

/*
 * What a user can get wrong, through the real binary. Every mistake ends with exit code 2 and one sentence on standard
 * error, and nothing is written: a file that was there stays as it was.
 */

const rows = Array.from({ length: 2000 }, (_, i) => `${i},k${(i * 7919) % 97}\n`).join('')
const packed = gzipSync(`time,key\n${rows}`)

const FILES = {
  'kept.json': 'what stood here before',
  'folder/': '',
  'good.csv': 'time,key,size,cost_ms\n0,a,10,5\n1,b,20,6\n2,a,10,5\n3,c,30,7\n',
  'keys.txt': 'a\nb\na\n',
  'text-time.csv': 'time,key\n0,a\nsoon,b\n',
  'backwards.csv': 'time,key\n0,a\n5,b\n3,c\n',
  'ragged.csv': 'time,key\n0,a\n1,b,9,9\n2,a\n3\n',
  'sizes.csv': 'time,key,size\n0,a,10\n1,b,-3\n',
  'header.csv': 'time,key\n',
  'empty.csv': '',
  'blank.csv': '\n\n',
  'empty.csv.gz': gzipSync(''),
  'cut.csv.gz': packed.subarray(0, packed.length / 2),
  'damaged.csv.gz': Buffer.concat([packed.subarray(0, 200), Buffer.alloc(40, 7), packed.subarray(240)]),
  'packed.zip': Buffer.from('PK\u0003\u0004 and so on'),
  'binary.csv': Buffer.from([0, 1, 2, 255, 254]),
  'writes.csv': 'time,key,op\n0,a,write\n1,b,delete\n',
  'typo.yaml': 'story: a story\nkeys: { generator: zipf, alhpa: 1 }\n',
  'negative.yaml': 'story: a story\nkeys:\n  generator: zipf\n  alpha: -1\n',
  'generator.yaml': 'story: a story\nkeys: { generator: zpif }\n',
  'twice.yaml': 'story: a story\nrequests: 10\nrequests: 20\n',
  'ttl.yaml': 'story: a story\ncache:\n  ttl: -5m\n',
  'tab.yaml': 'story: a story\nkeys:\n\tgenerator: zipf\n',
  'unclosed.yaml': 'story: a story\nkeys: { generator: zipf\n',
  'no-story.yaml': 'requests: 10\n',
  'empty.yaml': '',
  'result.json': '{ "schema": "cachesim/result/1", "command": "compare", "simulated": {} }',
  'future.json': '{ "schema": "cachesim/result/99" }',
}

const SMALL = '--requests 500 --keys 50'
const compare = (args: string) => `compare ${SMALL} ${args}`
const sweep = (args: string) => `sweep ${SMALL} ${args}`
const trace = (args: string) => `compare --trace ${args}`

/** What is typed, and what the sentence must say: what was given, where, and what is allowed. */
type Case = readonly [args: Arguments, ...says: string[]]

const MISTAKES: Record<string, readonly Case[]> = {
  'unknown names, with the nearest': [
    ['comapre', "unknown command 'comapre'", "did you mean 'compare'?", 'sweep'],
    ['help comapre', "unknown command 'comapre'", "did you mean 'compare'?"],
    [compare('--polices lru'), "unknown option '--polices'", 'did you mean --policies?'],
    [compare('--frobnicate'), "unknown option '--frobnicate'", 'cachesim compare --help'],
    ['--frobnicate', "unknown option '--frobnicate'", 'cachesim --help'],
    [compare('--policies lur'), "unknown policy 'lur'", "did you mean 'lru'?", 'optimal'],
    [compare('--policies lru(k=2)'), "setting of policy 'lru'", "'k'", 'there are none'],
    [compare('--policies optimal(bypas=true)'), "'bypas'", "did you mean 'bypass'?"],
    ['compare --workload zpif', "unknown workload 'zpif'", "did you mean 'zipf'?", 'nightly-scan'],
    ['compare --workload zipf(alhpa=1)', "'alhpa'", "did you mean 'alpha'?"],
    [trace('good.csv --format cvs'), "unknown format 'cvs'", "did you mean 'csv'?", 'jsonl'],
    [
      compare('--miss-latency lognromal:p50=1ms,p99=2ms'),
      "'lognromal'",
      "did you mean 'lognormal'?",
      '--miss-latency',
    ],
    [compare('--ttl-mode idel'), "unknown --ttl-mode 'idel'", "did you mean 'idle'?", 'write'],
    [trace('good.csv --time-unit h'), "unknown --time-unit 'h'", 's, ms, us, ns'],
    [trace('good.csv --cost-unit mss'), "unknown --cost-unit 'mss'", "did you mean 'ms'?"],
    ['list polices', "unknown kind 'polices'", "did you mean 'policies'?"],
    ['generate -o new.csv --format xml', "unknown format 'xml'", 'jsonl, tsv, csv'],
    ['generate -o new.foo', "'new.foo'", '--format', 'jsonl, tsv, csv'],
  ],
  'options that are no option': [
    [compare('requests.csv'), "unexpected argument 'requests.csv'", 'cachesim compare --help'],
    ['list policies formats', "unexpected argument 'formats'"],
    ['compare --requests', '--requests'],
    ['report', "'file'"],
  ],
  'numbers out of range': [
    [compare('--alpha -1'), "--alpha '-1'", '0 or more'],
    [compare('--alpha NaN'), "--alpha 'NaN'", '0 or more'],
    [compare('--alpha Infinity'), "--alpha 'Infinity'", '0 or more'],
    [compare('--alpha steep'), "--alpha 'steep'", '0 or more'],
    [['compare', '--alpha', ''], "--alpha ''", '0 or more'],
    ['compare --workload zipf(alpha=-1)', "'alpha' of generator 'zipf' is '-1'", '0 or more'],
    ['compare --requests 0', '--requests', 'at least 1'],
    ['compare --requests -5', "--requests '-5'", 'whole number'],
    ['compare --requests 1e12', '--requests 1,000,000,000,000', '2,147,483,648'],
    ['compare --keys 0', '--keys', 'at least 1'],
    ['compare --rate 0/s', "--rate '0/s'", 'above 0'],
    ['compare --rate 5', "--rate '5'", '50/s'],
    [compare('--warmup 500'), "--warmup '500'", 'all 500 requests'],
    [compare('--warmup 100%'), "--warmup '100%'", 'all 500 requests'],
    [compare('--warmup -1'), "--warmup '-1'", 'whole number'],
    [compare('--repeat 0'), "--repeat '0'", 'from 1 to 10,000'],
    [compare('--repeat 1.5'), "--repeat '1.5'", 'from 1 to 10,000'],
    [sweep('--sensitivity -1'), "--sensitivity '-1'", '0 or more'],
    [sweep('--min-gain much'), "--min-gain 'much'", '0 or more'],
  ],
  'sizes that make no sense': [
    [compare('--size -5'), "--size '-5'", 'entries (1000)', '5%', '64MiB'],
    [compare('--size -5%'), "--size '-5%'", '5%'],
    [compare('--size x%'), "--size 'x%'", '5%'],
    [compare('--size 12furlongs'), "--size '12furlongs'", '64MiB'],
    [compare('--size 1MiB'), '1 MiB', 'needs value sizes', '--value-size'],
    [trace('keys.txt --size 64KiB'), '64 KiB', 'needs value sizes', '--value-size'],
    [sweep('--sizes 40..10:5'), "'40..10:5' runs backwards", 'the larger'],
    [sweep('--sizes 10..40:1'), "'10..40:1'", 'count of 2 to 10,000'],
    [sweep('--sizes 0..40:5'), "'0..40:5' starts at 0", 'above 0'],
    [sweep('--sizes 10..50%:5'), "'10..50%:5' mixes units"],
    [sweep('--sizes 10..40'), "'10..40'", 'FROM..TO:COUNT'],
    [sweep('--sizes 10,many'), "--sizes 'many'", 'entries (1000)'],
    [['sweep', '--sizes', ''], "--sizes ''", '0.1%..50%:24'],
    [
      'sweep --workload price-prediction --requests 500 --sizes 10,1KiB',
      '10,1KiB',
      'mixes entries and bytes',
    ],
  ],
  'times to live that make no sense': [
    [compare('--ttl -5m'), "--ttl '-5m'", 'negative'],
    [compare('--ttl 0s'), "--ttl '0s'", 'above 0', "'none'"],
    [compare('--ttl 10'), "--ttl '10' has no unit", '10m'],
    [compare('--ttl soon'), "--ttl 'soon'", '10m'],
    [trace('keys.txt --ttl 5m'), '--ttl', 'keys.txt', '--time'],
    [trace('keys.txt --policies ttl'), "'ttl'", 'keys.txt', '--time'],
  ],
  'latencies and prices that make no sense': [
    [compare('--hit-latency 2'), "--hit-latency '2' has no unit", 'ms'],
    [compare('--hit-latency -2ms'), "--hit-latency '-2ms'", 'negative'],
    [compare('--hit-latency recorded'), '--hit-latency', "'recorded'"],
    [compare('--miss-latency recorded'), '--miss-latency recorded', 'needs costs', '--cost'],
    [trace('keys.txt --miss-latency recorded'), '--miss-latency recorded', 'keys.txt', '--cost'],
    [
      compare('--miss-latency lognormal:p50=9ms,p99=2ms'),
      '--miss-latency',
      'p99 (2ms) must be above p50 (9ms)',
    ],
    [compare('--miss-latency lognormal:p50=9ms'), '--miss-latency', 'two percentiles'],
    [compare('--miss-cost gratis'), "--miss-cost 'gratis'", '0.002', '0.36/h'],
    [compare('--miss-cost -1'), "--miss-cost '-1'", '0 or more'],
    [compare('--miss-cost 0.3/fortnight'), "--miss-cost '0.3/fortnight'", '0.36/h'],
  ],
  'options that exclude each other': [
    ['compare --workload zipf --trace good.csv', "--workload 'zipf' and --trace exclude each other"],
    [compare('--key user_id'), '--key is for recorded traces', '--trace'],
    [compare('--sort'), '--sort is for recorded traces'],
    [compare('--max-bad-rows 3'), '--max-bad-rows is for recorded traces'],
    [compare('--value-size bytes'), '--value-size is for recorded traces'],
    [trace('good.csv --requests 10'), '--requests is for synthetic workloads'],
    [trace('good.csv --alpha 1'), '--alpha is for synthetic workloads'],
    [trace('good.csv --repeat 3'), '--repeat 3', 'synthetic workload'],
    ['compare --workload uniform --alpha 1', "generator 'uniform'", "'alpha'"],
    ['compare --workload feature-store --keys 10', '--keys', "'feature-store'", 'mixture'],
    [compare('--policies lru,fifo,lru'), "'lru' stands twice", '--policies'],
    [['compare', '--policies', ','], '--policies', 'lru, lfu'],
    ['generate --trace good.csv', "unknown option '--trace'"],
  ],
  'traces that cannot be read': [
    [trace('nowhere.csv'), "'nowhere.csv'", 'no such file'],
    [trace('folder'), "'folder'", 'a directory'],
    [trace('empty.csv'), "'empty.csv' is empty"],
    [trace('empty.csv.gz'), "'empty.csv.gz' is empty"],
    [trace('header.csv'), "'header.csv' has no requests"],
    [trace('-'), "'-' is empty"],
    [trace('cut.csv.gz'), "'cut.csv.gz' is cut short", 'gzip'],
    [trace('damaged.csv.gz'), "'damaged.csv.gz' is damaged", 'gzip'],
    [trace('packed.zip'), "'packed.zip'", 'zip', 'unzip -p'],
    [trace('binary.csv'), "'binary.csv' line 1", 'binary'],
    [trace('blank.csv'), "'blank.csv' has no requests"],
    [trace('writes.csv'), 'writes.csv', 'no reads'],
    ['inspect --trace nowhere.csv', "'nowhere.csv'", 'no such file'],
  ],
  'columns and rows': [
    [
      trace('good.csv --key user'),
      '--key',
      "no column 'user' in 'good.csv'",
      'columns: time, key, size, cost_ms',
    ],
    [trace('good.csv --time tiem'), '--time', "'tiem'", "did you mean 'time'?"],
    [trace('good.csv --cost cost'), '--cost', "'cost'", 'cost_ms'],
    [trace('good.csv --key 5'), '--key', "'5'", 'columns: time, key, size, cost_ms'],
    [trace('good.csv --where color=red'), '--where', "'color'", 'columns: time, key'],
    [trace('good.csv --where key'), "--where 'key'", 'column=value'],
    [trace('good.csv --where key=z'), "'good.csv' has no requests", 'key=z'],
    [trace('text-time.csv'), "'text-time.csv' line 3", "time 'soon'", 'neither a number nor a date'],
    [trace('backwards.csv'), "'backwards.csv' line 4", 'backwards, from 5 to 3', '--sort'],
    [trace('sizes.csv'), "'sizes.csv' line 3", "size '-3'", 'whole number'],
    [trace('ragged.csv'), "'ragged.csv' line 3", '4 cells where the header has 2'],
    [trace('ragged.csv --max-bad-rows 1'), "'ragged.csv' line 3", '--max-bad-rows 1'],
    [trace('ragged.csv --max-bad-rows -1'), "--max-bad-rows '-1'", '0 or more'],
    [trace('ragged.csv --max-bad-rows some'), "--max-bad-rows 'some'", '0 or more'],
  ],
  'recipes, with line and column': [
    ['compare --workload typo.yaml', 'typo.yaml:2:26', "'alhpa'", "did you mean 'alpha'?"],
    ['compare --workload negative.yaml', 'negative.yaml:4:10', "'-1'", '0 or more'],
    ['compare --workload generator.yaml', 'generator.yaml:2:20', "'zpif'", "did you mean 'zipf'?"],
    ['compare --workload twice.yaml', 'twice.yaml:3:1', "'requests' stands twice"],
    ['compare --workload ttl.yaml', 'ttl.yaml:3:8', "'-5m'", 'negative'],
    ['compare --workload tab.yaml', 'tab.yaml:3:1', 'a tab'],
    ['compare --workload unclosed.yaml', 'unclosed.yaml:3:1', 'not YAML'],
    ['compare --workload no-story.yaml', 'no-story.yaml:1:1', "'story' is missing"],
    ['compare --workload empty.yaml', 'empty.yaml:1:1', 'empty'],
    ['compare --workload nowhere.yaml', "'nowhere.yaml'", 'no such file'],
    ['compare --workload ./folder', "'./folder'", 'a folder'],
    ['generate --workload typo.yaml -o new.csv', 'typo.yaml:2:26', "'alhpa'"],
  ],
  'outputs that cannot be written': [
    [compare('--json nowhere/a.json'), "--json 'nowhere/a.json'", 'folder does not exist'],
    [compare('--json good.csv/a.json'), "--json 'good.csv/a.json'", 'cannot be written'],
    [compare('--json new/'), "--json 'new/'", 'name a file'],
    [compare('--json folder'), "--json 'folder'", 'name a file'],
    [
      compare('--json new.json --markdown nowhere/a.md'),
      "--markdown 'nowhere/a.md'",
      'folder does not exist',
    ],
    [compare('--json new --csv new'), '--csv and --json both write to', "'new'"],
    [compare('--json new --csv ./folder/../new'), '--csv and --json both write to', 'new'],
    [compare('--json kept.json --csv ./kept.json'), '--csv and --json both write to', 'kept.json'],
    [compare('--json - --csv -'), '--csv and --json both write to', "'-'"],
    [['compare', '--json', ''], '--json names no file'],
    ['generate --requests 10 -o nowhere/a.csv', "--output 'nowhere/a.csv'", 'folder does not exist'],
    ['generate --requests 10 -o folder', "--output 'folder'", 'name a file'],
    ['generate --requests 10 -o new.txt --format lines', "format 'lines'", 'csv, tsv or jsonl'],
    ['generate --requests 10 --alpha -1 -o kept.json --format csv', "--alpha '-1'"],
  ],
  'saved results': [
    ['report nowhere.json', "'nowhere.json'", 'no such file'],
    ['report folder', "'folder'", 'a folder'],
    ['report empty.csv', "'empty.csv' is empty", '--json'],
    ['report good.csv', "'good.csv'", 'not JSON'],
    ['report kept.json', "'kept.json'", 'not JSON'],
    ['report result.json', "'result.json'", 'not a valid result'],
    ['report future.json', "'future.json'", 'cachesim/result/99', 'cachesim/result/1'],
  ],
}

/** Outputs are asked for in every run that can have them: a failed one must not touch them. */
function withOutputs(given: Arguments): readonly string[] {
  const args = splitArguments(given)
  const reports = /^(compare|sweep|inspect|report)$/.test(args[0]!)
  if (!reports || args.some((arg) => /^--(json|csv|markdown)$/.test(arg)) || args.length < 2) return args
  return [args[0]!, '--json', 'kept.json', '--csv', 'new.csv', ...args.slice(1)]
}

/** The one line on standard error, of a run that must fail without a trace. */
async function refused(args: readonly string[], folder: string, options: RunOptions = {}): Promise<string> {
  const before = contentOf(folder)
  const { code, stdout, stderr } = await run(args, { ...options, cwd: folder })
  expect(stderr).toMatch(/^cachesim: [^\n]+\n$/)
  expect(stderr, 'more than one sentence').not.toMatch(/\. +\p{Lu}/u)
  expect(stderr, 'a stack').not.toMatch(/\bat .*:\d+:\d+\)?$|node:internal|undefined|\[object/m)
  expect(stdout).toBe('')
  expect(code).toBe(2)
  expect(contentOf(folder)).toEqual(before)
  return stderr
}

describe.each(Object.entries(MISTAKES))('%s', (_, cases) => {
  it.concurrent.each(cases.map(([args, ...says]) => ({ shown: splitArguments(args).join(' '), args, says })))(
    'cachesim $shown',
    async ({ args, says }) => {
      const message = await refused(withOutputs(args), folderWith(FILES))
      for (const part of says) expect(message).toContain(part)
    },
  )
})

describe('what only some systems have', () => {
  /** Root reads everything, so the test then runs as a user who may do little. */
  const uid = process.getuid?.() === 0 ? 65_534 : undefined
  const canRun = spawnSync(
    process.execPath,
    [binary, '--version'],
    uid === undefined ? {} : { uid, gid: uid },
  )
  const note = canRun.status === 0 ? '' : ' (left out: no other user can run the binary here)'

  it.runIf(canRun.status === 0 && process.platform !== 'win32')(
    `refuses a trace, a recipe and an output without permission${note}`,
    async () => {
      const folder = folderWith(FILES)
      for (const name of ['secret.csv', 'secret.yaml']) {
        writeFileSync(join(folder, name), 'time,key\n0,a\n')
        chmodSync(join(folder, name), 0)
      }
      chmodSync(folder, 0o555)
      const as = uid === undefined ? {} : { uid }
      expect(await forbidden('compare --trace secret.csv')).toContain("'secret.csv'")
      expect(await forbidden('compare --workload secret.yaml')).toContain("'secret.yaml'")
      expect(await forbidden('compare --json new.json')).toContain("--json 'new.json'")
      chmodSync(folder, 0o755)

      async function forbidden(args: string): Promise<string> {
        const { code, stderr } = await run(args, { cwd: folder, ...as })
        expect(stderr).toMatch(/^cachesim: [^\n]*permission[^\n]*denied\n$/)
        expect(code).toBe(2)
        return stderr
      }
    },
  )

  it.runIf(process.platform === 'linux')('says so where reading fails half-way', async () => {
    const message = await refused(['compare', '--trace', '/proc/self/mem'], folderWith(FILES))
    expect(message).toContain("'/proc/self/mem'")
  })
})

describe('what a terminal would obey', () => {
  it('is taken out of names, and the sentence stays on one line', async () => {
    const message = await refused(['compare', '--size', '5\u001b[31m\n6\u0007'], folderWith(FILES))
    expect(message).toContain('is not a cache size')
    expect(message.trimEnd()).not.toMatch(/\p{Cc}/u)
  })
})

describe('what looks wrong and is allowed', () => {
  it.concurrent.each([
    [compare('--size 0'), 'keeps nothing'],
    [compare('--size 0%'), 'keeps nothing'],
    [compare('--size 0 --ttl 1m'), 'keeps nothing'],
    [sweep('--sizes 0,10'), 'keeps nothing'],
    [compare('--size 5000'), 'holds every key'],
    [compare('--size 200%'), 'holds every key'],
    [compare('--ttl 100d'), 'nothing expires'],
    [trace('ragged.csv --max-bad-rows 2'), '2 of 4 rows could not be read'],
    [trace('keys.txt'), 'no times'],
  ])('cachesim %s: %s', async (args, says) => {
    const { code, stdout, stderr } = await run(args, { cwd: folderWith(FILES) })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('warning:')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(says)
  })

  it('sorts times that run backwards where --sort says so', async () => {
    const { code, stdout } = await run(trace('backwards.csv --sort --csv -'), { cwd: folderWith(FILES) })
    expect(code).toBe(0)
    expect(stdout).toContain('\nlru,')
  })

  it('finds no hit at all in a cache of size 0', async () => {
    const { stdout } = await run(compare('--size 0 --csv - --policies all'))
    const hits = stdout
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => row.split(',')[7])
    expect(hits).toEqual(Array(6).fill('0'))
  })
})
