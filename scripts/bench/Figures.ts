/** What a benchmark yields: named figures, and for each subject a value or the reason why there is none. */

export type Unit = "ms" | "MB" | "/s" | "×" | "% of a core"

export interface Figure {
  readonly id: string
  readonly title: string
  readonly unit: Unit
  /** The most it may be (docs: design, budgets). */
  readonly budget?: number
  /** Not measured in a quick run. */
  readonly onlyInFull?: boolean
}

export type Who = "ours" | "peer"

export type Outcome =
  | { readonly _tag: "Measured"; readonly value: number; readonly samples: number }
  | { readonly _tag: "Missing"; readonly reason: string }

export interface Result {
  readonly figure: string
  readonly who: Who
  readonly outcome: Outcome
}

export const measured = (figure: string, who: Who, value: number, samples = 1): Result => ({
  figure,
  who,
  outcome: { _tag: "Measured", value, samples }
})

export const missing = (figure: string, who: Who, reason: string): Result => ({
  figure,
  who,
  outcome: { _tag: "Missing", reason }
})
