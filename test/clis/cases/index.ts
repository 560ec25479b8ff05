/** The list of cases, in the order they are played; and those that a family has no use for, with the reason. */
import type { Case, Excuse } from "./Case.ts"
import { personCases } from "./person.ts"
import { queueCases } from "./queue.ts"
import { textCases } from "./text.ts"

export const cases: ReadonlyArray<Case> = [...textCases, ...queueCases, ...personCases]

export const excuses: ReadonlyArray<Excuse> = []
