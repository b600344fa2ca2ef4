import type { Colors } from './colors.ts'
import { NONE } from './numbers.ts'

/**
 * Cells of a heat map: the number in a shaded block, `▒34.5▒`, so that a map can be read without colours. The shade says
 * where between the least and the most of the map a value lies.
 */

/** From the least fifth to the most. */
const SHADES = [' ', '░', '▒', '▓', '█']

/** Percentages in blocks of one width, row by row; a dash for what is not known. */
export function heatCells(
  rows: readonly (readonly (number | null | undefined)[])[],
  digits: number,
): string[][] {
  const known = rows.flat().filter((value) => value != null)
  const least = Math.min(...known)
  const span = Math.max(...known) - least
  const percent = (value: number) => (value * 100).toFixed(digits)
  const width = Math.max(...known.map((value) => percent(value).length))
  return rows.map((row) =>
    row.map((value) => {
      if (value == null) return NONE
      const level = span === 0 ? 0 : Math.min(SHADES.length - 1, ((value - least) / span) * SHADES.length)
      const shade = SHADES[Math.floor(level)]!
      return `${shade}${percent(value).padStart(width, shade)}${shade}`
    }),
  )
}

/** A cell of a heat map in the colour of its shade; any other text as it is. */
export function paintHeat(cell: string, colors: Colors): string {
  const paints = [undefined, colors.blue, colors.cyan, colors.green, colors.yellow]
  return paints[SHADES.indexOf(cell.charAt(0))]?.(cell) ?? cell
}
