import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What the npm caches have in common, and all a benchmark needs. */
export interface GetSetCache {
  get(key: number): unknown
  set(key: number, value: number): unknown
}

/** A cache from npm that policies are measured beside. */
interface CachePackage {
  /** The row's name. */
  readonly name: string
  readonly package: string
  readonly exported: string
  /** True where it must hit exactly as often as `lru`. */
  readonly exactLru: boolean
  readonly note?: string
  create(Cache: new (...given: unknown[]) => GetSetCache, capacity: number): GetSetCache
}

/** The package whose get-then-set every speed is a multiple of. */
export const BASELINE = 'lru-cache'

/**
 * The best-known caches of npm. They are no dependencies: whoever wants to be shown them installs them.
 */
const PACKAGES: readonly CachePackage[] = [
  {
    name: BASELINE,
    package: 'lru-cache',
    exported: 'LRUCache',
    exactLru: true,
    create: (LRUCache, max) => new LRUCache({ max }),
  },
  {
    name: 'mnemonist LRUCache',
    package: 'mnemonist',
    exported: 'LRUCache',
    exactLru: true,
    create: (LRUCache, capacity) => new LRUCache(capacity),
  },
  {
    name: 'mnemonist LRUMap',
    package: 'mnemonist',
    exported: 'LRUMap',
    exactLru: true,
    create: (LRUMap, capacity) => new LRUMap(capacity),
  },
  {
    name: 'tiny-lru',
    package: 'tiny-lru',
    exported: 'LRU',
    exactLru: true,
    create: (LRU, max) => new LRU(max),
  },
  {
    name: 'quick-lru',
    package: 'quick-lru',
    exported: 'default',
    exactLru: false,
    note: 'holds up to twice its size, so that it hits more often: no equal comparison',
    create: (QuickLRU, maxSize) => new QuickLRU({ maxSize }),
  },
]

/** A package that is installed. */
export interface FoundPackage {
  readonly name: string
  readonly version: string
  readonly exactLru: boolean
  readonly note: string | null
  create(capacity: number): GetSetCache
}

/** Those that are installed beside cachesim, and the names of those that are not, or lack what is needed. */
export async function findPackages(): Promise<{
  readonly found: readonly FoundPackage[]
  readonly missing: readonly string[]
}> {
  const found: FoundPackage[] = []
  const missing = new Set<string>()
  for (const known of PACKAGES) {
    const version = await versionOf(known.package)
    // A variable, because an installed cachesim has no such dependency.
    const module = version === undefined ? {} : await import(known.package).catch(() => ({}))
    const Cache = module[known.exported]
    if (version === undefined || typeof Cache !== 'function') {
      missing.add(known.package)
      continue
    }
    const { name, exactLru, note = null } = known
    found.push({ name, version, exactLru, note, create: (capacity) => known.create(Cache, capacity) })
  }
  return { found, missing: [...missing] }
}

/** What is installed where this module's imports are sought; undefined: nothing. */
async function versionOf(name: string): Promise<string | undefined> {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      return JSON.parse(await readFile(join(folder, name, 'package.json'), 'utf8')).version
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}
