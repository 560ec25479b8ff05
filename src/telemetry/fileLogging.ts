/** The log in a file of the day, besides whatever else the program logs to. JSON, one record per line. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { openDailyFile } from "./DailyFile.ts"
import { jsonLine, recordOf } from "./LogRecord.ts"

export const fileLogging = (o: { readonly directory: string; readonly id: string }): Layer.Layer<never> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      let reason: string | undefined
      const file = yield* Effect.acquireRelease(
        Effect.sync(() =>
          openDailyFile({
            ...o,
            complain: (why) => {
              reason = why
            }
          })
        ),
        ({ close }) => Effect.promise(close).pipe(Effect.interruptible, Effect.timeoutOption("1 second"), Effect.asVoid)
      )
      const tell = Effect.suspend(() => {
        const why = reason
        reason = undefined
        return why === undefined ? Effect.void : Effect.logWarning(`no log file: ${why}`)
      })
      yield* Effect.forkScoped(Effect.forever(Effect.delay(tell, "1 second")))
      return Logger.add(
        Logger.make((options) => {
          const record = recordOf(options)
          file.append(jsonLine(record), record.date)
        })
      )
    })
  )
