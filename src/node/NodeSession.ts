/**
 * One session on one open socket, from `node.register` to the loss of the link: reads every frame in order, beats,
 * keeps the inventory, watches that the peer lives. Ends only by failing, with what ended it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Mailbox from "effect/Mailbox"
import * as Schema from "effect/Schema"
import type { Alerts } from "../alerts/Alerts.ts"
import {
  AgentLocationConflict,
  LinkLost,
  NodeIdMismatch,
  type NodeRequestRefused,
  UnknownFrame
} from "../domain/Errors.ts"
import { AgentId, AgentName } from "../domain/Ids.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { decodeInbound, type Inbound } from "../wire/Inbound.ts"
import { encodeOutbound, type Outbound } from "../wire/Outbound.ts"
import type { Worker } from "../workers/Worker.ts"
import { inventoryEveryMillis, inventoryWaitMillis } from "./InventoryGate.ts"
import type { NodeFrame } from "./NodeControl.ts"
import { loadOf, type NodeDescriptor } from "./NodeDescriptor.ts"
import type { NodeConnection } from "./NodeLink.ts"
import { makeOutboundQueue } from "./OutboundQueue.ts"
import { Requests, type RequestType } from "./Requests.ts"

export const heartbeatEveryMillis = 12_000
/** Nothing at all came in for this long although we ping: the peer is gone (design 6). */
export const silenceMillis = 45_000
export const registerDeadlineMillis = 10_000
const inventoryDeadlineMillis = 30_000
const replayEveryMillis = 10_000

/** What outlives a session: the same object is given to each. */
export interface NodeMemory {
  readonly frames: Mailbox.Mailbox<NodeFrame>
  readonly framesIn: Map<string, number>
  readonly framesOut: Map<string, number>
  malformed: number
  /** Sessions that the engine accepted. */
  accepted: number
  /** Sessions that were opened; the number that frames carry. */
  opened: number
  lastReplayAskMillis: number
  lastResultMillis: number
  /** Invocations being handled, by their arrival. */
  readonly openInvocations: Map<string, number>
  /** Names that the engine says live elsewhere: left out of the inventory. */
  readonly elsewhere: Set<string>
  /** Ids under which names were registered last, to tell a late success from a current one. */
  readonly registered: Map<string, string>
}

export interface SessionOptions {
  readonly memory: NodeMemory
  readonly connection: NodeConnection
  readonly nodeId: string
  readonly nodeName: string
  readonly descriptor: NodeDescriptor
  readonly workers: Effect.Effect<ReadonlyArray<Worker>>
  /** Names of agents that are being started. */
  readonly starting: Effect.Effect<ReadonlyArray<string>>
  readonly alerts: Alerts["Type"]
  readonly onReady: Effect.Effect<void>
  /** Taken by the heartbeat: the load changed. */
  readonly beats: Mailbox.ReadonlyMailbox<void>
}

export type SessionError = LinkLost | NodeRequestRefused | NodeIdMismatch

const count = (counters: Map<string, number>, key: string) => counters.set(key, (counters.get(key) ?? 0) + 1)

const RegisterData = Schema.Struct({
  id: Schema.optionalWith(Schema.String, { nullable: true, exact: true })
})
const decodeRegisterData = Schema.decodeUnknownEither(RegisterData)

const AgentData = Schema.Struct({ agent_id: Schema.NonEmptyString })
const decodeAgentData = Schema.decodeUnknownEither(AgentData)

/** `Agent "x" already has an active location`: the engine names the agent only in the text (EP 5). */
const conflictingName = (message: string): string | undefined => /"([^"]+)"/.exec(message)?.[1]

export interface NodeSession {
  /** Sends one frame; completes when it was written. */
  readonly send: (frame: Outbound, priority?: "urgent" | "ordinary") => Effect.Effect<void, LinkLost>
  readonly requests: Requests
  readonly requestReplay: Effect.Effect<boolean>
  /** Runs the session; never succeeds. */
  readonly run: Effect.Effect<never, SessionError>
}

