import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { CompareResult } from '../../src/core/result.ts'
import { comparisonOf, folderWith, run, start, succeed } from '../support/cli.ts'

/* Policies in files of the user's own, through the real binary. */

/** A policy file: FIFO over a plain array, with whatever is to be different. */
const fifo = (name: string, { methods = '', top = '', end = 'export default', fields = '' } = {}) => `${top}
${end} {
  name: '${name}',
  summary: 'evicts the key that came in first',
  ${fields}
  create() {
    const queue = []
    return {
      touch() {},
      insert(key) { queue.push(key) },
      evict() { return queue.shift() },
      remove(key) { queue.splice(queue.indexOf(key), 1) },
      ${methods}
    }
  },
}
`
const typed = fifo('typed').replace('const queue = []', 'const queue: number[] = []')
const k = "parameters: { k: { type: 'integer', default: 2, minimum: 1, maximum: 8, description: 'uses' } },"
const requests = 'a\nb\nc\na\nb\nc\na\nd\nb\na\na\n'
const story = 'story: A story.\nrequests: 2000\nkeys: { count: 100 }\n'

const GOOD = {
  'keys.txt': requests,
  'mine.js': fifo('mine', { fields: k }),
  'mine.mjs': fifo('module'),
  'mine.cjs': fifo('common', { end: 'module.exports =' }),
  'compiled.cjs': fifo('compiled', { end: 'exports.__esModule = true; exports.default =' }),
  'with blanks & (brackets).js': fifo('blank'),
  'instance.js': `class Policy { name = 'instance'; summary = 'x'; order = 1; create() { return this.make() } }
${fifo('instance', { end: 'const made =' })}
export default Object.assign(Object.create({ create: () => made.create() }), { name: 'instance', summary: 'x' })`,
  'mine.ts': typed,
  'folder/': '',
}
const compare = (policies: string, ...more: string[]) => [
  'compare',
  '--trace',
  'keys.txt',
  '--size',
  '2',
  '--policies',
  policies,
  ...more,
]

