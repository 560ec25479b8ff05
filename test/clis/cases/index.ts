/** The list of cases, in the order they are played; and those that a family has no use for, with the reason. */
import type { Case, Excuse } from "./Case.ts"
import { claudeCases } from "./claude.ts"
import { lifeCases } from "./life.ts"
import { personCases } from "./person.ts"
import { queueCases } from "./queue.ts"
import { textCases } from "./text.ts"
import { toolCases } from "./tools.ts"

export const cases: ReadonlyArray<Case> = [
  ...textCases,
  ...toolCases,
  ...queueCases,
  ...personCases,
  ...claudeCases,
  ...lifeCases
]

export const excuses: ReadonlyArray<Excuse> = []
