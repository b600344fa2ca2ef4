import picocolors from 'picocolors'

/** Colours as functions from text to text; made per report, so that none depends on global state. */
export type Colors = ReturnType<typeof picocolors.createColors>

/** Colours that colour, or leave text as it is. */
export function createColors(enabled: boolean): Colors {
  return picocolors.createColors(enabled)
}

/** The colour of the curve numbered `index`. */
export function curveColor(colors: Colors, index: number): (text: string) => string {
  const palette = [
    colors.cyan,
    colors.magenta,
    colors.yellow,
    colors.green,
    colors.blue,
    colors.red,
    colors.cyanBright,
    colors.magentaBright,
    colors.yellowBright,
    colors.greenBright,
    colors.blueBright,
    colors.redBright,
  ]
  return palette[index % palette.length]!
}
