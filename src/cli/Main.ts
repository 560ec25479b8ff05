/**
 * The process: streams, signals, exit code. The first SIGINT or SIGTERM interrupts, which a broker takes as its orderly
 * shutdown; the second ends the process at once.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { type Process, run } from "./Cli.ts"

const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const
type Signal = keyof typeof signalNumbers

/** After a signal a broker that stopped in order has done what it was asked to; any other command was cut off. */
export const exitCodeOf = (
  exit: Exit.Exit<number>,
  command: string | undefined,
  signal: Signal | undefined
): number => {
  if (Exit.isSuccess(exit)) return exit.value
  if (!Cause.isInterruptedOnly(exit.cause)) return 1
  return command === "init" ? 0 : 128 + signalNumbers[signal ?? "SIGINT"]
}

/** A reader that goes away must not take the broker along; a parent often reads only the first line. */
const surviveReaders = (stream: NodeJS.WriteStream) => {
  stream.on("error", () => {})
}

export const main = (words: ReadonlyArray<string>): void => {
  surviveReaders(process.stdout)
  surviveReaders(process.stderr)
  const around: Process = {
    env: process.env,
    cwd: process.cwd(),
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    stderrUnreadBytes: () => process.stderr.writableLength,
    stdoutIsTerminal: process.stdout.isTTY === true,
    get columns() {
      return process.stdout.columns
    },
    stderrIsTerminal: process.stderr.isTTY === true
  }
  // A fiber that only waits does not keep the process alive by itself.
  const alive = setInterval(() => {}, 2 ** 31 - 1)
  const fiber = Effect.runFork(run(words, around))
  let stoppedBy: Signal | undefined
  const onSignal = (signal: Signal) => {
    if (stoppedBy !== undefined) process.exit(1)
    stoppedBy = signal
    fiber.unsafeInterruptAsFork(FiberId.none)
  }
  process.on("SIGINT", onSignal)
  process.on("SIGTERM", onSignal)
  fiber.addObserver((exit) => {
    clearInterval(alive)
    if (Exit.isFailure(exit) && !Cause.isInterruptedOnly(exit.cause)) around.stderr(`${Cause.pretty(exit.cause)}\n`)
    // Everything written before has left by the time this write has.
    process.stdout.write("", () => process.exit(exitCodeOf(exit, words[0], stoppedBy)))
  })
}
