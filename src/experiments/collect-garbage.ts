import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/*
 * Arrays as long as there are keys or requests lie outside the heap that V8 watches, so it lets many of them pile up before
 * it looks. There is no other way to make it than this flag.
 */

let collect: (() => void) | undefined

/** Gives back the memory of what nothing refers to any more, lest it slow or outweigh what comes next. Takes milliseconds. */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
}
