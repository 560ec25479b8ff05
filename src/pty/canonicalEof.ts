/**
 * Whether a terminal is in canonical mode, asked of the system's `stty`: termios cannot be read from JavaScript. It costs a
 * process, so it is asked only where the answer matters.
 */
import { spawn } from "node:child_process"
import { closeSync, constants, openSync } from "node:fs"
import * as Effect from "effect/Effect"

/** The end-of-file character; undefined in raw mode, and when it cannot be told. `slavePath`: the program's end. */
export const canonicalEof = (slavePath: string): Effect.Effect<string | undefined> =>
  Effect.async((resume, signal) => {
    const done = (settings: string) => resume(Effect.succeed(endOfFileIn(settings)))
    let slave: number
    try {
      slave = openSync(slavePath, constants.O_RDONLY | constants.O_NOCTTY)
    } catch {
      return done("") // closed meanwhile: the write that follows will say so
    }
    const child = spawn("stty", ["-a"], { stdio: [slave, "pipe", "ignore"], signal, timeout: 2_000 })
    closeSync(slave)
    let output = ""
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
    child.on("error", () => done(""))
    child.on("close", () => done(output))
  })

/** From what `stty -a` prints on Linux, macOS and the BSDs. */
export const endOfFileIn = (settings: string): string | undefined => {
  if (!/(?:^|[\s;])icanon\b/.test(settings)) return undefined
  const shown = /\beof = (\^?[^<\s])/.exec(settings)?.[1]
  if (shown === undefined) return undefined
  return shown.length === 2 ? String.fromCharCode(shown.charCodeAt(1) & 0x1f) : shown
}
