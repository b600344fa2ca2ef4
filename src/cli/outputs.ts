import type { Command } from 'commander'
import { InputError } from '../core/errors.ts'
import type { Result } from '../core/result.ts'
import { reports } from '../reports/index.ts'
import { warningsOf } from '../reports/said.ts'
import {
  forbidColors,
  isSameFile,
  Output,
  printError,
  printWarning,
  stdoutColors,
  stdoutWidth,
} from './io.ts'
import { ProgressBar } from './progress.ts'

/** The report a person sees; all others are asked for with a flag of their name. */
const FOR_PEOPLE = 'terminal'

interface OutputFlags {
  readonly color?: boolean
  readonly quiet?: boolean
  readonly reproducible?: boolean
}

/** A flag for every registered report, and how much is said. */
export function addOutputOptions(command: Command): Command {
  command.optionsGroup('Output (FILE - is standard output, and nothing else is written there):')
  for (const { name, summary } of reports.all) {
    if (name !== FOR_PEOPLE) command.option(`--${name} <file>`, summary)
  }
  return command
    .option('--reproducible', 'leave wall times out, so that the same seed gives the same bytes')
    .option('--quiet', 'only what was asked for: no progress, no table')
    .option('--no-color', 'no colours')
    .option('--debug', 'a stack trace with an error')
}

/**
 * Opens the outputs, runs, and reports: to the files that were asked for, and to standard output where that is free.
 * @param run does the work, with a bar to tell of its progress
 * @param inputs the files that are read, which no output may replace
 */
export async function runAndReport<R extends Result>(
  flags: OutputFlags & Record<string, unknown>,
  command: R['command'],
  run: (progress: ProgressBar) => Promise<R>,
  inputs: readonly unknown[] = [flags.trace, flags.workload].flat(),
): Promise<void> {
  if (flags.color === false) forbidColors()
  const asked = openOutputs(flags, command, inputs)
  const progress = new ProgressBar(flags.quiet !== true)
  let result: Result
  try {
    result = await run(progress)
  } finally {
    progress.stop()
  }
  if (flags.reproducible) {
    const { measured: _, ...reproducible } = result
    result = reproducible
  }
  // Rendered before anything is written: a report that fails leaves no file of another.
  const files = asked.map(({ report, output }) => ({
    output,
    text: report.render(result, { color: false, width: 100 }),
  }))
  const failures: Error[] = []
  for (const { output, text } of files) await output.write([text]).catch((error) => failures.push(error))
  const isTaken = files.some(({ output }) => output.isStdout)
  if (flags.quiet !== true) await show(result, isTaken)
  // What can be kept of a long run is, before it is said what cannot.
  const last = failures.pop()
  for (const { message } of failures) printError(message)
  if (last) throw last
}

/** Shows a result to people, or where standard output is taken what they should know of it. */
async function show(result: Result, isTaken: boolean): Promise<void> {
  if (isTaken) {
    for (const warning of [...whatIsMissing(result), ...warningsOf(result)]) printWarning(warning)
  } else {
    const text = reports.get(FOR_PEOPLE).render(result, { color: stdoutColors(), width: stdoutWidth() })
    await Output.open('-', '').write([text])
  }
}

/** That a result is a part: its numbers alone would not show it. */
function whatIsMissing({ simulated }: Result): string[] {
  return 'partial' in simulated && simulated.partial ? simulated.verdict.slice(0, 1) : []
}

function openOutputs(flags: Record<string, unknown>, command: Result['command'], inputs: readonly unknown[]) {
  const taken = new Map<string, string>()
  const asked = []
  for (const report of reports.all) {
    const path = flags[report.name]
    if (report.name === FOR_PEOPLE || typeof path !== 'string') continue
    const flag = `--${report.name}`
    if (!report.commands.includes(command))
      throw new InputError(`${flag} cannot show the result of ${command}`)
    refuseInput(path, flag, inputs)
    const output = Output.open(path, flag)
    const other = output.isDevice ? undefined : taken.get(output.target)
    if (other !== undefined) {
      throw new InputError(`${other} and ${flag} both write to '${path}': give each a file of its own`)
    }
    taken.set(output.target, flag)
    asked.push({ report, output })
  }
  return asked
}

/** @throws InputError where an output would replace what is read */
export function refuseInput(path: string, flag: string, inputs: readonly unknown[]): void {
  if (inputs.some((input) => typeof input === 'string' && isSameFile(input, path))) {
    throw new InputError(`${flag} '${path}' is the file that is read: write to another`)
  }
}
