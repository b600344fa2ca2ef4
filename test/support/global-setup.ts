import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Compiles the sources once before the tests, where a file of `dist` is missing or older than its source, so that tests
 * of the binary never run yesterday's. Types that do not fit are the business of `npm run check`: the compiler emits
 * all the same.
 */
export default function setup(): void {
  const source = join(root, 'src')
  const stale = readdirSync(source, { recursive: true, encoding: 'utf8' }).some((name) => {
    const file = join(source, name)
    if (!/(?<!\.d)\.ts$/.test(name)) return false
    const compiled = join(root, 'dist', relative(source, file).replace(/\.ts$/, '.js'))
    const time = statSync(compiled, { throwIfNoEntry: false })?.mtimeMs
    return time === undefined || time < statSync(file).mtimeMs
  })
  if (!stale) return
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  try {
    execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')], { encoding: 'utf8' })
  } catch (error) {
    console.warn((error as { stdout?: string }).stdout ?? error)
  }
}