export const makeNodeSession = (o: SessionOptions) =>
  Effect.gen(function* () {
    const { alerts, connection, memory } = o
    memory.opened += 1
    const session = memory.opened
    const requests = new Requests()
    const outbound = yield* makeOutboundQueue(connection.send)
    let registeredAtMillis = 0
    let lastFrameMillis = 0
    let ready = false
    let firstInventory = true
    let unansweredInventories = 0
    let listed: ReadonlySet<string> = new Set()

    const send = (frame: Outbound, priority?: "urgent" | "ordinary") =>
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

    const request = (type: RequestType, subject: string, deadlineMillis: number, frame: (id: string) => Outbound) =>
      requests.run({ type, subject, deadlineMillis, transmit: (id) => send(frame(id)) })

    const registerFrame = (id: string): Outbound => ({
      v: 1,
      type: "node.register",
      id,
      name: o.nodeName,
      node_id: o.nodeId,
      capabilities: o.descriptor.capabilities,
      max_agents: o.descriptor.maxAgents,
      tags: o.descriptor.tags,
      version: o.descriptor.version
    })

    const register = Effect.gen(function* () {
      const data = yield* request("node.register", o.nodeName, registerDeadlineMillis, registerFrame).pipe(
        Effect.catchTag("NodeRequestTimeout", (error) => Effect.fail(new LinkLost({ reason: error.message })))
      )
      const reply = decodeRegisterData(data)
      if (Either.isRight(reply) && reply.right.id !== undefined && reply.right.id !== o.nodeId) {
        return yield* new NodeIdMismatch({ nodeName: o.nodeName, expected: o.nodeId, actual: reply.right.id })
      }
    })

    const heartbeat = Effect.gen(function* () {
      const active = (yield* o.workers).length
      yield* send(
        {
          v: 1,
          type: "node.heartbeat",
          load: loadOf(active, o.descriptor.maxAgents),
          active_agents: active,
          handlers_live: o.descriptor.capabilities.length > 0,
          name: o.nodeName,
          node_id: o.nodeId,
          capabilities: o.descriptor.capabilities,
          max_agents: o.descriptor.maxAgents,
          version: o.descriptor.version
        },
        "urgent"
      )
    })

    const heartbeats = Effect.gen(function* () {
      yield* heartbeat
      yield* connection.ping
      yield* Effect.raceFirst(Effect.ignore(o.beats.take), Effect.sleep(heartbeatEveryMillis))
    }).pipe(Effect.forever)

    const liveness = Effect.gen(function* () {
      yield* Effect.sleep(5_000)
      const quiet = (yield* Clock.currentTimeMillis) - (yield* connection.lastInboundMillis)
      if (quiet >= silenceMillis) return yield* new LinkLost({ reason: `silent for ${Math.round(quiet / 1_000)} s` })
      if (unansweredInventories >= 2) return yield* new LinkLost({ reason: "two inventories were not answered" })
    }).pipe(Effect.forever)

    const inventoryFacts = Effect.map(Clock.currentTimeMillis, (nowMillis) => ({
      nowMillis,
      openSinceMillis: memory.openInvocations.values(),
      unansweredRegisters: requests.unanswered("agent.register"),
      lastResultMillis: memory.lastResultMillis,
      lastFrameMillis,
      registeredAtMillis,
      first: firstInventory
    }))

    const sync: Effect.Effect<void, LinkLost | NodeRequestRefused> = Effect.gen(function* () {
      const agents = (yield* o.workers).flatMap(({ agentId, name, spec }) =>
        agentId === undefined || memory.elsewhere.has(name)
          ? []
          : [{ agent_id: agentId, name, ...(spec.sessionRef === undefined ? {} : { session_ref: spec.sessionRef }) }]
      )
      listed = new Set(agents.map(({ name }) => name))
      unansweredInventories += 1
      firstInventory = false
      yield* request("inventory.sync", "", inventoryDeadlineMillis, (id) => ({
        v: 1,
        type: "inventory.sync",
        id,
        agents
      }))
      unansweredInventories = 0
    }).pipe(
      Effect.catchTags({
        NodeRequestTimeout: (error) => Effect.logWarning(error.message),
        NodeRequestRefused: (error) => {
          unansweredInventories = 0
          const name = error.code === "agent_location_conflict" ? conflictingName(error.reason) : undefined
          // A name that we did not list cannot be what is wrong with our list.
          if (name === undefined || !listed.has(name)) return Effect.logWarning(error.message)
          memory.elsewhere.add(name)
          return alerts.raise(new AgentLocationConflict({ agent: name }), name).pipe(Effect.zipRight(sync))
        }
      })
    )

    const inventories = Effect.gen(function* () {
      for (;;) {
        const wait = inventoryWaitMillis(yield* inventoryFacts)
        if (wait === 0) break
        yield* Effect.sleep(wait)
      }
      yield* sync
      yield* Effect.sleep(inventoryEveryMillis)
    }).pipe(Effect.forever)

    const requestReplay = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      if (!ready || now - memory.lastReplayAskMillis < replayEveryMillis) return false
      memory.lastReplayAskMillis = now
      const safe = inventoryWaitMillis(yield* inventoryFacts) === 0
      const ask = safe
        ? sync
        : Effect.asVoid(request("node.register", o.nodeName, registerDeadlineMillis, registerFrame))
      yield* ask.pipe(
        Effect.catchAll((error) => Effect.logWarning(`replay not asked for: ${error.message}`)),
        Effect.forkIn(scope)
      )
      return true
    })

    const unmatched = (frame: Extract<Inbound, { _tag: "Reply" | "Refusal" }>): Effect.Effect<void> => {
      if (frame._tag === "Refusal") {
        return Effect.logWarning(`unmatched error from the engine: ${frame.frame.code}: ${frame.frame.message}`)
      }
      return Either.isRight(decodeAgentData(frame.frame.data))
        ? Effect.logWarning("unmatched reply with an agent identity")
        : Effect.logDebug(`unmatched reply ${frame.frame.id}`)
    }

    /** A success for a caller that left: undone, unless the name was registered again meanwhile. */
    const undoLate = (subject: string, data: unknown): Effect.Effect<void> =>
      Effect.gen(function* () {
        const reply = decodeAgentData(data)
        if (Either.isLeft(reply)) return
        const agentId = reply.right.agent_id
        if (memory.registered.get(subject) === agentId || requests.unanswered("agent.register") > 0) return
        // It may have come over HTTP meanwhile, or be about to: then this identity is in use.
        const inUse = (yield* o.workers).some(({ name }) => name === subject) || (yield* o.starting).includes(subject)
        if (inUse) return
        yield* send({
          v: 1,
          type: "agent.deregister",
          agent_id: AgentId.make(agentId),
          name: AgentName.make(subject)
        }).pipe(
          Effect.zipRight(Effect.logInfo(`late registration of ${subject} undone`)),
          Effect.catchTag("LinkLost", (error) => Effect.logDebug(error.message)),
          Effect.forkIn(scope)
        )
      })

    const answered = (inbound: Extract<Inbound, { _tag: "Reply" | "Refusal" }>): Effect.Effect<void> =>
      Effect.gen(function* () {
        const matched = requests.match(inbound.frame)
        if (matched._tag === "Unmatched") return yield* unmatched(inbound)
        if (matched._tag === "Abandoned") {
          return inbound._tag === "Reply" ? yield* undoLate(matched.subject, inbound.frame.data) : undefined
        }
        if (inbound._tag === "Reply") {
          const atMillis = yield* Clock.currentTimeMillis
          // Before the caller knows, so that the consumer counts the copies that follow as a replay.
          yield* memory.frames.offer({ _tag: "ReplayStarts", trigger: matched.type, session, atMillis })
        }
        yield* matched.complete
      })

    const handle = (inbound: Inbound): Effect.Effect<unknown> => {
      switch (inbound._tag) {
        case "Reply":
        case "Refusal":
          return answered(inbound)
        case "Deliver":
          return memory.frames.offer({ _tag: "Deliver", frame: inbound.frame, session, atMillis: lastFrameMillis })
        case "UndecodableDeliver":
          return memory.frames.offer({ _tag: "Undecodable", frame: inbound, session })
        case "ActionInvoke": {
          memory.openInvocations.set(inbound.frame.invocation_id, lastFrameMillis)
          const stale = memory.accepted === 0 && !ready
          return memory.frames.offer({
            _tag: "Invoke",
            frame: inbound.frame,
            session,
            atMillis: lastFrameMillis,
            stale
          })
        }
        case "ContextUpdate":
        case "Ping":
          return Effect.void
        case "UnknownFrame":
          return alerts.raise(new UnknownFrame({ frameType: inbound.frameType }), o.nodeName)
        case "Malformed":
          memory.malformed += 1
          Metrics.decodeFailures.add("malformed")
          return Effect.logWarning(`unreadable frame from the engine: ${inbound.reason}`)
      }
    }

    const typeOf = (inbound: Inbound): string => ("frame" in inbound ? inbound.frame.type : inbound._tag)

    const read = Effect.gen(function* () {
      const text = yield* connection.inbound.take
      connection.taken(text)
      lastFrameMillis = yield* Clock.currentTimeMillis
      const inbound = decodeInbound(text)
      count(memory.framesIn, typeOf(inbound))
      Metrics.framesIn.add(typeOf(inbound))
      yield* handle(inbound)
    }).pipe(
      Effect.forever,
      Effect.catchTag("NoSuchElementException", () => Effect.fail(new LinkLost({ reason: "closed" })))
    )

    const scope = yield* Effect.scope

    const lead = Effect.gen(function* () {
      yield* register
      registeredAtMillis = yield* Clock.currentTimeMillis
      ready = true
      memory.accepted += 1
      yield* memory.frames.offer({ _tag: "SessionReady", session, atMillis: registeredAtMillis })
      yield* o.onReady
      return yield* Effect.all([heartbeats, inventories, liveness], { concurrency: "unbounded" }).pipe(
        Effect.zipRight(Effect.never)
      )
    })

    const run: Effect.Effect<never, SessionError> = Effect.raceFirst(read, lead).pipe(
      Effect.tapError((error) => {
        ready = false
        const lost = error._tag === "LinkLost" ? error : new LinkLost({ reason: error.message })
        return Effect.all([requests.failAll(lost), outbound.fail(lost)], { discard: true }).pipe(
          Effect.zipRight(memory.frames.offer({ _tag: "SessionLost", session, reason: lost.message }))
        )
      })
    )

    const view: NodeSession = { send, requests, requestReplay, run }
    return view
  })
