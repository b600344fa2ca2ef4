import type { ServiceVariant } from '../core/service-result.ts'

/** Paths of the scenario that have different values in different variants. */
export function variedPaths(variants: readonly ServiceVariant[]): string[] {
  return variants[0]!.changes.flatMap(({ path, value }, at) =>
    variants.some(({ changes }) => changes[at]!.value !== value) ? [path] : [],
  )
}

/** Whether a setting is one of `paths`, in one of them, or has one of them in it. */
export function varies(paths: readonly string[], setting: string): boolean {
  return paths.some(
    (path) => path === setting || path.startsWith(`${setting}.`) || setting.startsWith(`${path}.`),
  )
}
