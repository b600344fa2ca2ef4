/**
 * The most hits any cache of `capacity` equal entries can have, by trying every choice: at each miss, every resident
 * may go, or the incoming key is declined where `bypass` allows it. Exponential; for traces of a dozen requests.
 * @param reusable whether the value of request `from` still serves request `to` of the same key
 */
export function bestPossibleHits(
  keys: ArrayLike<number>,
  capacity: number,
  bypass: boolean,
  reusable: (from: number, to: number) => boolean = () => true,
): number {
  const known = new Map<string, number>()
  const best = (at: number, residents: readonly (readonly [key: number, since: number])[]): number => {
    if (at === keys.length) return 0
    const state = `${at}:${residents.join(';')}`
    const before = known.get(state)
    if (before !== undefined) return before
    const key = keys[at]!
    const others = residents.filter(([resident]) => resident !== key)
    const held = residents.find(([resident, since]) => resident === key && reusable(since, at))
    const withKey = (rest: typeof others) => [...rest, [key, at] as const].sort((a, b) => a[0] - b[0])
    let most: number
    if (held) {
      // A value may also be dropped right after it served: trying that too keeps the search exhaustive.
      most = 1 + Math.max(best(at + 1, withKey(others)), bypass ? best(at + 1, others) : 0)
    } else if (others.length < capacity) {
      most = Math.max(best(at + 1, withKey(others)), bypass ? best(at + 1, others) : 0)
    } else {
      const choices = others.map((_, gone) => best(at + 1, withKey(others.toSpliced(gone, 1))))
      most = Math.max(...choices, bypass ? best(at + 1, others) : 0)
    }
    known.set(state, most)
    return most
  }
  return capacity === 0 ? 0 : best(0, [])
}
