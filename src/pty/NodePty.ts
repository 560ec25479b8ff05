/**
 * The real terminals, on `node-pty`. No shell in between: pid, exit code and signal are the program's own. Reading pauses
 * while more than a mark of output is not taken; writing goes through `PtyWriter`; a fork happens in a turn of its own.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { PtyClosed } from "../domain/Errors.ts"
import { findCommand } from "./CommandLookup.ts"
import { endProcess, killAfterMillis } from "./endProcess.ts"
import { isReading, lineMode } from "./lineMode.ts"
import { findKin, isAlive, signalKin } from "./liveKin.ts"
import * as NativeTerminal from "./NativeTerminal.ts"
import * as OutputQueue from "./OutputQueue.ts"
import { Pty, type PtyExit, type PtyOptions, type PtyProcess, PtySpawnError } from "./Pty.ts"
import * as PtyWriter from "./PtyWriter.ts"

/**
 * Output that may wait to be taken before reading pauses. Low: many switches; high: a late view of a flood, and strings that
 * live long enough to be garbage of the old generation, whose collections stop everything for tens of milliseconds.
 */
const highWater = 32 * 1024
/** Bytes that may wait for a program that does not read; then `PtyBacklogFull`. */
const backlogBytes = 8 * 1024 * 1024

export const NodePty: { readonly layer: Layer.Layer<Pty> } = {
  layer: Layer.effect(
    Pty,
    Effect.gen(function* () {
      const forks = yield* Effect.makeSemaphore(1)
      // A fork blocks the event loop for about a millisecond: one per turn, so that others run in between.
      const ownTurn = forks.withPermits(1)(Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void))))
      return Pty.of({ locate: findCommand, spawn: (options) => spawn(options, ownTurn) })
    })
  )
}

const spawn = (
  options: PtyOptions,
  ownTurn: Effect.Effect<void>
): Effect.Effect<PtyProcess, PtySpawnError, Scope.Scope> =>
  Effect.gen(function* () {
    const file = yield* findCommand(options)
    yield* ownTurn
    const exited = yield* Deferred.make<PtyExit>()
    let paused = false
    let ending = false
    const output = yield* OutputQueue.make(() => {
      if (paused && output.waiting() < highWater / 2) {
        paused = false
        terminal.resume()
      }
    })
    const handlers: NativeTerminal.NativeHandlers = {
      onOutput: (text) => {
        const full = output.waiting() > highWater
        // Nobody may be left to take the output of a program that is being ended, and it must not be stuck for that.
        if (full && ending && !terminal.isGone()) return
        output.unsafeOffer(text)
        if (full && !paused && !ending) {
          paused = true
          terminal.pause()
        }
      },
      onClosed: () => {
        writer.unsafeClose()
        output.unsafeEnd()
      },
      onExit: (exit) => Deferred.unsafeDone(exited, Effect.succeed(exit))
    }
    const terminal = yield* Effect.acquireRelease(
      Effect.try({
        try: () => NativeTerminal.open(file, options, handlers),
        catch: (error) => new PtySpawnError({ command: options.command, reason: reasonOf(error) })
      }),
      (terminal) =>
        Effect.suspend(() => {
          ending = true
          terminal.resume()
          return end(terminal, Deferred.await(exited))
        })
    )
    const writer = yield* PtyWriter.make({
      descriptor: terminal.descriptor,
      isClosed: () => terminal.isGone() || terminal.isClosed(),
      limitBytes: backlogBytes
    })
    return {
      pid: terminal.pid,
      output: output.mailbox,
      exit: Deferred.await(exited),
      write: writer.write,
      lineMode: lineMode(terminal.slavePath),
      isReading: Effect.sync(() => !terminal.isGone() && isReading(terminal.pid)),
      resize: (cols, rows) =>
        Effect.try({
          try: () => terminal.resize(Math.max(1, Math.trunc(cols)), Math.max(1, Math.trunc(rows))),
          catch: () => new PtyClosed({ written: 0, total: 0 })
        }),
      signal: (name) =>
        Effect.sync(() => {
          if (!terminal.isGone()) terminal.signalGroup(name)
        })
    }
  })

const pollMillis = 50
/** The system takes a moment to end what was killed. Bounded: what hangs in the kernel is not waited for. */
const killed = { withinMillis: 1_000, pollMillis: 10 }

/**
 * Ends the program with its kin, then what is left of its group: a wrapper may be gone before the agent it started has saved
 * its work. All are given the same time.
 */
const end = (terminal: NativeTerminal.NativeTerminal, exit: Effect.Effect<PtyExit>) =>
  Effect.gen(function* () {
    const kin = yield* findKin(terminal.pid, terminal.isGone)
    const signal = (name: NodeJS.Signals) => Effect.sync(() => terminal.signalGroup(name))
    signalKin(kin, "SIGTERM")
    if (terminal.isGone()) {
      yield* signal("SIGTERM")
    } else {
      const ended = yield* endProcess({ signal, exit })
      if (ended._tag === "None") terminal.abandon()
    }
    const areLeft = () => terminal.hasSurvivors() || kin.some(isAlive)
    for (let waited = 0; areLeft() && waited < killAfterMillis; waited += pollMillis) yield* Effect.sleep(pollMillis)
    signalKin(kin, "SIGKILL")
    if (terminal.hasSurvivors()) yield* signal("SIGKILL")
    for (let waited = 0; kin.some(isAlive) && waited < killed.withinMillis; waited += killed.pollMillis) {
      yield* Effect.sleep(killed.pollMillis)
    }
  })

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
