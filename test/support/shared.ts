import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

/**
 * Recorded traces and independent counts, which are not part of the project: a folder beside the checkout, or none.
 * Benches run compiled, one folder deeper.
 */
export const sharedFolder: string | undefined = ['../../../shared/', '../../../../shared/']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))

/** For the names of tests that need the folder, so that a run without it says what it left out. */
export const sharedNote = sharedFolder === undefined ? ' (left out: no ../shared beside the checkout)' : ''

/** The path of a file in the shared folder. Only within tests that run if `sharedFolder` is there. */
export function sharedPath(name: string): string {
  return `${sharedFolder}${name}`
}

/** The lines of a text file in the shared folder, gunzipped where need be. */
export function sharedLines(name: string): string[] {
  const bytes = readFileSync(sharedPath(name))
  return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
}
