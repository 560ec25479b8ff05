/**
 * One node-pty terminal from fork to closed descriptors, in callbacks. It owns both ends: the master, and a slave end of
 * our own that is held until the last byte was read.
 *
 * What node-pty does by itself at an exit is not enough: it waits for the end of the file, which cannot come while the
 * slave is held, and destroys the socket after 200 ms, read or not. So the moment of the exit is taken from the `close`
 * listener it adds then, the rest is read here, and the descriptors are closed here.
 */
import { closeSync, constants, openSync, readSync } from "node:fs"
import { createRequire } from "node:module"
import type { ReadStream } from "node:tty"
import type * as NodePtyModule from "node-pty"
import { closeOnExec } from "./closeOnExec.ts"
import type { PtyExit, PtyOptions } from "./Pty.ts"

/** What node-pty 1.2 keeps but does not type. */
type Internals = NodePtyModule.IPty & { readonly fd: number; readonly _pty: string; readonly _socket: ReadStream }

export interface NativeTerminal {
  readonly pid: number
  /** The file of the other end, the program's. */
  readonly slavePath: string
  /** The master descriptor. Non-blocking. */
  readonly descriptor: number
  /** True as soon as the descriptor's number may belong to another file. */
  readonly isClosed: () => boolean
  /** True as soon as the program was reaped, so that its pid may belong to another one. */
  readonly isGone: () => boolean
  /** True while processes of the program's group outlive it. */
  readonly hasSurvivors: () => boolean
  readonly pause: () => void
  readonly resume: () => void
  /** Throws when the terminal is closed or the size is no size. */
  readonly resize: (cols: number, rows: number) => void
  readonly signalGroup: (signal: NodeJS.Signals) => void
  /** Gives up waiting for the program: closes everything and reports it as killed. */
  readonly abandon: () => void
}

export interface NativeHandlers {
  readonly onOutput: (text: string) => void
  /** After the last output and after the master was closed. */
  readonly onClosed: () => void
  /** Once, after `onClosed`. */
  readonly onExit: (exit: PtyExit) => void
}

/** More than the kernel holds for a terminal; what background jobs go on writing beyond it is not the program's output. */
const restLimitBytes = 256 * 1024
const sigkill = 9

let library: typeof NodePtyModule | undefined
/** Native code is loaded by the first spawn. */
const load = (): typeof NodePtyModule => {
  const loaded: typeof NodePtyModule = library ?? createRequire(import.meta.url)("node-pty")
  library = loaded
  return loaded
}

/** Forks; throws what node-pty or the system throws. `file` is an executable's path. */
export const open = (file: string, options: PtyOptions, handlers: NativeHandlers): NativeTerminal => {
  const { args, cols, cwd, env, rows } = options
  const name = env["TERM"] ?? "xterm-256color"
  // Before it, for this program; after it, for every other, which must not get this terminal's master.
  closeOnExec()
  const terminal = load().spawn(file, [...args], { name, cwd, env: { ...env }, cols, rows }) as Internals
  closeOnExec()
  const socket = terminal._socket
  const { pid, fd: descriptor } = terminal
  let gone = false
  let closed = false
  let reported = false
  let survivors = false

  const signal = (target: number, name: NodeJS.Signals | 0): boolean => {
    try {
      process.kill(target, name)
      return true
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM"
    }
  }
  // node-pty throws an error that it does not expect unless somebody else listens; its `close` follows in any case.
  socket.on("error", () => {})
  let slave: number
  try {
    slave = openSync(terminal._pty, constants.O_RDWR | constants.O_NOCTTY)
  } catch (error) {
    signal(pid, "SIGKILL")
    socket.destroy()
    throw error
  }

  const close = () => {
    if (closed) return
    closed = true
    socket.destroy() // closes the master in this very call
    closeSync(slave)
    handlers.onClosed()
  }
  const report = (exit: PtyExit) => {
    close()
    if (reported) return
    reported = true
    handlers.onExit(exit)
  }

  const reaped = () => {
    if (gone || signal(pid, 0)) return
    gone = true
    survivors = signal(-pid, 0)
    socket.resume()
    // First what the stream has buffered, then what the kernel still holds. An empty read is the end: the kernel moves
    // everything written before the exit into the read buffer before it says EAGAIN.
    setImmediate(() => {
      for (let rest = 0; rest < restLimitBytes && !socket.destroyed; ) {
        const part = readNow(descriptor)
        if (part === undefined) break
        rest += part.length
        socket.push(part) // through the stream, so that a character split between two reads stays whole
      }
      let turns = 0
      const settle = () => (socket.readableLength > 0 && ++turns < 100 ? setImmediate(settle) : close())
      settle()
    })
  }

  socket.on("newListener", (event) => {
    if (event === "close") reaped()
  })
  terminal.onData((text) => {
    if (!closed) handlers.onOutput(text)
  })
  terminal.onExit((exit) => {
    gone = true
    report({ exitCode: exit.exitCode, signal: exit.signal ?? 0 })
  })
  ;(terminal as unknown as { on(event: "close", listener: () => void): void }).on("close", close)

  return {
    pid,
    slavePath: terminal._pty,
    descriptor,
    isClosed: () => closed || socket.destroyed,
    isGone: () => gone,
    hasSurvivors: () => survivors && signal(-pid, 0),
    pause: () => {
      if (!gone && !closed) socket.pause()
    },
    resume: () => {
      if (!closed) socket.resume()
    },
    resize: (cols, rows) => {
      if (closed || socket.destroyed) throw new Error("closed")
      terminal.resize(cols, rows)
    },
    signalGroup: (name) => {
      if (gone) {
        if (survivors) signal(-pid, name)
        return
      }
      // Until the child has made itself a group there is only the process.
      if (!signal(-pid, name)) signal(pid, name)
    },
    abandon: () => report({ exitCode: 0, signal: sigkill })
  }
}

/** What can be read from the master at once; undefined when that is nothing. */
const readNow = (descriptor: number): Buffer | undefined => {
  const buffer = Buffer.allocUnsafe(16 * 1024)
  try {
    const size = readSync(descriptor, buffer)
    return size === 0 ? undefined : buffer.subarray(0, size)
  } catch {
    return undefined // EAGAIN: drained. EIO: the other end is closed and nothing is left
  }
}
