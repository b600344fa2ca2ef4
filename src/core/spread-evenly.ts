/** At most `count` (2 or more) of `values`, evenly spread, the first and the last among them. */
export function spreadEvenly<T>(values: readonly T[], count: number): readonly T[] {
  if (values.length <= count) return values
  return Array.from({ length: count }, (_, i) => values[Math.round((i * (values.length - 1)) / (count - 1))]!)
}
