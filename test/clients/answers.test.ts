import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { root } from "../e2e/rig.ts"
import { allowed, differences } from "./differences.ts"
import { ours, peer } from "./rig.ts"
import { type Answers, runScript } from "./script.ts"
import { missing } from "./shapeOf.ts"

/** What the binary of 9.1.6 answered to the same script; `fixtures/clients/README.md` says how it was made. */
const recorded: Answers = new Map(
  Object.entries(
    JSON.parse(readFileSync(join(root, "fixtures", "clients", "answers-9.1.6.json"), "utf8")) as Record<string, unknown>
  )
)

const lacking = (mine: Answers, theirs: Answers) =>
  [...theirs].flatMap(([call, answer]) => missing(mine.get(call), answer).map((found) => ({ call, ...found })))

const replay = "/api/events/replay?sinceSeq=0"

/** Now and then a worker of 9.1.6 is sent a frame that it cannot read (`worker_error`, `invalid_frame`): that is no change of the binary. */
const withoutHiccups = (answers: Answers): Answers => {
  const replayed = answers.get(replay) as { readonly events: ReadonlyArray<{ readonly kind: string }> }
  return new Map(answers).set(replay, {
    ...replayed,
    events: replayed.events.filter(({ kind }) => kind !== "worker_error")
  })
}

describe("the same calls of the published client to 9.1.6 and to us", () => {
  it.scopedLive("every field of every answer of 9.1.6 is in ours, in the same kind, but for the listed ones", () =>
    Effect.gen(function* () {
      const found = lacking(yield* runScript(ours), recorded)
      assert.deepStrictEqual(
        found.filter(({ call, path }) => allowed(call, path) === undefined),
        []
      )
      const stale = differences.filter((one) => !found.some(({ call, path }) => one.call === call && one.path === path))
      assert.deepStrictEqual(stale, [], "listed differences that are none any more")
    })
  )

  it.scopedLive.skipIf(peer === undefined)("the recorded answers are still those of the installed binary", () =>
    Effect.gen(function* () {
      const now = withoutHiccups(yield* runScript(peer!))
      assert.deepStrictEqual([...lacking(now, recorded), ...lacking(recorded, now)], [])
    })
  )
})
