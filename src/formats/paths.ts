import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { InputError } from '../core/errors.ts'

/** What makes a path a pattern. */
const PATTERN = /[*?[\]{}()!]/

/** Numbered logs in the order they count: `log.2` before `log.10`. */
const order = new Intl.Collator('en', { numeric: true })

/**
 * The files that were asked for, in order. A pattern such as `logs/*.csv.gz` stands for the files it matches, in order
 * of their names, numbers counted; a file of exactly that name comes first.
 * @throws InputError where there is none, a pattern matches none, or standard input is named twice
 */
export async function expandPaths(given: readonly string[]): Promise<string[]> {
  const paths: string[] = []
  for (const path of given) {
    if (path === '-' || !PATTERN.test(path) || existsSync(path)) {
      paths.push(path)
      continue
    }
    const { glob } = await import('tinyglobby')
    const matches = await glob(path, { onlyFiles: true, expandDirectories: false })
    if (matches.length === 0) throw new InputError(`'${path}' matches no file`)
    paths.push(...matches.sort(order.compare))
  }
  if (paths.length === 0) throw new InputError('no trace to read: name a file, or - for standard input')
  if (paths.filter((path) => path === '-').length > 1)
    throw new InputError('standard input can be read once only: give - once')
  return paths
}

/** Bytes of all files together; null where one is no regular file, or not there: opening it says so. */
export async function totalSize(paths: readonly string[]): Promise<number | null> {
  let total = 0
  for (const path of paths) {
    const found = path === '-' ? undefined : await stat(path).catch(() => undefined)
    if (!found?.isFile()) return null
    total += found.size
  }
  return total
}
