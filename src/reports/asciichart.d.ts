/** The package ships no types. */
declare module 'asciichart' {
  export interface PlotConfig {
    offset?: number
    padding?: string
    height?: number
    min?: number
    max?: number
    symbols?: readonly string[]
    format?: (value: number, index: number) => string
  }
  export function plot(
    series: readonly number[] | readonly (readonly number[])[],
    config?: PlotConfig,
  ): string
}