describe('a policy file', () => {
  const folder = folderWith(GOOD)
  const runsOf = async (policies: string, cwd = folder) => {
    const { simulated } = await comparisonOf(compare(policies).slice(1), { cwd })
    return simulated.runs.map(({ policy, hits }) => [policy, hits])
  }

  it.each([
    ['./mine.js', 'mine'],
    ['mine.js', 'mine'],
    ['./mine.js(k=3)', 'mine(k=3)'],
    [' ./mine.js ( k = 3 ) ', 'mine(k=3)'],
    ['./folder/../mine.mjs', 'module'],
    ['mine.cjs', 'common'],
    ['compiled.cjs', 'compiled'],
    ['./with blanks & (brackets).js', 'blank'],
    ['instance.js', 'instance'],
    [join(folder, 'mine.js'), 'mine'],
    [
      pathToFileURL(join(folder, 'with blanks & (brackets).js'))
        .href.replaceAll('(', '%28')
        .replaceAll(')', '%29'),
      'blank',
    ],
    [`~/${relative(homedir(), join(folder, 'mine.js'))}`, 'mine'],
  ])('%s runs beside our own, under the name it gives itself', async (given, name) => {
    const [own, theirs] = await runsOf(`fifo,${given}`)
    expect(own![0]).toBe('fifo')
    expect(theirs).toEqual([name, own![1]])
  })

  it('runs with several settings at once, beside all policies', async () => {
    expect((await runsOf('./mine.js,mine.js(k=3),./mine.mjs')).map(([name]) => name)).toEqual([
      'mine',
      'mine(k=3)',
      'module',
    ])
    const all = (await runsOf('all,./mine.js')).map(([name]) => name)
    expect(all.at(-1)).toBe('mine')
    expect(all).toContain('lru')
  })

  it('runs in a sweep', async () => {
    const args = [
      'sweep',
      '--trace',
      'keys.txt',
      '--sizes',
      '1,2',
      '--policies',
      'fifo,./mine.js',
      '--csv',
      '-',
    ]
    const rows = (await succeed(args, { cwd: folder })).split('\n').map((row) => row.split(','))
    expect(rows.filter(([policy]) => policy === 'mine')).toHaveLength(2)
  })

  it('is read as TypeScript where Node can, else the way on is said', async () => {
    const { code, stderr } = await run(compare('lru,./mine.ts'), { cwd: folder })
    const strips = Boolean((process.features as { typescript?: unknown }).typescript)
    if (strips) expect([code, stderr.replace(/\(node:.*Experimental[\s\S]*/, '')]).toEqual([0, ''])
    else {
      expect(code).toBe(2)
      expect(stderr).toMatch(
        /^cachesim: the policy file '\.\/mine\.ts' is TypeScript.*Node 22\.18 or later.*tsc.*\n$/,
      )
    }
  })

  it('may be named by a recipe, beside which it lies; flags say otherwise', async () => {
    const cwd = folderWith({
      'recipe.yaml': `${story}cache: { size: 10, policies: [fifo, ./mine.js(k=3)] }\n`,
      'mine.js': GOOD['mine.js'],
    })
    const elsewhere = folderWith()
    const recipe = join(cwd, 'recipe.yaml')
    const hits = async (...more: string[]) =>
      (await comparisonOf(['--workload', recipe, ...more], { cwd: elsewhere })).simulated.runs
    const [own, theirs, ...rest] = await hits()
    expect([own!.policy, theirs!.policy, rest.length]).toEqual(['fifo', 'mine(k=3)', 0])
    expect(theirs!.hits).toBe(own!.hits)
    expect((await hits('--policies', 'lru')).map(({ policy }) => policy)).toEqual(['lru'])
  })
})

const faulty = (methods: string) => fifo('faulty', { methods })
const BAD = {
  ...GOOD,
  'named.js': fifo('named', { end: 'export const policy =' }),
  'five.js': 'export default 5\n',
  'class.js': 'export default class Mine { create() {} }\n',
  'nameless.js': 'export default { summary: "x", create: () => ({}) }\n',
  'createless.js': 'export default { name: "x", summary: "x" }\n',
  'typo.js': fifo('typo', { fields: 'needz: [],' }),
  'slashed.js': fifo('a/b'),
  'plus.js': fifo('a+b'),
  'range.js': fifo('range', { fields: k.replace('default: 2', 'default: 9') }),
  'type.js': fifo('type', { fields: k.replace('integer', 'int') }),
  'undescribed.js': fifo('undescribed', { fields: k.replace(", description: 'uses'", '') }),
  'lru.js': fifo('lru'),
  'other.js': fifo('mine'),
  'syntax.js': 'export default {\n  name: "x",\n  create( {\n}\n',
  'throwing.js': fifo('throwing', { top: 'missing()' }),
  'thrower.js': 'throw null\n',
  'imports.js': fifo('imports', { top: "import './nowhere.js'" }),
  'package.js': fifo('package', { top: "import { definePolicy } from 'cachesim'" }),
  'creates.js': fifo('creates').replace('const queue = []', "throw new RangeError('no room')"),
  'nothing.js': 'export default { name: "nothing", summary: "x", create: () => {} }\n',
  'promise.js': fifo('promise').replace('create()', 'async create()'),
  'forgetful.js':
    'export default { name: "forgetful", summary: "x", create: () => ({ touch() {}, insert() {}, evict() {} }) }\n',
  'field.js': faulty('victim: 5,'),
  'touch.js': faulty("touch() { throw new Error('oh no') },"),
  'insert.js': faulty('insert(key, at) { if (at === 2) nowhere.push(key); queue.push(key) },'),
  'evict.js': faulty("evict() { throw 'a text' },"),
  'remove.js': faulty("remove() { throw new Error('cannot') },"),
  'admit.js': faulty("admit() { throw new Error('cannot') },"),
  'vague.js': faulty("admit() { return 'yes' },"),
  'late.js': faulty('async insert() {},'),
  'stranger.js': faulty('evict() { return 3 },'),
  'undefined.js': faulty('evict() {},'),
  'nan.js': faulty('evict() { return NaN },'),
  'half.js': faulty('evict() { return 0.5 },'),
  'beyond.js': faulty('evict() { return 1e9 },'),
  'negative.js': faulty('evict() { return -1 },'),
  'object.js': faulty('evict() { return { key: 1 } },'),
  'twice.js': faulty('evict() { return queue[0] },'),
  'leaves.js': faulty('evict() { process.exit(0) },'),
  'left.js': fifo('left', { top: 'process.exit(0)' }),
  'never.js': fifo('never', { top: 'await new Promise(() => {})' }),
  'later.js': fifo('later', {
    top: "setTimeout(() => { throw new Error('too late') }); await new Promise((done) => setTimeout(done, 1e6))",
  }),
  'getter.js': fifo('getter', { fields: "get needs() { throw new Error('not today') }," }),
  'proxy.js': "export default new Proxy({}, { has() { throw new Error('a wall') } })\n",
  'hidden.js':
    "export default { name: 'hidden', summary: 'x', create: () => ({ get touch() { throw new Error('no') } }) }\n",
  'needs.js': fifo('needs', { fields: "needs: ['ttl', 3]," }),
  'future.js': fifo('future').replace('create() {', 'create(context) { context.nextUse[0];'),
  'expiry.js': fifo('expiry').replace('create() {', 'create(context) { context.soonestToExpire();'),
  'sized.csv': 'key,size\na,1\nb,1\nc,2\nd,1\n',
  'deletes.csv': 'key,op\na,read\na,delete\n',
  'typo.yaml': `${story}cache: { policies: [./nowhere.js] }\n`,
  'text.yaml': `${story}cache: { policies: lru }\n`,
  'none.yaml': `${story}cache:\n  policies: []\n`,
}
const cases: readonly [given: string | readonly string[], ...says: string[]][] = [
  ['vague.js', "policy 'faulty' failed in admit", 'it must return true or false'],
  ['leaves.js', "policy 'faulty' failed in evict at request 2", 'it called process.exit(0)'],
  ['left.js', "the policy file 'left.js' cannot be loaded: it called process.exit(0)"],
  ['never.js', "the policy file 'never.js' cannot be loaded: it waits for what never comes"],
  ['later.js', "the policy file 'later.js' cannot be loaded: too late"],
  ['getter.js', "the policy file 'getter.js' cannot be read: not today"],
  ['proxy.js', "the policy file 'proxy.js' cannot be read: a wall"],
  ['hidden.js', "the methods that create of policy 'hidden' gave cannot be read: no"],
  ['needs.js', "element 1 of 'needs' of the policy file 'needs.js' is 3", "'future' or 'sizes'"],
  ['file://elsewhere/mine.js', "'file://elsewhere/mine.js' is no policy file", 'host'],
  [
    ['bench', '--requests', '100', '--policies', 'left.js'],
    "'left.js' cannot be loaded: it called process.exit(0)",
  ],
  ['late.js', "method 'insert' of policy 'faulty' is async", 'when it returns'],
  ['./nowhere.js', "the policy file './nowhere.js' cannot be read", 'no such file'],
  ['lru.jss/x', "'lru.jss/x' is no policy file", '.js, .mjs'],
  ['./folder', "'./folder' is no policy file"],
  ['named.js', "'named.js' has no default export, only policy", 'export default'],
  ['five.js', "default export of the policy file 'five.js' is 5", 'name, summary and create'],
  ['class.js', "'class.js' is a function", 'definePolicy()'],
  ['nameless.js', "the policy file 'nameless.js' needs 'name'", 'a text'],
  ['createless.js', "the policy file 'createless.js' needs 'create'", 'a function'],
  ['typo.js', "option of the policy file 'typo.js' 'needz'", "did you mean 'needs'?"],
  ['slashed.js', "'name' of the policy file 'slashed.js' is 'a/b'", 'slashes'],
  ['plus.js', "'name' of the policy file 'plus.js' is 'a+b'", 'commas, + and ='],
  ['range.js', "'k' of the defaults of the policy file 'range.js' is '9'", 'from 1 to 8'],
  ['type.js', "'type' of parameter 'k' of the policy file 'type.js' is 'int'", "'integer'"],
  ['undescribed.js', "parameter 'k' of the policy file 'undescribed.js' needs 'description'"],
  ['lru.js', "'name' of the policy file 'lru.js' is 'lru', as of a policy of cachesim", 'another'],
  ['mine.js,other.js', "'name' of the policy file 'other.js' is 'mine', as of 'mine.js'", 'another'],
  ['mine.js,./mine.js', "policy 'mine' stands twice"],
  ['mine.js(k=9)', "'k' of policy 'mine' is '9'", 'from 1 to 8'],
  ['mine.js(j=1)', "setting of policy 'mine' 'j'", 'allowed: k'],
  ['mine.js(k', "'mine(k' is not understood"],
  [
    'syntax.js',
    "the policy file 'syntax.js' has a syntax error",
    'Unexpected',
    "'node syntax.js' says where",
  ],
  ['throwing.js', "the policy file 'throwing.js' cannot be loaded: ReferenceError: missing is not defined"],
  ['thrower.js', "the policy file 'thrower.js' cannot be loaded", 'threw'],
  ['imports.js', "the policy file 'imports.js' imports '", "nowhere.js', which is not found"],
  [
    'package.js',
    "the policy file 'package.js' imports 'cachesim', which is not found",
    'npm install cachesim',
  ],
  ['creates.js', "policy 'creates' failed in create: RangeError: no room"],
  ['nothing.js', "create of policy 'nothing' gave nothing, which has no method 'touch'", 'evict, remove'],
  ['promise.js', "create of policy 'promise' has no method 'touch'"],
  ['forgetful.js', "create of policy 'forgetful' has no method 'remove'"],
  ['field.js', "create of policy 'faulty' has no method 'victim'"],
  ['touch.js', "policy 'faulty' failed in touch at request 10 (counted from 0): oh no"],
  ['insert.js', "policy 'faulty' failed in insert at request 2 (counted from 0): ReferenceError: nowhere"],
  ['evict.js', "policy 'faulty' failed in evict at request 2 (counted from 0): it threw 'a text'"],
  ['admit.js', "policy 'faulty' failed in admit at request 0", 'cannot'],
  ['stranger.js', "policy 'faulty' gave up key 3, which is not resident, at request 2", 'evict must return'],
  ['undefined.js', "policy 'faulty' gave up nothing, which is no key, at request 2"],
  ['nan.js', "policy 'faulty' gave up NaN, which is no key, at request 2"],
  ['half.js', "policy 'faulty' gave up 0.5, which is no key, at request 2"],
  ['beyond.js', "policy 'faulty' gave up key 1000000000, which is not resident, at request 2"],
  ['negative.js', "policy 'faulty' gave up key -1, which is not resident, at request 2"],
  ['object.js', "policy 'faulty' gave up an object, which is no key, at request 2"],
  ['future.js', "policy 'future' failed in create: nextUse is for policies with needs: ['future']"],
  ['expiry.js', "policy 'expiry' failed in create: soonestToExpire() is for policies with needs: ['ttl']"],
  [
    ['compare', '--trace', 'sized.csv', '--size', '2B', '--policies', 'twice.js'],
    "policy 'faulty' gave up key 0, which is not resident, at request 2",
  ],
  [
    ['compare', '--trace', 'deletes.csv', '--size', '2', '--policies', 'remove.js'],
    "policy 'faulty' failed in remove at request 1 (counted from 0): cannot",
  ],
  [['sweep', '--trace', 'keys.txt', '--policies', './nowhere.js'], "'./nowhere.js'", 'no such file'],
  // Before the trace is read, whatever is wrong with that.
  [['compare', '--trace', 'nowhere.csv', '--policies', 'five.js'], "'five.js' is 5"],
  [['compare', '--workload', 'typo.yaml'], "'./nowhere.js'", 'no such file'],
  [['compare', '--workload', 'text.yaml'], "text.yaml:4:20: 'policies' is 'lru'", 'a list of policies'],
  [['compare', '--workload', 'none.yaml'], "none.yaml:5:13: 'policies' is an empty list"],
]

describe('a policy file that cannot be used is refused in a sentence', () => {
  const folder = folderWith(BAD)
  const titled = cases.map(([given, ...says]) => {
    const args = typeof given === 'string' ? compare(given) : given
    return [args.join(' '), args, says] as const
  })

  it.concurrent.each(titled)('cachesim %s', async (_, args, says) => {
    const { code, stdout, stderr } = await run([...args, '--json', '-'], { cwd: folder })
    expect(stderr).toMatch(/^cachesim: [^\n]+\n$/)
    for (const part of says) expect(stderr).toContain(part)
    expect(stderr).not.toMatch(/node:internal|undefined|\[object/)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  it('shows where the policy threw with --debug', async () => {
    for (const [file, line] of [
      ['touch.js', /at [^\n]*touch[^\n]*touch\.js:13:/],
      ['throwing.js', /throwing\.js:1:/],
    ] as const) {
      const { code, stderr } = await run(compare(file, '--debug'), { cwd: folder })
      expect(stderr).toMatch(line)
      expect(code).toBe(2)
    }
  })

  it('lets a policy decline every key for ever', async () => {
    const cwd = folderWith({
      ...GOOD,
      'closed.js': fifo('closed', { methods: 'evict: (incoming) => incoming,' }),
    })
    const { simulated } = await comparisonOf(compare('closed.js').slice(1), { cwd })
    expect(simulated.runs[0]).toMatchObject({ policy: 'closed', evictions: 0 })
  })
})

describe('what a policy file does beside its work', () => {
  it('never comes between the results: what it logs goes to standard error, all of it', async () => {
    const talking = (top: string) =>
      fifo('talks', {
        top,
        methods: "evict() { console.log('gave up', queue[0]); return queue.shift() },",
      })
    const cwd = folderWith({
      ...GOOD,
      'talks.js': talking("console.log('loaded'); process.stdout.write('written\\n')"),
      'logs.js': talking("console.info('loaded')"),
    })
    for (const threads of ['1', '2']) {
      const args = compare('fifo,talks.js', '--threads', threads, '--json', '-')
      const { code, stdout, stderr } = await run(args, { cwd })
      expect(code).toBe(0)
      const { runs } = (JSON.parse(stdout) as CompareResult).simulated
      expect(runs.map(({ policy }) => policy)).toEqual(['fifo', 'talks'])
      expect(stderr.match(/^gave up \d+$/gm)).toHaveLength(runs[1]!.evictions)
      expect(stderr).toMatch(/^loaded\nwritten\n/)
    }
    const args = 'bench --requests 1000 --keys 100 --rounds 1 --policies logs.js --quiet --json -'
    expect(JSON.parse((await run(args, { cwd })).stdout).command).toBe('bench')
  })

  it.each(['compare', 'bench --rounds 1'])('%s ends, whatever timers are left running', async (command) => {
    const cwd = folderWith({ 'mine.js': fifo('mine', { top: 'setInterval(() => {}, 1000)' }) })
    const args = `${command} --requests 2000 --keys 100 --policies ./mine.js --quiet --json a.json`
    expect(await run(args, { cwd })).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  // Left to itself it would never return; interrupted, everything ends as it always does.
  it.each([
    ['loops.js', 'compare', 'SIGINT', 130],
    ['loops.js', 'compare', 'SIGTERM', 143],
    ['loops.js', 'sweep --threads 1', 'SIGINT', 130],
    ['loops.js', 'sweep --threads 2', 'SIGHUP', 129],
    ['hangs.js', 'compare', 'SIGINT', 130],
    ['loops.js', 'bench', 'SIGINT', 130],
    ['loops.js', 'bench --no-alone', 'SIGTERM', 143],
  ] as const)('%s in %s is ended by %s', async (file, command, signal, code) => {
    const loop = "process.stdout.write('here'); for (;;);"
    const cwd = folderWith({
      'loops.js': fifo('loops', { methods: `insert() { ${loop} },` }),
      'hangs.js': fifo('hangs', { top: loop }),
    })
    const child = start(`${command} --requests 2000 --keys 100 --policies fifo,${file} --json a.json`, {
      cwd,
    })
    child.stderr.once('data', () => child.kill(signal))
    expect(await once(child, 'exit')).toEqual([code, null])
    expect(readdirSync(cwd).sort()).toEqual(['hangs.js', 'loops.js'])
  })

  it('says nothing of a package.json above it that says nothing of modules', async () => {
    const cwd = folderWith({ ...GOOD, 'package.json': '{}' })
    for (const args of [
      compare('./mine.js', '--quiet'),
      'bench --requests 1000 --keys 100 --rounds 1 --policies ./mine.js --quiet',
    ])
      expect(await run(args, { cwd })).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('the parts of a sweep', () => {
  const SWEEP = 'sweep --requests 3000 --keys 300 --sizes 10,100 --policies ./mine.js,lru --quiet'

  it('are of one version of a policy file', async () => {
    const cwd = folderWith({ 'mine.js': GOOD['mine.js'] })
    const shard = (part: number) => run(`${SWEEP} --shard ${part}/2 --json ${part}.json`, { cwd })
    await shard(1)
    writeFileSync(join(cwd, 'mine.js'), `${GOOD['mine.js']}// another word\n`)
    await shard(2)
    const version = "another version of the file of policy 'mine'"
    expect(await run('merge 1.json 2.json', { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr: `cachesim: '2.json' is of ${version} than '1.json': only parts of one sweep can be merged\n`,
    })
    expect(await run(`${SWEEP} --resume 1.json`, { cwd })).toMatchObject({
      code: 2,
      stderr: `cachesim: --resume is given a sweep of ${version}: it must be a part of this one\n`,
    })
    writeFileSync(join(cwd, 'mine.js'), GOOD['mine.js'])
    await shard(2)
    expect(await run('merge 1.json 2.json --quiet', { cwd })).toMatchObject({ code: 0, stderr: '' })
  })
})
