/**
 * One session on one open socket, from `node.register` to the loss of the link: reads every frame in order, beats,
 * keeps the inventory, watches that the peer lives. Ends only by failing, with what ended it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { LinkLost, type NodeIdMismatch, type NodeRequestRefused, UnknownFrame } from "../domain/Errors.ts"
import { survivingDefects, tell } from "../domain/Supervision.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { decodeInbound, type Inbound } from "../wire/Inbound.ts"
import { encodeOutbound } from "../wire/Outbound.ts"
import { makeInventory } from "./Inventory.ts"
import { makeOutboundQueue } from "./OutboundQueue.ts"
import { makeRegistration, type Registration } from "./Registration.ts"
import { makeReplies } from "./Replies.ts"
import { Requests } from "./Requests.ts"
import type { SessionContext, SessionFacts, SessionOptions } from "./SessionContext.ts"
import { watch } from "./Watchdogs.ts"

export type SessionError = LinkLost | NodeRequestRefused | NodeIdMismatch

export interface NodeSession extends Pick<SessionContext, "send" | "requests"> {
  /** A repeated `node.register` with what the memory now says of this node. */
  readonly registerAgain: Registration["again"]
  readonly requestReplay: Effect.Effect<boolean>
  /** Runs the session; never succeeds. */
  readonly run: Effect.Effect<never, SessionError>
}

const count = (counters: Map<string, number>, key: string) => counters.set(key, (counters.get(key) ?? 0) + 1)

const makeContext = (o: SessionOptions) =>
  Effect.gen(function* () {
    const { connection, memory } = o
    memory.opened += 1
    const facts: SessionFacts = {
      ready: false,
      registeredAtMillis: 0,
      lastFrameMillis: 0,
      lastInventoryMillis: undefined,
      unansweredInventories: 0
    }
    const requests = new Requests()
    const outbound = yield* makeOutboundQueue(connection.send)
    const send: SessionContext["send"] = (frame, priority) =>
      // A frame that our own strict schema refuses is a defect here, not a condition of the link.
      Effect.orDie(encodeOutbound(frame)).pipe(
        Effect.flatMap((text) => outbound.send(text, priority)),
        Effect.tap(() =>
          Effect.sync(() => {
            count(memory.framesOut, frame.type)
            Metrics.framesOut.add(frame.type)
          })
        )
      )
    const context: SessionContext = {
      ...o,
      session: memory.opened,
      requests,
      outbound,
      facts,
      send,
      request: (type, subject, deadlineMillis, frame) =>
        requests.run({ type, subject, deadlineMillis, transmit: (id) => send(frame(id)) })
    }
    return context
  })

const typeOf = (inbound: Inbound): string => ("frame" in inbound ? inbound.frame.type : inbound._tag)

export const makeNodeSession = (o: SessionOptions) =>
  Effect.gen(function* () {
    const context = yield* makeContext(o)
    const { alerts, connection, facts, memory, outbound, requests, session } = context
    const registration = yield* makeRegistration(context)
    const { inventories, requestReplay } = yield* makeInventory(context, registration)
    const answered = makeReplies(context)

    const handle = (inbound: Inbound): Effect.Effect<unknown> => {
      const atMillis = facts.lastFrameMillis
      switch (inbound._tag) {
        case "Reply":
        case "Refusal":
          return answered(inbound)
        case "Deliver":
          return memory.frames.offer({ _tag: "Deliver", frame: inbound.frame, session, atMillis })
        case "UndecodableDeliver":
          return memory.frames.offer({ _tag: "Undecodable", frame: inbound, session })
        case "ActionInvoke": {
          memory.openInvocations.set(inbound.frame.invocation_id, atMillis)
          const stale = memory.accepted === 0 && !facts.ready
          return memory.frames.offer({ _tag: "Invoke", frame: inbound.frame, session, atMillis, stale })
        }
        case "ContextUpdate":
        case "Ping":
          return Effect.void
        case "UnknownFrame":
          Metrics.decodeFailures.add("unknown_frame")
          return alerts.raise(new UnknownFrame({ frameType: inbound.frameType }), o.nodeName)
        case "Malformed":
          memory.malformed += 1
          Metrics.decodeFailures.add("malformed")
          return Effect.logWarning(`unreadable frame from the engine: ${inbound.reason}`)
      }
    }

    const read = Effect.gen(function* () {
      const text = yield* connection.inbound.take
      connection.taken(text)
      facts.lastFrameMillis = yield* Clock.currentTimeMillis
      // A frame that meets a bug of ours costs itself, not the session.
      yield* survivingDefects("reading of frames")(
        Effect.suspend(() => {
          const inbound = decodeInbound(text)
          count(memory.framesIn, typeOf(inbound))
          Metrics.framesIn.add(typeOf(inbound))
          return handle(inbound)
        })
      )
    }).pipe(
      Effect.forever,
      Effect.catchTag("NoSuchElementException", () => Effect.fail(new LinkLost({ reason: "closed" })))
    )

    const lead = Effect.gen(function* () {
      yield* registration.first
      facts.registeredAtMillis = yield* Clock.currentTimeMillis
      facts.ready = true
      memory.accepted += 1
      Metrics.sessions.add()
      yield* memory.frames.offer({ _tag: "SessionReady", session, atMillis: facts.registeredAtMillis })
      yield* o.onReady
      return yield* Effect.all([registration.heartbeats, inventories, watch(context)], {
        concurrency: "unbounded"
      }).pipe(Effect.zipRight(Effect.never))
    })

    /** Whoever waits is told; also when the session is ended from outside. */
    const over = (lost: LinkLost) =>
      Effect.suspend(() => {
        facts.ready = false
        return Effect.all([requests.failAll(lost), outbound.fail(lost)], { discard: true }).pipe(
          Effect.zipRight(memory.frames.offer({ _tag: "SessionLost", session, reason: lost.message }))
        )
      })

    const run: Effect.Effect<never, SessionError> = Effect.raceFirst(read, lead).pipe(
      Effect.catchAllDefect((defect) =>
        Effect.zipRight(tell("node session", defect), Effect.fail(new LinkLost({ reason: "a bug of ours ended it" })))
      ),
      Effect.tapError((error) => over(error._tag === "LinkLost" ? error : new LinkLost({ reason: error.message }))),
      Effect.onInterrupt(() => over(new LinkLost({ reason: "left" })))
    )

    const view: NodeSession = { send: context.send, requests, registerAgain: registration.again, requestReplay, run }
    return view
  })
