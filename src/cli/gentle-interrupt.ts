import { INTERRUPTS, printError } from './io.ts'

const { stderr } = process

type Interrupt = keyof typeof INTERRUPTS

/**
 * Signals that come sooner after the first are the same one: Ctrl-C at a terminal goes to a program and to whoever started
 * it, who may hand it on; `timeout` sends its signal to the program and then to its whole group.
 */
const SAME_MILLISECONDS = 500

/** What is said of interrupts. */
export interface Interrupted {
  /** Of the first, to one at a terminal: what comes of it. Undefined where nothing is to be said. */
  readonly first: () => string | undefined
  /** Of another that ends the program at once: what is lost. */
  readonly second: string
  /** Takes away what stands on the line that is written to, such as a bar. */
  readonly before?: () => void
}

/**
 * The first Ctrl-C asks for an end instead of being one, and so does what else schedulers send; the second is one. A
 * signal that `stop` takes: aborted once the program was asked to end.
 */
export class GentleInterrupt {
  aborted = false
  readonly #says: Interrupted
  #code: number = INTERRUPTS.SIGINT
  #since = 0

  constructor(says: Interrupted) {
    this.#says = says
  }

  arm(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const before = process.listeners(signal)
      // Never without a listener: a signal would end the program there and then.
      process.on(signal, () => this.#heard(signal))
      for (const listener of before) process.off(signal, listener)
    }
  }

  /** The end: an exit code that says so if it was interrupted. */
  settle(): void {
    if (this.aborted) process.exitCode = this.#code
  }

  #heard(signal: Interrupt): void {
    const now = performance.now()
    if (!this.aborted) {
      this.aborted = true
      this.#code = INTERRUPTS[signal]
      this.#since = now
      this.#clearLine()
      const promise = this.#says.first()
      if (promise !== undefined && stderr.isTTY) stderr.write(`${promise}\n`)
    } else if (now - this.#since >= SAME_MILLISECONDS) {
      this.#clearLine()
      printError(this.#says.second)
      process.exit(INTERRUPTS[signal])
    }
  }

  /** A terminal shows the `^C` that was typed. */
  #clearLine(): void {
    this.#says.before?.()
    if (stderr.isTTY) stderr.write('\r\u001b[K')
  }
}
