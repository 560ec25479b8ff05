/** What workers without a terminal have in common: the parts that say so, and the line in which their messages wait. */
import * as Effect from "effect/Effect"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { PtyClosed } from "../domain/Errors.ts"
import type { ChannelName } from "../domain/Receipt.ts"
import type { Worker } from "../injection/Worker.ts"
import type { Snapshot } from "../pty/Snapshot.ts"
import type * as Activity from "./Activity.ts"
import type { MessageLine } from "./MessageLine.ts"

const noTerminal = (data: string) => new PtyClosed({ written: 0, total: Buffer.byteLength(data) })

type Parts = Pick<
  Worker,
  "settle" | "lookup" | "write" | "resize" | "snapshot" | "channels" | "setChannels" | "model" | "setModel"
>

/** `lastOutput` takes the place of a screen. */
export const withoutTerminal = (spec: AgentSpec, lastOutput: () => string): Parts => {
  let { channels } = spec
  return {
    settle: () => Effect.succeed(false),
    lookup: () => Effect.succeed({ answered: false, found: new Set() }),
    write: (data) => Effect.fail(noTerminal(data)),
    resize: () => Effect.fail(noTerminal("")),
    snapshot: (format) =>
      Effect.sync((): Snapshot => {
        const rows = lastOutput().split("\n")
        const screen = rows.map((row) => `${row}\n`).join("")
        return { format, rows: rows.length, cols: 0, cursor: [1, 1], screen, position: 0, resume: "" }
      }),
    channels: Effect.sync(() => channels),
    setChannels: (next) =>
      Effect.sync(() => {
        channels = next
      }),
    model: Effect.succeed(spec.model),
    setModel: (model) => Effect.fail(noTerminal(model))
  }
}

/** Its messages wait in a line of their own; there is no screen that would have to be recognised first. */
export const fromLine = (
  line: MessageLine,
  activity: Activity.Activity,
  now: () => number,
  channel: ChannelName
): Pick<Worker, "status" | "submit" | "mode" | "setMode" | "pending" | "flush" | "hold" | "resume"> => ({
  status: Effect.sync(() => ({
    readiness: "ready",
    currentState: activity.state(now(), line.waiting()),
    lastActivityMillis: activity.lastMillis(),
    queued: line.queued(),
    waiting: line.waiting(),
    asking: undefined,
    channel: { standing: "none", name: channel, reason: undefined }
  })),
  submit: line.submit,
  mode: line.mode,
  setMode: line.setMode,
  pending: line.pending,
  flush: line.flush,
  hold: line.hold,
  resume: line.resume
})
