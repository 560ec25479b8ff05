/** Qwen Code's channel: messages are pasted, and the event file that it writes for this agent alone proves them (`events.ts`). */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { type ChannelRules, ChannelUnavailable, type OpenedChannel } from "../Channel.ts"
import { lookUp } from "../gemini/transcript.ts"
import { signalsOf } from "./events.ts"
import { followLines } from "./follow.ts"
import { transcriptsOf } from "./transcript.ts"

export const channel: ChannelRules = {
  name: "hooks",
  open: (context) =>
    Effect.gen(function* () {
      const unavailable = (reason: string) => new ChannelUnavailable({ channel: "hooks", reason })
      if (context.line.args.some((argument) => /^--json-(?:file|fd)(?:=|$)/.test(argument))) {
        return yield* unavailable("its event file is the user's own")
      }
      const path = join(context.directory, "events.jsonl")
      yield* Effect.try({
        try: () => {
          mkdirSync(context.directory, { recursive: true, mode: 0o700 })
          writeFileSync(path, "", { mode: 0o600 })
        },
        catch: (error) => unavailable(error instanceof Error ? error.message : String(error))
      })
      const expected = context.resumed ? context.spec.sessionRef : undefined
      const opened: OpenedChannel = {
        launch: { args: ["--json-file", path] },
        attach: (_program, tell) =>
          Effect.gen(function* () {
            let sessionId = expected
            yield* followLines(
              path,
              (line) => {
                for (const signal of signalsOf(line, expected)) {
                  if (signal._tag === "Session") sessionId = signal.id
                  tell(signal)
                }
              },
              (reason) => tell({ _tag: "Absent", reason })
            )
            return {
              name: "hooks",
              lookup: (messages) =>
                sessionId === undefined
                  ? Effect.succeed({ answered: false, found: new Set<never>() })
                  : Effect.flatMap(transcriptsOf(context.environment, sessionId), (paths) => lookUp(paths, messages))
            }
          })
      }
      return opened
    })
}
