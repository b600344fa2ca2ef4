import { type Command, Option } from 'commander'
import { InputError, unknownName } from '../core/errors.ts'
import { SETTINGS_OPTIONS, type SettingsOptions } from '../experiments/settings.ts'
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../experiments/workload.ts'

const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value]
const collectList = (value: string, before: string[] | undefined) => [...(before ?? []), ...value.split(',')]

/** The columns, or true where the flag stands alone. */
const collectHashed = (value: string, before: string[] | boolean | undefined) =>
  collectList(value, Array.isArray(before) ? before : undefined)

const TIME_UNITS = ['s', 'ms', 'us', 'ns', '100ns', 'iso', 'clf']
const COST_UNITS = ['ns', '100ns', 'us', 'ms', 's', 'min']

/** An option that is one of a few words. Commander's own says so in two sentences, without the nearest. */
function choice(flags: string, description: string, names: readonly string[]): Option {
  const option = new Option(flags, `${description} (${names.join(', ')})`)
  return option.argParser((value: string) => {
    if (!names.includes(value)) throw unknownName(option.long!, value, names)
    return value
  })
}

/** Where requests come from: a generator, or a recorded trace and its columns. */
export function addWorkloadOptions(command: Command, own: ReadFlags = {}): Command {
  return addTraceOptions(addSyntheticOptions(command.optionsGroup('Requests:')), own)
}

/** What a synthetic workload can be told. */
export function addSyntheticOptions(command: Command): Command {
  return command
    .option(
      '-w, --workload <name|file>',
      'a recipe, a recipe file or a generator (see cachesim list); default zipf',
    )
    .option('--requests <n>', 'requests to generate, such as 10M')
    .option('--keys <n>', 'distinct keys in the catalogue')
    .option('--alpha <x>', 'skew of a zipf: 0 is uniform')
    .option('--rate <r>', 'mean arrivals, such as 100/s')
    .option('--seed <s>', 'seed of every random stream; default 1')
}

export function addTraceOptions(command: Command, own: ReadFlags = {}): Command {
  return addReadOptions(
    command.option(
      '-t, --trace <files...>',
      'replay a recorded trace: a file, several in order, a pattern such as "logs/*.gz"; - is standard input',
    ),
    own,
  )
}

/** Which flags of reading a command has. */
interface ReadFlags {
  /** Whether the trace can be cut down to a sample; default true. */
  readonly sample?: boolean
}

/** How a recorded trace is to be read. */
export function addReadOptions(command: Command, own: ReadFlags = {}): Command {
  command
    .optionsGroup('Columns of a recorded trace, by name or number; =VALUE is the same for all:')
    .option('--format <name>', 'format of the trace; default: told by its content')
    .option('--key <columns>', 'what makes up the key: one or several, such as user_id,model', collectList)
    .option(
      '--key-hash [columns]',
      'the same, known by a hash of it: for long keys such as prompts',
      collectHashed,
    )
    .option('--time <column>', 'when the request arrived')
    .addOption(
      choice(
        '--time-unit <unit>',
        'unit of a numeric time, or how dates are written; default: detected',
        TIME_UNITS,
      ),
    )
    .option('--value-size <column>', 'bytes of the value')
    .option('--cost <column>', 'how long the model took')
    .addOption(choice('--cost-unit <unit>', 'unit of the cost; default ms', COST_UNITS))
    .option('--op <column>', 'read, write or delete; default: all are reads')
    .option('--ttl-column <column>', 'seconds that what a request writes lives')
    .optionsGroup('Which rows of a recorded trace:')
  if (own.sample ?? true)
    command.option('--sample <share>', 'a random share of the keys, such as 1%, with all their requests')
  return command
    .option('--where <condition>', 'only rows that meet it, such as status=200; may be repeated', collect)
    .option('--from <time>', 'only from then on: a date, a number as in the file, or 10m after the first')
    .option('--to <time>', 'only before then')
    .option('--skip <n>', 'requests to pass over at the start')
    .option('--limit <n>', 'requests to read at most')
    .option('--sort', 'sort by time; otherwise time that runs backwards is an error')
    .option('--max-bad-rows <n>', 'unreadable rows to leave out, counted, before giving up; default 0')
    .option('--no-key-names', 'forget what keys are called: less memory for huge traces')
}

/** How the cache and the model behave. */
export function addSettingsOptions(command: Command): Command {
  return command
    .optionsGroup('Cache:')
    .option(
      '--ttl <duration|recorded|none>',
      'time to live of every entry, such as 10m; default: the trace’s own, where it has any',
    )
    .addOption(
      choice('--ttl-mode <mode>', 'count it from the write, or from the last use (idle)', ['write', 'idle']),
    )
    .option('--warmup <n|p%>', 'requests at the start that fill the cache and are not counted')
    .optionsGroup('Latency and money (durations, or lognormal:p50=120ms,p99=900ms):')
    .option('--hit-latency <latency>', 'of a lookup; default 2ms')
    .option('--miss-latency <latency>', 'of the model; recorded: each request’s own cost')
    .option('--store-latency <latency>', 'of storing a prediction; default 0ms')
    .option('--miss-cost <price>', 'dollars a prediction (0.002) or for the model’s time (0.36/h)')
    .option('--repeat <n>', 'repeat a synthetic workload with n seeds, for intervals across them')
}

/** How many cells are run at a time. */
export function addThreadsOption(command: Command): Command {
  return command
    .optionsGroup('Run:')
    .option('--threads <n>', 'threads to run on; default: one a core, where the work is worth it')
}

/** What commander makes of the flags, as the experiments take it. */
export function experimentOptions(flags: Record<string, unknown>): WorkloadOptions & SettingsOptions {
  const { maxBadRows, key, keyHash } = flags
  if (maxBadRows !== undefined && !/^\d+$/.test(String(maxBadRows))) {
    throw new InputError(`--max-bad-rows '${maxBadRows}' must be a whole number of 0 or more`)
  }
  if (key !== undefined && Array.isArray(keyHash)) {
    throw new InputError(
      `--key '${key}' and --key-hash '${keyHash}' exclude each other: both say what the key is`,
    )
  }
  const names = Object.keys({ ...WORKLOAD_OPTIONS, ...SETTINGS_OPTIONS })
  const given = names
    // Commander gives the default of a flag that begins with --no- as if it had been typed.
    .filter((name) => flags[name] !== undefined && !(name === 'keyNames' && flags[name] === true))
    .map((name) => [name, flags[name]])
  return {
    ...Object.fromEntries(given),
    ...(Array.isArray(keyHash) && { key: keyHash, keyHash: true }),
    ...(maxBadRows !== undefined && { maxBadRows: Number(maxBadRows) }),
    stdin: process.stdin,
  }
}
