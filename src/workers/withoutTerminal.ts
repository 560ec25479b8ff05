/** The parts of a worker that have no terminal, and say so. */
import * as Effect from "effect/Effect"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { PtyClosed } from "../domain/Errors.ts"
import type { Snapshot } from "../pty/Snapshot.ts"
import type { Worker } from "./Worker.ts"

const noTerminal = (data: string) => new PtyClosed({ written: 0, total: Buffer.byteLength(data) })

type Parts = Pick<Worker, "write" | "resize" | "snapshot" | "channels" | "setChannels" | "model" | "setModel">

/** `lastOutput` takes the place of a screen. */
export const withoutTerminal = (spec: AgentSpec, lastOutput: () => string): Parts => {
  let { channels } = spec
  return {
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
