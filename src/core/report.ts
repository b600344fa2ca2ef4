import type { Part } from './registry.ts'
import type { Result } from './result.ts'

export interface ReportOptions {
  /** ANSI colours. */
  readonly color: boolean
  /** Columns of the terminal; lines do not exceed it where that can be helped. */
  readonly width: number
}

/** An output: a pure function from a result to text. */
export interface ReportDefinition extends Part {
  /** The usual ending of a file of this kind, without the dot. */
  readonly extension: string
  /** The commands whose results it can show. */
  readonly commands: readonly Result['command'][]
  /** The whole text, ending in a newline. */
  render(result: Result, options: ReportOptions): string
}
