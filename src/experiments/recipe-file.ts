/*
 * Finds recipes: those shipped in the package's `workloads` folder by name, others by path, and bare generators such as
 * `hotspot` or `zipf(alpha=0.8)`, which stand for a recipe with everything else as usual.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileReason, InputError, unknownName } from '../core/errors.ts'
import { parseSpec, resolveParameters } from '../core/parameters.ts'
import { generators } from '../generators/index.ts'
import { bareRecipe, parseRecipe, type Recipe } from './recipe.ts'

/** Two folders up from here, in the sources as in the compiled package. */
const folder = new URL('../../workloads/', import.meta.url)

/** Names of the recipes in the package. */
function shippedNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort()
}

/**
 * @param nameOrPath a shipped recipe, a file, or a generator
 * @throws InputError for an unknown name, a file that cannot be read, or a mistake in it
 */
export function readRecipe(nameOrPath: string): Recipe {
  const given = nameOrPath.trim()
  const shipped = shippedNames()
  if (shipped.includes(given))
    return parseRecipe(readFileSync(new URL(`${given}.yaml`, folder), 'utf8'), `${given}.yaml`)
  if (/[\\/]|\.ya?ml$/i.test(given) || (!/^[\w-]+(\(.*\))?$/s.test(given) && existsSync(given))) {
    return readFile(given)
  }
  const spec = parseSpec(given)
  if (!generators.has(spec.name)) {
    // A file without an ending is a recipe too, but not before the names of our own.
    if (existsSync(given)) return readFile(given)
    throw unknownName('workload', spec.name, [...new Set([...shipped, ...generators.names])])
  }
  const { parameters, summary } = generators.get(spec.name)
  const values = resolveParameters(parameters, spec.arguments, `generator '${spec.name}'`)
  return bareRecipe(given, `${summary}.`, spec.name, values)
}

/** Every shipped recipe, with the first sentence of its story. */
export function listRecipes(): { readonly name: string; readonly summary: string }[] {
  return shippedNames().map((name) => {
    const { story } = readRecipe(name)
    return { name, summary: /^.*?[.!?](?=\s|$)/s.exec(story)?.[0].replaceAll(/\s+/g, ' ') ?? story }
  })
}

function readFile(path: string): Recipe {
  return { ...parseRecipe(readText(path), path), folder: dirname(path) }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new InputError(`the recipe '${path}' cannot be read: ${fileReason(error, 'read')}`)
  }
}
