/** Where an answer of ours lacks a field of 9.1.6 or has it in another kind, and why. Checked by `answers.test.ts`, shown in docs/compatibility.md. */

export interface AllowedDifference {
  /** Name in `script.ts`. */
  readonly call: string
  /** Path of the field, from `shapeOf`. */
  readonly path: string
  readonly reason: string
}

export const differences: ReadonlyArray<AllowedDifference> = []

export const allowed = (call: string, path: string): AllowedDifference | undefined =>
  differences.find((difference) => difference.call === call && difference.path === path)
