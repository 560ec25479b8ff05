/** For commands that take ids or `--all`, and neither both nor none. */
import * as Effect from "effect/Effect"
import { UsageError } from "./Failures.ts"

export const checkIdsOrAll = (o: {
  readonly all: boolean
  readonly ids: ReadonlyArray<string>
  readonly command: string
  readonly verb: string
}): Effect.Effect<void, UsageError> => {
  if (o.ids.some((id) => id.trim() === "")) return new UsageError({ problem: "an id is empty", command: o.command })
  if (o.all !== o.ids.length > 0) return Effect.void
  const problem = o.all ? "ids and --all exclude each other" : `name the dead letters to ${o.verb}, or say --all`
  return new UsageError({ problem, command: o.command })
}
