/**
 * One agent's channel from its launch to its end: how it stands, what it said last, and so whose proof counts.
 *
 * Invariants: 1. a channel is live once it gave one signal in this process; from then on only its own proof counts · 2. before
 * that the terminal's proof counts too · 3. it is absent when it says so, or when a turn of ours was seen on the screen and it
 * stayed silent for 5 s; a later signal makes it live again · 4. every change of standing is told once.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import * as Alarm from "../domain/Alarm.ts"
import type { AgentName, MessageId } from "../domain/Ids.ts"
import type { ChannelName } from "../domain/Receipt.ts"
import { Events } from "../events/Events.ts"
import type { Channel, Looked, Program, ProgramState, Signal } from "../harness/Channel.ts"
import type { LaunchedChannel } from "../harness/Launcher.ts"

/** `none`: its family has no channel but its terminal. */
export type Standing = "none" | "silent" | "live" | "absent"

export interface ChannelStatus {
  readonly standing: Standing
  /** Of the channel that counts now: its own, or its terminal's. */
  readonly name: ChannelName
  /** Why its own is absent. */
  readonly reason: string | undefined
}

export interface ChannelLink {
  readonly status: () => ChannelStatus
  /** What the terminal shows is proof. */
  readonly screenCounts: () => boolean
  /** What the program says it does; undefined: it says nothing. */
  readonly state: () => ProgramState | undefined
  /** Its calls, unless it is absent. */
  readonly calls: () => Channel | undefined
  /** It takes messages by itself, and may still come to do so. */
  readonly isAwaited: () => boolean
  /** A turn of ours began on the screen. */
  readonly unsafeTurnSeen: (nowMillis: number) => void
  /** It is not waited for any longer. */
  readonly unsafeGiveUp: (reason: string) => void
  readonly lookup: (messages: ReadonlyArray<MessageId>) => Effect.Effect<Looked>
}

export interface ChannelLinkOptions {
  readonly agent: AgentName
  readonly launched: LaunchedChannel | undefined
  readonly program: Program
  /** The channel that the terminal is. */
  readonly terminal: ChannelName
  /** In order. */
  readonly onSignal: (signal: Signal) => void
  /** Standing or state is another one. */
  readonly onChange: () => void
}

/** A channel that says nothing of a turn for so long after it was seen is not there. */
export const silenceMillis = 5_000

const nothingFound: Looked = { answered: false, found: new Set() }

export const make = (options: ChannelLinkOptions): Effect.Effect<ChannelLink, never, Events | Scope.Scope> =>
  Effect.gen(function* () {
    const { agent, launched, program, terminal } = options
    const events = yield* Events
    let standing: Standing = launched === undefined ? "none" : "silent"
    let reason: string | undefined
    let state: ProgramState | undefined
    let channel: Channel | undefined

    const name = () => (standing === "live" && launched !== undefined ? launched.name : terminal)
    const become = (next: Standing, why?: string) => {
      if (next === standing && why === reason) return
      standing = next
      reason = why
      if (next !== "live") state = undefined
      events.unsafePublish({
        ...{ kind: "agent_channel", name: agent, standing: next },
        ...{ channel: name(), reason: why ?? null }
      })
      options.onChange()
    }
    const alarm = yield* Alarm.make(() => {
      if (standing === "silent") become("absent", "it said nothing of a turn that was seen on the screen")
    })

    const tell = (signal: Signal) => {
      if (signal._tag === "Absent") {
        alarm.unsafeClear()
        become("absent", signal.reason)
        return options.onSignal(signal)
      }
      if (standing !== "live") {
        alarm.unsafeClear()
        become("live")
      }
      if (signal._tag === "State") {
        state = signal.state
        options.onChange()
      }
      options.onSignal(signal)
    }

    if (launched !== undefined) {
      if (Either.isLeft(launched.opened)) become("absent", launched.opened.left.reason)
      else {
        // In a fiber of its own: a program that is slow to be reached keeps nobody waiting.
        yield* launched.opened.right.attach(program, tell).pipe(
          Effect.tap((attached) => {
            channel = attached
            options.onChange()
          }),
          Effect.forkScoped
        )
      }
    }

    return {
      status: () => ({ standing, name: name(), reason }),
      screenCounts: () => standing !== "live",
      state: () => (standing === "live" ? state : undefined),
      calls: () => (standing === "absent" ? undefined : channel),
      isAwaited: () => standing === "silent" && channel?.put !== undefined,
      unsafeTurnSeen: (nowMillis) => {
        if (standing === "silent") alarm.unsafeSet(nowMillis + silenceMillis)
      },
      unsafeGiveUp: (why) => {
        if (standing === "silent") become("absent", why)
      },
      lookup: (messages) => channel?.lookup?.(messages) ?? Effect.succeed(nothingFound)
    }
  })
