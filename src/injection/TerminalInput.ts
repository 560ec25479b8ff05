/** All that is put into one program, and what decides when: readiness, what it asks, its channel, the writer and the injector. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { AgentName } from "../domain/Ids.ts"
import { steadyMillis } from "../domain/Steady.ts"
import type { Events } from "../events/Events.ts"
import type { Signal } from "../harness/Channel.ts"
import type { LaunchedChannel } from "../harness/Launcher.ts"
import type { TerminalRules } from "../harness/TerminalRules.ts"
import type { PtyProcess } from "../pty/Pty.ts"
import type { ScreenView } from "../pty/ScreenView.ts"
import * as AskingWatch from "./AskingWatch.ts"
import * as Changes from "./Changes.ts"
import * as ChannelLink from "./ChannelLink.ts"
import * as Injector from "./Injector.ts"
import * as ReadinessWatch from "./ReadinessWatch.ts"
import * as ScreenReader from "./ScreenReader.ts"
import * as TerminalWriter from "./TerminalWriter.ts"
import type { AskingNow, Readiness } from "./Worker.ts"

export interface TerminalInputOptions extends Pick<Injector.InjectorOptions, "compose" | "onProgress"> {
  readonly agent: AgentName
  readonly rules: TerminalRules
  readonly launched: LaunchedChannel | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly pty: Pick<PtyProcess, "write" | "lineMode" | "isReading" | "resize" | "pid">
  readonly view: () => ScreenView
  readonly startedAtMillis: number
  /** The program takes input. Once. */
  readonly onReady: () => void
  /** It asks something, or nothing any more. */
  readonly onAsking: () => void
  /** Which session the program has; `Injector` hears the other signals. */
  readonly onSession: (signal: Extract<Signal, { readonly _tag: "Session" | "SessionLost" }>) => void
}

export interface TerminalInput {
  readonly injector: Injector.Injector
  readonly writer: TerminalWriter.TerminalWriter
  readonly channel: ChannelLink.ChannelLink
  readonly readiness: () => Readiness
  readonly asking: () => AskingNow | undefined
  readonly lastLines: () => ReadonlyArray<string>
  /** Output without escape sequences, as it comes. */
  readonly unsafeOutput: (plain: string, nowMillis: number) => void
  /** The screen shows what came together. */
  readonly unsafeDrawn: (nowMillis: number) => void
}

/** A composer that stands for so long while the channel that should take messages says nothing: its terminal takes them. */
const awaitedMillis = 10_000

export const make = (options: TerminalInputOptions): Effect.Effect<TerminalInput, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agent, pty, rules, view } = options
    const clock = yield* Effect.clock
    const now = () => steadyMillis(clock)
    const changes = Changes.make()
    const screen = ScreenReader.make(rules, view)
    let ready = false
    let readyAtMillis = Number.POSITIVE_INFINITY
    /** A line editor was there: without its brackets it is away. */
    let bracketed = false
    /** What comes before they are made, in the same turn, is not heard: nothing was put in then. */
    let parts:
      | {
          readonly injector: Injector.Injector
          readonly asks: AskingWatch.AskingWatch
          readonly watch: ReadinessWatch.ReadinessWatch
        }
      | undefined

    const channel: ChannelLink.ChannelLink = yield* ChannelLink.make({
      agent,
      launched: options.launched,
      program: { pid: pty.pid, environment: options.environment, view },
      terminal: screen.isKnown ? "screen" : "terminal",
      onSignal: (signal) =>
        signal._tag === "Session" || signal._tag === "SessionLost"
          ? options.onSession(signal)
          : parts?.injector.unsafeSignal(signal),
      onChange: () => {
        // A channel that cannot be had says so while it is made: nothing here exists yet, and is looked at below.
        if (parts !== undefined) {
          parts.asks.unsafeDrawn(now())
          if (channelReady()) parts.watch.unsafeReady()
        }
        changes.unsafeChanged()
      }
    })
    const channelReady = () => channel.status().standing === "live" && channel.calls()?.put !== undefined
    const isBusy = () => {
      const state = channel.state()
      return state === undefined ? screen.isBusy() : state._tag === "Busy"
    }
    const isAsking = () => parts?.asks.isOpen() ?? false
    const writer: TerminalWriter.TerminalWriter = yield* TerminalWriter.make({
      ...{ rules, screen, changes, isAsking, isBusy },
      screenCounts: channel.screenCounts,
      write: pty.write,
      resize: pty.resize,
      lineMode: pty.lineMode,
      isReading: pty.isReading,
      isPasteBracketed: () => view().modes.bracketedPaste
    })
    const { compose, onProgress } = options
    const injector = yield* Injector.make({
      ...{ agent, rules, writer, screen, channel, changes, isAsking, isBusy },
      isReady: () => ready && (parts?.watch.isReady() ?? false),
      compose,
      onProgress
    })
    const watch = yield* ReadinessWatch.make({
      rule: rules.readiness,
      terminal: pty,
      startedAtMillis: options.startedAtMillis,
      onReady: () => {
        changes.unsafeChanged()
        if (ready) return
        ready = true
        readyAtMillis = now()
        parts?.asks.unsafeStarted()
        options.onReady()
      }
    })
    const asks = yield* AskingWatch.make({
      ...{ agent, rules: rules.dialogs, view, screen, keys: writer.keys },
      hiddenAsks: rules.hiddenMeans !== "busy",
      state: channel.state,
      onChange: (isOpen) => {
        watch.unsafeAsking(isOpen, now())
        options.onAsking()
        changes.unsafeChanged()
      }
    })
    parts = { injector, asks, watch }
    if (ready) asks.unsafeStarted()
    if (channelReady()) watch.unsafeReady()

    return {
      injector,
      writer,
      channel,
      asking: asks.asking,
      lastLines: screen.lastLines,
      readiness: () => (watch.isBlocked() && !ready ? "blocked" : ready ? "ready" : "starting"),
      unsafeOutput: (plain, nowMillis) => {
        watch.unsafeOutput(plain, nowMillis)
        injector.unsafeOutput(plain)
      },
      unsafeDrawn: (nowMillis) => {
        asks.unsafeDrawn(nowMillis)
        if (!screen.isKnown) {
          const { bracketedPaste } = view().modes
          if (bracketed && !bracketedPaste) watch.unsafeRestart(nowMillis)
          bracketed = bracketedPaste
        }
        watch.unsafeScreen(view, nowMillis)
        if (channel.isAwaited() && nowMillis >= readyAtMillis + awaitedMillis) {
          channel.unsafeGiveUp("it said nothing although the program is ready")
        }
        writer.unsafeDrawn()
        changes.unsafeChanged()
      }
    }
  })
