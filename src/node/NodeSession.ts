/**
 * One session on one open socket, from `node.register` to the loss of the link: reads every frame in order, beats,
 * keeps the inventory, watches that the peer lives. Ends only by failing, with what ended it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { LinkLost, type NodeIdMismatch, type NodeRequestRefused, UnknownFrame } from "../domain/Errors.ts"
import { AgentId, AgentName } from "../domain/Ids.ts"
import { survivingDefects, tell } from "../domain/Supervision.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { decodeInbound, type Inbound } from "../wire/Inbound.ts"
import { encodeOutbound } from "../wire/Outbound.ts"
import { makeInventory } from "./Inventory.ts"
import { identified } from "./Naming.ts"
import { makeOutboundQueue } from "./OutboundQueue.ts"
import { makeRegistration, type Registration } from "./Registration.ts"
import { Requests } from "./Requests.ts"
import type { SessionContext, SessionFacts, SessionOptions } from "./SessionContext.ts"
import type { SessionTiming } from "./SessionTiming.ts"

// Answers from the engine: to whoever asked; put aside when the one who asked for an agent has left; noise when nobody did.

type Answer = Extract<Inbound, { _tag: "Reply" | "Refusal" }>

const AgentData = Schema.Struct({ agent_id: Schema.NonEmptyString })
const decodeAgentData = Schema.decodeUnknownEither(AgentData)
const TokenData = Schema.Struct({ token: Schema.NonEmptyString })
const hasToken = Schema.is(TokenData)

/** Unanswerable refusals (`invalid_message` has a fresh id) and identities nobody waits for deserve a look; late replies do not. */
const unmatched = (answer: Answer): Effect.Effect<void> => {
  if (answer._tag === "Refusal") {
    return Effect.logWarning(`unmatched error from the engine: ${answer.frame.code}: ${answer.frame.message}`)
  }
  return hasToken(answer.frame.data)
    ? Effect.logWarning("unmatched reply with an agent token")
    : Effect.logDebug(`unmatched reply ${answer.frame.id}`)
}

const makeReplies = ({ memory, requests, session }: SessionContext) => {
  /** A success for a caller that left. What becomes of it is decided where registrations are known. */
  const cameLate = (name: string, data: unknown): Effect.Effect<void> =>
    Either.match(decodeAgentData(data), {
      onLeft: () => Effect.void,
      onRight: ({ agent_id }) =>
        Effect.suspend(() => {
          const late = { name: AgentName.make(name), agentId: AgentId.make(agent_id) }
          identified(memory, late.name, late.agentId)
          return Effect.asVoid(memory.lateRegistrations.offer(late))
        })
    })

  return (answer: Answer): Effect.Effect<void> =>
    Effect.gen(function* () {
      const matched = requests.match(answer.frame)
      if (matched._tag === "Unmatched") return yield* unmatched(answer)
      if (matched._tag === "Abandoned") {
        return answer._tag === "Reply" ? yield* cameLate(matched.subject, answer.frame.data) : undefined
      }
      if (answer._tag === "Reply") {
        const atMillis = yield* Clock.currentTimeMillis
        // Before the caller knows, so that the consumer counts the copies that follow as a replay.
        yield* memory.frames.offer({ _tag: "ReplayStarts", trigger: matched.type, session, atMillis })
      }
      yield* matched.complete
    })
}

// Tells a peer that is gone from one that is quiet: every byte counts as life, and only awake time as silence.
//
// Invariants: 1. silent: no byte for 45 s although we ping every 12 s · 2. does not read: a frame waits to be written for
// 30 s · 3. does not work: two inventories in a row were not answered within their time, whatever the pongs say · 4. none
// of them counts time in which this machine slept.

interface PeerFacts {
  /** Awake time since the last byte came in. */
  readonly quietMillis: number
  /** Awake time for which the oldest outbound frame waits. */
  readonly unwrittenMillis: number
  readonly unansweredInventories: number
}

/** Why the session must end; undefined: the peer lives. */
const verdict = (facts: PeerFacts, timing: SessionTiming): string | undefined => {
  const { quietMillis, unansweredInventories, unwrittenMillis } = facts
  if (quietMillis >= timing.silenceMillis) return `silent for ${Math.round(quietMillis / 1_000)} s`
  if (unwrittenMillis >= timing.unwrittenMillis)
    return `the engine does not read: a frame waited ${Math.round(unwrittenMillis / 1_000)} s`
  if (unansweredInventories >= 2) return "two inventories were not answered"
  return undefined
}

/** How long, in awake time, the same moment has been the latest one. */
const makeStanding = (seenWithinMillis: number) => {
  let mark: number | undefined
  let sinceAwake = 0
  return (moment: number | undefined, nowMillis: number, awakeMillis: number): number => {
    if (moment !== mark) {
      mark = moment
      // Seen late by one look at most: what is more was sleep.
      const late = moment === undefined ? 0 : Math.min(Math.max(0, nowMillis - moment), seenWithinMillis)
      sinceAwake = awakeMillis - late
    }
    return moment === undefined ? 0 : awakeMillis - sinceAwake
  }
}

/** Runs until one of them bites. */
const watch = (context: SessionContext): Effect.Effect<never, LinkLost> => {
  const quiet = makeStanding(context.timing.watchEveryMillis)
  const unwritten = makeStanding(context.timing.watchEveryMillis)
  return Effect.gen(function* () {
    yield* Effect.sleep(context.timing.watchEveryMillis)
    const awakeMillis = yield* context.awake.millis
    const now = yield* Clock.currentTimeMillis
    const reason = verdict(
      {
        quietMillis: quiet(yield* context.connection.lastInboundMillis, now, awakeMillis),
        unwrittenMillis: unwritten(yield* context.outbound.waitsSinceMillis, now, awakeMillis),
        unansweredInventories: context.facts.unansweredInventories
      },
      context.timing
    )
    if (reason !== undefined) return yield* new LinkLost({ reason })
  }).pipe(Effect.forever)
}

type SessionError = LinkLost | NodeRequestRefused | NodeIdMismatch

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
