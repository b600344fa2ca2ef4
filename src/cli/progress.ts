import { Presets, SingleBar } from 'cli-progress'
import { formatBytes, plural } from '../core/units.ts'
import type { Progress } from '../experiments/watch.ts'

/** What takes less than this shows no bar. */
const PATIENCE_MILLISECONDS = 1000

/**
 * A progress bar on standard error for anything that takes longer than a second; nothing where that is no terminal.
 */
export class ProgressBar {
  readonly #started = performance.now()
  readonly #enabled: boolean
  #bar: SingleBar | undefined
  /** What the bar at hand shows: another takes over where that changes, as from reading to replaying. */
  #shown = ''

  constructor(enabled: boolean) {
    this.#enabled = enabled && process.stderr.isTTY === true
  }

  readonly update = ({ done, total, unit, label }: Progress): void => {
    if (!this.#enabled || performance.now() - this.#started < PATIENCE_MILLISECONDS) return
    const shown = total === null ? 'amount' : unit
    if (shown !== this.#shown) this.stop()
    this.#shown = shown
    const amount = unit === 'bytes' ? formatBytes(done) : plural(done, 'request')
    if (this.#bar === undefined) {
      this.#bar = new SingleBar(
        {
          format:
            total === null
              ? '{amount}  {label}'
              : '{bar} {percentage} %  {amount}  {eta_formatted} left  {label}',
          hideCursor: true,
          clearOnComplete: true,
          stream: process.stderr,
          gracefulExit: false,
          etaBuffer: 50,
        },
        Presets.shades_classic,
      )
      this.#bar.start(total ?? 1, done, { amount, label })
      // However the program ends, Ctrl-C included, the terminal gets its cursor back.
      process.once('exit', this.stop)
    }
    if (total !== null) this.#bar.setTotal(total)
    this.#bar.update(total === null ? 0 : done, { amount, label })
  }

  /** Takes the bar away. */
  readonly stop = (): void => {
    process.off('exit', this.stop)
    this.#bar?.stop()
    this.#bar = undefined
  }
}
