/**
 * The node session as one state machine: pure, drawn in `docs/node-session.md` (a test compares). The shell performs what
 * a state stands for and tells what came of it; what follows a failure is decided in `Recovery`.
 *
 * Invariants: 1. only the transitions of `transitions` happen · 2. `Stopped` is final · 3. ready only after an accepted
 * `node.register`; that alone clears `rejections` and `attempt` · 4. a drain that was asked for holds over every reconnect
 * · 5. `Waiting` is left by the end of its wait, a wake-up or a request, and only to `Minting`.
 */
import type { SessionState, StateTag, WaitReason } from "./SessionState.ts"

/** What a failure leads to: made by `Recovery`. */
export interface Wait {
  readonly reason: WaitReason
  readonly detail: string
  readonly untilMillis: number | undefined
  /** Refused tokens in a row, this failure included. */
  readonly rejections: number
}

export type SessionEvent =
  | { readonly _tag: "Started" }
  | { readonly _tag: "TokenHeld" }
  | { readonly _tag: "SocketOpened" }
  | { readonly _tag: "Registered" }
  | { readonly _tag: "Failed"; readonly wait: Wait }
  /** The wait is over, was cut short by a wake-up or a request, or the node is free again. */
  | { readonly _tag: "Resumed"; readonly why: string }
  | { readonly _tag: "DrainAsked"; readonly untilMillis: number }
  | { readonly _tag: "StopAsked"; readonly reason: string }

export type EventTag = SessionEvent["_tag"]

export interface SessionMachine {
  readonly state: SessionState
  /** Since when it is in this state. */
  readonly sinceMillis: number
  /** Attempts since the last accepted register. */
  readonly attempt: number
  /** Node tokens refused in a row; a failed mint in between takes a turn too. */
  readonly rejections: number
  readonly drainUntilMillis: number | undefined
}

export interface SessionTransition {
  readonly from: StateTag
  readonly to: StateTag
  readonly event: EventTag
  readonly reason: string | null
  readonly atMillis: number
}

const away: ReadonlyArray<StateTag> = ["Minting", "Connecting", "Registering", "Ready", "Draining"]
const fromEach = (states: ReadonlyArray<StateTag>, to: StateTag) =>
  Object.fromEntries(states.map((state) => [state, [to]])) as { readonly [from in StateTag]?: ReadonlyArray<StateTag> }

/** Every transition there is: event → from → to. An event that is missing in a state changes no state. */
export const transitions: {
  readonly [event in EventTag]: { readonly [from in StateTag]?: ReadonlyArray<StateTag> }
} = {
  Started: { Idle: ["Minting"] },
  TokenHeld: { Minting: ["Connecting"] },
  SocketOpened: { Connecting: ["Registering"] },
  Registered: { Registering: ["Ready", "Draining"] },
  Failed: fromEach(away, "Waiting"),
  Resumed: { Waiting: ["Minting"] },
  DrainAsked: { Ready: ["Draining"] },
  StopAsked: fromEach(["Idle", "Waiting", ...away], "Stopped")
}

export const initial = (nowMillis: number): SessionMachine => ({
  state: { _tag: "Idle" },
  sinceMillis: nowMillis,
  attempt: 0,
  rejections: 0,
  drainUntilMillis: undefined
})

export interface Step {
  readonly machine: SessionMachine
  /** Absent when the event changed no state: it does not belong here, or is only remembered. */
  readonly transition: SessionTransition | undefined
}

const target = (machine: SessionMachine, event: SessionEvent, nowMillis: number): SessionState => {
  const attempt = machine.attempt
  switch (event._tag) {
    case "Started":
    case "Resumed":
      return { _tag: "Minting", attempt: attempt + 1 }
    case "TokenHeld":
      return { _tag: "Connecting", attempt }
    case "SocketOpened":
      return { _tag: "Registering", attempt }
    case "Registered":
      return machine.drainUntilMillis === undefined
        ? { _tag: "Ready", sinceMillis: nowMillis }
        : { _tag: "Draining", sinceMillis: nowMillis, untilMillis: machine.drainUntilMillis }
    case "Failed": {
      const { detail, reason, untilMillis } = event.wait
      return { _tag: "Waiting", reason, detail, untilMillis }
    }
    case "DrainAsked": {
      const sinceMillis = machine.state._tag === "Ready" ? machine.state.sinceMillis : nowMillis
      return { _tag: "Draining", sinceMillis, untilMillis: event.untilMillis }
    }
    case "StopAsked":
      return { _tag: "Stopped", reason: event.reason }
  }
}

const reasonFor = (event: SessionEvent): string | null => {
  switch (event._tag) {
    case "Failed":
      return `${event.wait.reason}: ${event.wait.detail}`
    case "Resumed":
      return event.why
    case "StopAsked":
      return event.reason
    default:
      return null
  }
}

/** What is remembered besides the state. */
const memory = (machine: SessionMachine, event: SessionEvent): SessionMachine => {
  switch (event._tag) {
    case "Started":
    case "Resumed":
      return { ...machine, attempt: machine.attempt + 1 }
    case "Registered":
      return { ...machine, attempt: 0, rejections: 0 }
    case "Failed":
      return { ...machine, rejections: event.wait.rejections }
    default:
      return machine
  }
}

export const step = (before: SessionMachine, event: SessionEvent, nowMillis: number): Step => {
  const from = before.state._tag
  const stopped = from === "Stopped"
  const machine = event._tag === "DrainAsked" && !stopped ? { ...before, drainUntilMillis: event.untilMillis } : before
  if (transitions[event._tag][from] === undefined) return { machine, transition: undefined }
  const state = target(machine, event, nowMillis)
  return {
    machine: { ...memory(machine, event), state, sinceMillis: nowMillis },
    transition: { from, to: state._tag, event: event._tag, reason: reasonFor(event), atMillis: nowMillis }
  }
}
