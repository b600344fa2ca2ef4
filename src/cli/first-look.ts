import type { SweepEstimates } from '../core/estimate-result.ts'
import { renderFirstLook } from '../reports/first-look.ts'
import { stderrColors } from './io.ts'
import type { ProgressBar } from './progress.ts'

const { stderr } = process

/**
 * Erases this many lines above the cursor, which then stands where the first began. One by one: of a screen that is
 * erased from its first line on, as a tall table would be, some terminals keep a copy among what has scrolled away.
 */
const eraseLines = (count: number) => `\r${'\u001b[1A\u001b[2K'.repeat(count)}`

/**
 * Estimates on standard error, above the progress bar, until what they estimate is there. For a terminal only: nothing
 * else can take back what was written.
 */
export class FirstLook {
  readonly #progress: ProgressBar
  /** That stand above the cursor, and nothing below them. */
  #lines = 0

  constructor(progress: ProgressBar) {
    this.#progress = progress
  }

  /** Whether there is anyone to see it. */
  static isPossible(): boolean {
    return stderr.isTTY === true
  }

  /** Shows estimates in place of those before. */
  readonly show = (estimates: SweepEstimates): void => {
    this.clear()
    const width = Math.max(40, Math.min(160, stderr.columns ?? 80) - 1)
    // The last line of the screen is the bar's.
    const height = (stderr.rows ?? 24) - 1
    const lines = renderFirstLook(estimates, { color: stderrColors(), width, height })
    stderr.write(lines.map((line) => `${line}\n`).join(''))
    this.#lines = lines.length
  }

  /** Takes them away. */
  clear(): void {
    this.#progress.stop()
    // What has left the screen cannot be erased.
    if (this.#lines > 0 && this.#lines < (stderr.rows ?? 0)) stderr.write(eraseLines(this.#lines))
    this.#lines = 0
  }

  /** Lets them stand, because something was written below. */
  leave(): void {
    this.#lines = 0
  }
}
