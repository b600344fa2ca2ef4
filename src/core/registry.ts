import { type OtherNames, unknownName } from './errors.ts'

/** What every registered part says of itself. */
export interface Part {
  /** The name on the command line, in kebab case. */
  readonly name: string
  /** One line for help texts and `cachesim list`. */
  readonly summary: string
}

/** The parts of one kind, by name, in the order they were registered. */
export class Registry<T extends Part> {
  readonly kind: string
  readonly #parts = new Map<string, T>()
  readonly #otherNames: OtherNames

  /**
   * @param kind what a part is called in messages: 'policy', 'format', …
   * @param otherNames what parts are called elsewhere, and their name here: messages lead from the one to the other
   */
  constructor(kind: string, parts: readonly T[], otherNames: OtherNames = {}) {
    this.kind = kind
    this.#otherNames = otherNames
    for (const part of parts) {
      if (this.#parts.has(part.name)) throw new Error(`two parts of kind ${kind} are named '${part.name}'`)
      this.#parts.set(part.name, part)
    }
  }

  get names(): string[] {
    return [...this.#parts.keys()]
  }

  get all(): T[] {
    return [...this.#parts.values()]
  }

  has(name: string): boolean {
    return this.#parts.has(name)
  }

  /** @throws InputError with the nearest name where `name` is not registered */
  get(name: string): T {
    const part = this.#parts.get(name)
    if (part === undefined) throw unknownName(this.kind, name, this.names, this.names, this.#otherNames)
    return part
  }
}
