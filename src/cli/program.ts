import { Command, CommanderError } from 'commander'
import { describeThrown, InputError, unknownName } from '../core/errors.ts'
import { VERSION } from '../core/version.ts'
import { end, handleInterrupts, printError, stderrColors, stdoutColors } from './io.ts'

/** A command: its options and its action. */
export interface CommandModule {
  configure(command: Command): void
}

/** The commands, each in a module that is loaded only when it is the one that runs. */
const COMMANDS: readonly {
  readonly name: string
  readonly summary: string
  load(): Promise<CommandModule>
}[] = [
  { name: 'compare', summary: 'policies side by side at one size', load: () => import('./compare.ts') },
  { name: 'sweep', summary: 'policies × sizes: curves, knee, CSV', load: () => import('./sweep.ts') },
  {
    name: 'simulate',
    summary: 'a whole prediction service over time, from a scenario file',
    load: () => import('./simulate.ts'),
  },
  {
    name: 'inspect',
    summary: 'what a trace looks like: skew, reuse, one-hit keys, ceiling',
    load: () => import('./inspect.ts'),
  },
  {
    name: 'generate',
    summary: 'write a synthetic workload as a trace file',
    load: () => import('./generate.ts'),
  },
  { name: 'convert', summary: 'one trace format to another', load: () => import('./convert.ts') },
  { name: 'merge', summary: 'the parts of a sweep as one', load: () => import('./merge.ts') },
  { name: 'worker', summary: 'run the cells of sweeps on a queue', load: () => import('./worker.ts') },
  {
    name: 'bench',
    summary: 'speed of the policies themselves, beside the caches of npm',
    load: () => import('./bench.ts'),
  },
  { name: 'report', summary: 'render a saved result again', load: () => import('./report.ts') },
  {
    name: 'list',
    summary: 'policies, admission filters, workloads, scenarios, formats, latency models, reports',
    load: () => import('./list.ts'),
  },
]

const EXAMPLES = `
Examples:
  cachesim compare --workload zipf
  cachesim sweep --workload zipf --sizes 0.1%..50%:24 --csv sweep.csv
  cachesim compare --trace requests.csv --key user_id,model --time ts --cost latency_ms
  cachesim simulate rest-api-redis --vary onMiss=none,single-flight
  cachesim inspect --trace requests.jsonl.gz --key prompt
  cachesim convert "logs/*.csv.gz" trace.arrow

Exit codes: 0 done, 1 failure, 2 bad usage or bad input, 130 interrupted.`

/**
 * Runs the command line, and ends with its exit code.
 * @param argv arguments after the program's name
 */
export async function run(argv: readonly string[]): Promise<void> {
  handleInterrupts()
  try {
    const program = await createProgram(argv)
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    const code = report(error, argv)
    // Interrupted, and then there was nothing to show: that it was interrupted is what counts.
    process.exitCode ||= code
  }
  await end()
}

/** The program with the options of the one command that `argv` asks for, and the names of the others. */
async function createProgram(argv: readonly string[]): Promise<Command> {
  const program = configureOutput(new Command('cachesim'))
    .description(
      'Would a cache pay? Eviction policies, sizes and TTLs on your own traffic, in latency and money.',
    )
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help; cachesim COMMAND --help says more')
    .helpCommand('help [command]', 'help of a command')
    .addHelpText('after', EXAMPLES)
    .action(() => program.outputHelp())
  program.allowExcessArguments(true)
  const asked = askedCommand(argv)
  const names = COMMANDS.map(({ name }) => name)
  if (asked !== undefined && !names.includes(asked) && asked !== 'help')
    throw unknownName('command', asked, names)
  for (const { name, summary, load } of COMMANDS) {
    const command = configureOutput(program.command(name)).description(summary)
    if (name !== asked) continue
    const module = await load()
    module.configure(command)
    command.helpOption('-h, --help', 'print this help')
    command.allowExcessArguments(true).hook('preAction', () => {
      const extra = command.args[command.registeredArguments.length]
      if (extra === undefined || command.registeredArguments.at(-1)?.variadic) return
      throw new InputError(
        `unexpected argument '${extra}': ${name} is told by options, which cachesim ${name} --help lists`,
      )
    })
  }
  return program
}

/** The first word that is no option, or the one after `help`. */
function askedCommand(argv: readonly string[]): string | undefined {
  const words = argv.filter((argument) => !argument.startsWith('-'))
  return words[0] === 'help' ? words[1] : words[0]
}

function configureOutput(command: Command): Command {
  return command
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({
      // Errors are printed in one place, below.
      outputError: () => {},
      getOutHasColors: () => stdoutColors(),
      getErrHasColors: () => stderrColors(),
    })
    .configureHelp({ styleTitle: (title) => `\u001b[1m${title}\u001b[22m`, sortSubcommands: false })
}

/** Says what went wrong, in a sentence. @returns the exit code */
function report(error: unknown, argv: readonly string[]): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    const hint = error.code === 'commander.unknownOption' ? listedByHelp(argv) : ''
    const message = error.message
      .replace(/^error: /, '')
      .replace(/\s*\(Did you mean (.+)\?\)$/s, '; did you mean $1?')
    printError(message + hint)
    return 2
  }
  if (!(error instanceof Error)) {
    printError(String(error))
    return 1
  }
  printError(error.message, argv.includes('--debug') ? stacks(error) : '')
  return error instanceof InputError ? 2 : 1
}

/** Where an error comes from, and what caused it. */
function stacks(error: unknown): string {
  if (!(error instanceof Error)) return error === undefined ? '' : `${describeThrown(error)}\n`
  const cause = stacks(error.cause)
  return `${error.stack}\n${cause && `caused by: ${cause}`}`
}

function listedByHelp(argv: readonly string[]): string {
  const command = askedCommand(argv)
  return ` (allowed: see cachesim ${command === undefined ? '' : `${command} `}--help)`
}
