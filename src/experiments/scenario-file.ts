/*
 * Finds scenarios: those shipped in the package's `workloads/services` folder by name, others by path. A variant is the
 * same file with other values at some paths.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { fileReason, InputError, unknownName } from '../core/errors.ts'
import { checkScenario, readScenarioText, type Scenario } from './scenario.ts'
import { SettingError } from './setting-error.ts'
import type { SettingsText } from './yaml-settings.ts'

/** Two folders up from here, in the sources as in the compiled package. */
const folder = new URL('../../workloads/services/', import.meta.url)

/** Names of the scenarios in the package. */
export function scenarioNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort()
}

/** Every shipped scenario, with the first sentence of its story. */
export function listScenarios(): { readonly name: string; readonly summary: string }[] {
  return scenarioNames().map((name) => {
    const { story } = openScenario(name).variant([])
    return { name, summary: /^.*?[.!?](?=\s|$)/s.exec(story)?.[0].replaceAll(/\s+/g, ' ') ?? story }
  })
}

/** A value at a place: `tiers.0.policy`, `lru`. */
export interface Change {
  readonly path: string
  readonly value: unknown
}

/** A scenario file that has been read. */
export interface ScenarioFile {
  readonly name: string
  /**
   * The scenario with some values changed.
   * @throws InputError for a mistake in the file, by line, or in a change
   */
  variant(changes: readonly Change[]): Scenario
  /** The same as it is written: what `checkScenario` takes. */
  plain(changes: readonly Change[]): unknown
  /**
   * What `work` gives, which is done for a variant.
   * @throws InputError for a mistake in a setting that it finds: by line, or in the change that has set it
   */
  placing<T>(changes: readonly Change[], work: () => Promise<T>): Promise<T>
}

/**
 * @param nameOrPath a shipped scenario, or a file
 * @throws InputError for an unknown name, a file that cannot be read or is not YAML
 */
export function openScenario(nameOrPath: string): ScenarioFile {
  const given = nameOrPath.trim()
  const names = scenarioNames()
  const shipped = names.includes(given)
  if (!shipped && !/[\\/]|\.ya?ml$/i.test(given) && !existsSync(given))
    throw unknownName('scenario', given, names)
  const fileName = shipped ? `${given}.yaml` : given
  const settings = readScenarioText(
    shipped ? readFileSync(new URL(fileName, folder), 'utf8') : readText(given),
    fileName,
  )
  return {
    name: basename(fileName).replace(/\.ya?ml$/i, ''),
    variant: (changes) => variantOf(settings, changes, shipped ? undefined : dirname(given)),
    plain: (changes) => changed(settings, changes),
    async placing(changes, work) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof SettingError)) throw error
        const path = error.path.join('.')
        if (changes.some((change) => path === change.path || path.startsWith(`${change.path}.`)))
          throw inChanges(changes, error.message)
        settings.refuse([{ path: error.path, message: error.message }])
        throw error
      }
    },
  }
}

function changed(file: SettingsText, changes: readonly Change[]): unknown {
  const plain = structuredClone(file.plain)
  for (const change of changes) put(plain, change)
  return plain
}

function variantOf(file: SettingsText, changes: readonly Change[], folder: string | undefined): Scenario {
  const { settings, problems } = checkScenario(changed(file, changes))
  // What is wrong without the changes is wrong in the file.
  if (problems.length > 0) file.refuse(checkScenario(file.plain).problems)
  // What a change makes idle is no mistake: warmUp.keys=0,500 compares with none.
  const problem = problems.find(
    ({ isIdle, path }) => !isIdle || changes.some((change) => change.path === path.join('.')),
  )
  if (problem !== undefined) throw inChanges(changes, problem.message)
  const { workload } = settings!
  if (workload.trace === undefined || folder === undefined) return settings!
  // A trace lies where the scenario says, seen from there.
  const trace = workload.trace.map((path) => (path === '-' || isAbsolute(path) ? path : join(folder, path)))
  return { ...settings!, workload: { ...workload, trace } }
}

function inChanges(changes: readonly Change[], message: string): InputError {
  return new InputError(
    `--vary ${changes.map(({ path, value }) => `${path}=${value}`).join(' ')}: ${message}`,
  )
}

/** Puts a value at its path; groups on the way that are not there are made. */
function put(plain: unknown, { path, value }: Change): void {
  const steps = path.split('.')
  const what = `--vary '${path}'`
  if (steps.some((step) => step === '' || step === '__proto__'))
    throw new InputError(`${what} is not a path such as tiers.0.policy`)
  // Of an event that is not there nobody knows when it comes.
  const [first, event] = steps
  if (first === 'events' && event !== undefined && !((plain as { events?: unknown[] }).events ?? []).length)
    throw new InputError(`${what}: there is no event ${event}, because the scenario has no events`)
  let node = plain as Record<string, unknown>
  for (const [depth, step] of steps.entries()) {
    if (Array.isArray(node) && !(/^\d+$/.test(step) && Number(step) < node.length))
      throw new InputError(
        `${what}: '${step}' is none of the ${node.length} there are, which are numbered from 0 on`,
      )
    if (depth === steps.length - 1) {
      node[step] = value
      return
    }
    // A word that stands for a group gives way to a group.
    if (typeof node[step] !== 'object' || node[step] === null) {
      const isList = /^\d+$/.test(steps[depth + 1]!)
      node[step] = isList
        ? [{}]
        : step === 'workload' && node[step] !== undefined
          ? { recipe: node[step] }
          : {}
    }
    node = node[step] as Record<string, unknown>
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new InputError(`the scenario '${path}' cannot be read: ${fileReason(error, 'read')}`)
  }
}
