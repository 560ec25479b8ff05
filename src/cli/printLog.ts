/** Prints a log file to its end, and then what is appended to it. */
import { type FileHandle, open } from "node:fs/promises"
import { StringDecoder } from "node:string_decoder"
import * as Effect from "effect/Effect"
import { makeStripper } from "../pty/terminalText.ts"
import { NoLog } from "./NoLog.ts"
import { Surroundings } from "./Surroundings.ts"

/** How soon an addition is seen. Low: more looks at an idle file; high: a late view. */
const lookMillis = 200
const pieceBytes = 64 * 1024

export const printLog = (o: { readonly path: string; readonly follow: boolean; readonly raw: boolean }) =>
  Effect.gen(function* () {
    const { path } = o
    const { write } = yield* Surroundings
    const strip = o.raw ? (text: string) => text : makeStripper()
    // What a program wrote over is shown as a line of its own.
    const readable = (text: string) =>
      o.raw
        ? text
        : strip(text)
            .replace(/\r*\n\r*/g, "\n")
            .replace(/\r+/g, "\n")
    const decoder = new StringDecoder("utf8")
    const attempt = <A>(act: () => Promise<A>) =>
      Effect.tryPromise({ try: act, catch: (error) => new NoLog({ path, reason: reasonOf(error) }) })
    const file = yield* Effect.acquireRelease(
      attempt(() => open(path, "r")),
      (file: FileHandle) => Effect.promise(() => file.close())
    )
    const buffer = Buffer.allocUnsafe(pieceBytes)
    for (let position = 0; ; ) {
      const { bytesRead } = yield* attempt(() => file.read(buffer, 0, pieceBytes, position))
      position += bytesRead
      if (bytesRead > 0) write(readable(decoder.write(buffer.subarray(0, bytesRead))))
      else if (o.follow) yield* Effect.sleep(lookMillis)
      else return
    }
  }).pipe(Effect.scoped)

const reasonOf = (error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException
  return code === "ENOENT" ? "no such file" : message
}
