/**
 * What the engine saw and did, in order, and the latches that tests wait on. Lists are bounded (the oldest entries go
 * first); counters are not. A latch is checked after every step of the engine, never by polling.
 */
import * as Effect from "effect/Effect"
import type { Outbound } from "../../wire/Outbound.ts"
import type { EngineFrame, RowState } from "./Model.ts"

/** One frame from a node. `rejection` is set when it was refused as invalid; `ignored` when a fault kept it from being handled. */
export interface FrameIn {
  readonly _tag: "FrameIn"
  readonly at: number
  readonly node: string
  readonly text: string
  readonly frame: Outbound | undefined
  readonly rejection: string | undefined
  readonly ignored: boolean
}

/** One frame to a node; `lost` when a fault ate it on the way. */
export interface FrameOut {
  readonly _tag: "FrameOut"
  readonly at: number
  readonly node: string
  readonly frame: EngineFrame
  readonly lost: boolean
}

/** One HTTP exchange; `status` 0 when a fault left it without an answer. */
export interface HttpExchange {
  readonly _tag: "Http"
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: { readonly [name: string]: string }
  readonly credential: "workspace" | "agent" | "node" | "none"
  readonly headers: { readonly [name: string]: string }
  readonly body: unknown
  readonly status: number
  readonly response: unknown
}

/** `applied`: the agent was located on that node and the cursor moved. */
export interface Ack {
  readonly _tag: "Ack"
  readonly at: number
  readonly node: string
  readonly agent: string
  readonly upToSeq: number
  readonly applied: boolean
}

export type EngineEvent =
  | FrameIn
  | FrameOut
  | HttpExchange
  | Ack
  | { readonly _tag: "SocketOpened"; readonly at: number; readonly node: string }
  | {
      readonly _tag: "SocketClosed"
      readonly at: number
      readonly node: string
      readonly code: number
      readonly reason: string
    }
  | { readonly _tag: "UpgradeRefused"; readonly at: number; readonly path: string; readonly status: number }
  /** A mailbox row changed its state; the first time it is `queued`. */
  | {
      readonly _tag: "Row"
      readonly at: number
      readonly agent: string
      readonly seq: number
      readonly deliveryId: string
      readonly msgId: string
      readonly state: RowState
    }
  | {
      readonly _tag: "Invocation"
      readonly at: number
      readonly id: string
      readonly action: string
      readonly status: string
      readonly node: string | undefined
    }

export interface Observations {
  /** Every frame from nodes, in order. */
  readonly frames: ReadonlyArray<FrameIn>
  /** Frames that the strict schemas (or the extra validator) refused: empty in a healthy test. */
  readonly rejectedFrames: ReadonlyArray<FrameIn>
  /** Every frame to nodes, in order. */
  readonly sent: ReadonlyArray<FrameOut>
  readonly httpRequests: ReadonlyArray<HttpExchange>
  readonly acks: ReadonlyArray<Ack>
  readonly upgradeRefusals: ReadonlyArray<{ readonly at: number; readonly path: string; readonly status: number }>
  /** Upgrades of `/v1/ws`, or HTTP requests to it: no broker may try it. */
  readonly observerSocketAttempts: number
  /** Calls back for every event, after it took effect; returns how to stop. */
  readonly onEvent: (listener: (event: EngineEvent) => void) => () => void
  /** The first frame from a node that fits, past ones included unless `from` says where in `frames` (as it is now) to begin. */
  readonly awaitFrame: (predicate: (frame: FrameIn) => boolean, from?: number) => Effect.Effect<FrameIn>
  /** The first HTTP exchange that fits, past ones included. */
  readonly awaitHttp: (predicate: (exchange: HttpExchange) => boolean) => Effect.Effect<HttpExchange>
  /** Waits until `check` gives something else than `undefined`; it is asked now and after every step of the engine. */
  readonly awaitState: <A>(check: () => A | undefined) => Effect.Effect<A>
  /** Forgets the lists (not the counters). */
  readonly clear: () => void
}

export interface Recorder extends Observations {
  readonly emit: (event: EngineEvent) => void
  readonly observerSocketTried: () => void
  /** Runs one step of the engine, then wakes whoever waited for its outcome. */
  readonly step: <A>(f: () => A) => A
}

export const makeRecorder = (limit: number): Recorder => {
  const lists = {
    FrameIn: [] as Array<FrameIn>,
    FrameOut: [] as Array<FrameOut>,
    Http: [] as Array<HttpExchange>,
    Ack: [] as Array<Ack>,
    UpgradeRefused: [] as Array<EngineEvent & { readonly _tag: "UpgradeRefused" }>
  }
  const rejected: Array<FrameIn> = []
  const listeners = new Set<(event: EngineEvent) => void>()
  const waiters = new Set<() => void>()
  let observerSocketAttempts = 0
  let depth = 0

  const keep = <A>(list: Array<A>, entry: A): void => {
    list.push(entry)
    if (list.length > limit * 1.5) list.splice(0, list.length - limit)
  }

  const awaitState = <A>(check: () => A | undefined): Effect.Effect<A> =>
    Effect.async<A>((resume) => {
      const now = check()
      if (now !== undefined) return resume(Effect.succeed(now))
      const waiter = () => {
        const value = check()
        if (value === undefined) return
        waiters.delete(waiter)
        resume(Effect.succeed(value))
      }
      waiters.add(waiter)
      return Effect.sync(() => waiters.delete(waiter))
    })

  return {
    frames: lists.FrameIn,
    rejectedFrames: rejected,
    sent: lists.FrameOut,
    httpRequests: lists.Http,
    acks: lists.Ack,
    upgradeRefusals: lists.UpgradeRefused,
    get observerSocketAttempts() {
      return observerSocketAttempts
    },
    onEvent: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    awaitState,
    awaitFrame: (predicate, from = 0) => awaitState(() => lists.FrameIn.slice(from).find(predicate)),
    awaitHttp: (predicate) => awaitState(() => lists.Http.find(predicate)),
    clear: () => {
      for (const list of [...Object.values(lists), rejected]) list.length = 0
    },
    emit: (event) => {
      if (event._tag === "FrameIn") {
        keep(lists.FrameIn, event)
        if (event.rejection !== undefined) keep(rejected, event)
      } else if (event._tag === "FrameOut") keep(lists.FrameOut, event)
      else if (event._tag === "Http") keep(lists.Http, event)
      else if (event._tag === "Ack") keep(lists.Ack, event)
      else if (event._tag === "UpgradeRefused") keep(lists.UpgradeRefused, event)
      for (const listener of listeners) listener(event)
    },
    observerSocketTried: () => {
      observerSocketAttempts++
    },
    step: (f) => {
      depth++
      try {
        return f()
      } finally {
        if (--depth === 0) for (const waiter of [...waiters]) waiter()
      }
    }
  }
}
