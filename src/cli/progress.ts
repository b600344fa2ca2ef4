import { Presets, SingleBar } from 'cli-progress'
import { formatBytes, formatSeconds, plural } from '../core/units.ts'
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
  /** What is going on, such as reading or replaying: another bar takes over where that changes. */
  #phase = ''
  /** When it began, how far it was then, and how far it is. */
  #began = 0
  #first = 0
  #done = 0

  constructor(enabled: boolean) {
    this.#enabled = enabled && process.stderr.isTTY === true
  }

  readonly update = ({ done, total, unit, label, isFirstLook }: Progress): void => {
    if (!this.#enabled) return
    const now = performance.now()
    const phase = total === null ? 'open' : isFirstLook ? 'first look' : unit
    // What starts again from the beginning is another phase, such as the exact run after estimates.
    if (phase !== this.#phase || done < this.#done) {
      this.stop()
      this.#phase = phase
      this.#began = now
      this.#first = done
    }
    this.#done = done
    if (now - this.#started < PATIENCE_MILLISECONDS) return
    // How many requests the work of a first look is like says nothing to anybody.
    const amount = isFirstLook ? '' : unit === 'bytes' ? formatBytes(done) : plural(done, 'request')
    const seconds = ((now - this.#began) / 1000) * (((total ?? 0) - done) / (done - this.#first))
    const time = Number.isFinite(seconds) && seconds >= 0 ? `${formatSeconds(seconds)} left` : ''
    const left = isFirstLook ? ['first look', ...(time === '' ? [] : [time])].join(': ') : time
    if (this.#bar === undefined) {
      this.#bar = new SingleBar(
        {
          format: total === null ? '{amount}  {label}' : '{bar} {percentage} %  {left}  {label}  {amount}',
          barsize: 24,
          hideCursor: true,
          clearOnComplete: true,
          stream: process.stderr,
          gracefulExit: false,
        },
        Presets.shades_classic,
      )
      this.#bar.start(total ?? 1, done, { amount, label, left })
      // However the program ends, Ctrl-C included, the terminal gets its cursor back.
      process.once('exit', this.stop)
    }
    if (total !== null) this.#bar.setTotal(total)
    this.#bar.update(total === null ? 0 : done, { amount, label, left })
  }

  /** Takes the bar away. */
  readonly stop = (): void => {
    process.off('exit', this.stop)
    this.#bar?.stop()
    this.#bar = undefined
  }
}
