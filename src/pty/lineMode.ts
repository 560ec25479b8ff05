/**
 * How the kernel treats what is typed into a terminal, asked of the system's `stty`: termios cannot be read from JavaScript.
 * It costs a process, so it is asked only where the answer matters. And whether somebody waits for input there.
 */
import { spawn } from "node:child_process"
import { closeSync, constants, openSync, readFileSync } from "node:fs"
import * as Effect from "effect/Effect"

export interface LineMode {
  /** The kernel edits lines and gives them away whole (cooked); false: the program took its terminal over. */
  readonly canonical: boolean
  /** The kernel prints what is typed. */
  readonly echo: boolean
  /** The end-of-file character, where it means something. */
  readonly endOfFile: string | undefined
}

/** Undefined: it cannot be told. `slavePath`: the program's end. */
export const lineMode = (slavePath: string): Effect.Effect<LineMode | undefined> =>
  Effect.async((resume, signal) => {
    const done = (settings: string) => resume(Effect.succeed(lineModeIn(settings)))
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
export const lineModeIn = (settings: string): LineMode | undefined => {
  if (!/\bicanon\b/.test(settings)) return undefined
  const canonical = /(?:^|[\s;])icanon\b/.test(settings)
  const echo = /(?:^|[\s;])echo\b(?![\w-])/.test(settings)
  const shown = /\beof = (\^?[^<\s])/.exec(settings)?.[1]
  const endOfFile =
    !canonical || shown === undefined
      ? undefined
      : shown.length === 2
        ? String.fromCharCode(shown.charCodeAt(1) & 0x1f)
        : shown
  return { canonical, echo, endOfFile }
}

/** The number of `read` on Linux; other systems say nothing of the kind. */
const readCalls: Partial<Record<string, number>> = { x64: 0, arm64: 63 }

const contentOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}

/**
 * A program in the foreground of this one's terminal is blocked reading its standard input: it takes what is typed now.
 * Programs that poll (editors, shells with a line editor, node) do not show it. Linux only.
 */
export const isReading = (pid: number): boolean => {
  const call = process.platform === "linux" ? readCalls[process.arch] : undefined
  if (call === undefined) return false
  // After the name, which may have blanks and brackets: state, parent, group, session, terminal, foreground group.
  const stat = contentOf(`/proc/${pid}/stat`)
  const foreground = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[5])
  return [pid, foreground].some((each) => each > 0 && contentOf(`/proc/${each}/syscall`).startsWith(`${call} 0x0 `))
}
