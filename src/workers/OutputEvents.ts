/**
 * Terminal output as `worker_stream` events: as it came, in order, put together for at most 16 ms or 4 KiB (S 4.8). An
 * output after a pause leaves at once.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Alarm from "../domain/Alarm.ts"
import type { AgentName } from "../domain/Ids.ts"
import { Events } from "../events/Events.ts"

export interface OutputEvents {
  readonly unsafeAdd: (chunk: string, nowMillis: number) => void
  readonly unsafeFlush: () => void
}

const longestMillis = 16
const mostBytes = 4_096

export const make = (name: AgentName): Effect.Effect<OutputEvents, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const events = yield* Events
    let buffer = ""
    let bytes = 0
    let position = 0
    let flushedAtMillis = Number.NEGATIVE_INFINITY
    const unsafeFlush = () => {
      alarm.unsafeClear()
      if (buffer === "") return
      const chunk = buffer
      buffer = ""
      bytes = 0
      events.unsafePublish({ kind: "worker_stream", name, stream: "stdout", chunk, position })
    }
    const flushAt = (nowMillis: number) => {
      flushedAtMillis = nowMillis
      unsafeFlush()
    }
    const alarm = yield* Alarm.make(flushAt)
    return {
      unsafeAdd: (chunk, nowMillis) => {
        if (chunk === "") return
        buffer += chunk
        position += chunk.length
        bytes += Buffer.byteLength(chunk)
        if (bytes >= mostBytes || nowMillis - flushedAtMillis >= longestMillis) flushAt(nowMillis)
        else alarm.unsafeSet(flushedAtMillis + longestMillis)
      },
      unsafeFlush
    }
  })
