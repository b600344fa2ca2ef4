import { NONE } from './pool.ts'

/**
 * What is being computed, by key: the call that others wait for instead of making one of their own. One table for each
 * scope: every instance, or all of them together.
 */
export class Flights {
  /** [scopes][ids] the call + 1; 0: none. Made when a scope first needs it. */
  private readonly tables: (Int32Array | undefined)[] = []
  private readonly ids: number

  constructor(ids: number) {
    this.ids = ids
  }

  /** The call for a key in a scope, or NONE. */
  find(scope: number, id: number): number {
    const table = this.tables[scope]
    return table === undefined ? NONE : table[id]! - 1
  }

  set(scope: number, id: number, call: number): void {
    let table = this.tables[scope]
    if (table === undefined) {
      table = new Int32Array(this.ids)
      this.tables[scope] = table
    }
    table[id] = call + 1
  }

  /** Takes a call out, if it is still the one that stands there. */
  clear(scope: number, id: number, call: number): void {
    const table = this.tables[scope]
    if (table !== undefined && table[id] === call + 1) table[id] = 0
  }

  /** Takes all calls of a scope out: those who come do not know of them. */
  forget(scope: number): void {
    this.tables[scope] = undefined
  }
}
