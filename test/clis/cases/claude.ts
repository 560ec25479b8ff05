/** What only Claude Code has: settings of the user's that take a part of its channel away, and a hook that refuses a prompt. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { Home } from "../homes.ts"
import type { Case } from "./Case.ts"

const withSettings =
  (more: object) =>
  ({ home }: Home): void => {
    const path = join(home, ".claude", "settings.json")
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...more }))
  }

const refusing = {
  UserPromptSubmit: [
    { hooks: [{ type: "command", command: "grep -q REFUSED && { echo not this >&2; exit 2; } || exit 0" }] }
  ]
}

export const claudeCases: ReadonlyArray<Case> = [
  {
    name: "claude.no-hooks",
    about: "the user has disabled all hooks: the transcript proves it, idle and during a turn",
    families: ["claude"],
    world: { prepare: withSettings({ disableAllHooks: true }) },
    run: (stage) =>
      Effect.gen(function* () {
        const first = yield* stage.send("do:run=sleep 4")
        yield* stage.received(first)
        const steer = yield* stage.send("the second message", { mode: "steer" })
        stage.note(`received after ${yield* stage.received(steer, 60_000)} ms`)
      })
  },
  {
    name: "claude.refused",
    about: "a hook of the user's refuses the prompt: it is not acked, people are told, and nothing passes it",
    families: ["claude"],
    world: { prepare: withSettings({ hooks: refusing }) },
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        yield* stage.send("REFUSED words", { expect: "withheld" })
        yield* stage.world.until(
          "an alert DeliveryUnproven",
          Effect.map(stage.get("/api/alerts"), (alerts) =>
            JSON.stringify(alerts).includes("DeliveryUnproven") ? true : undefined
          ),
          40_000
        )
      })
  }
]
