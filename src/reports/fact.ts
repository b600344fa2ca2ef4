/** What was simulated, as labelled facts: the header of every report for people. */
export interface Fact {
  readonly label: string
  readonly items: readonly FactItem[]
}

export interface FactItem {
  readonly text: string
  /** True where neither flag nor recipe said so. */
  readonly assumed: boolean
}
