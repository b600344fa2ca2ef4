import type * as GetSet from './get-set.ts'

/** The file of a module beside this one, whichever way this one was compiled. */
export function fileBeside(name: string): URL {
  return new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}

/** The loops over npm caches as an instance of their own. */
export function loadGetSet(packageName: string): Promise<typeof GetSet> {
  const url = fileBeside('get-set')
  url.searchParams.set('package', packageName)
  return import(/* @vite-ignore */ url.href) as Promise<typeof GetSet>
}
