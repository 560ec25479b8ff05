/**
 * `NodeControl` over `NodeLink`: keeps a session for as long as the broker lives. One fiber mints, connects, runs the
 * session and comes back; what it waits for is in the state.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Alerts } from "../alerts/Alerts.ts"
import type { AlertCode } from "../alerts/Catalogue.ts"
import {
  AgentLocationConflict,
  LinkLost,
  NodeRequestRefused,
  NodeSuperseded,
  NodeTokenRejected
} from "../domain/Errors.ts"
import { AgentId } from "../domain/Ids.ts"
import { EngineApi } from "../engine/EngineApi.ts"
import { Events } from "../events/Events.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeIdentity } from "../identity/NodeIdentity.ts"
import { NodeTokens } from "../tokens/NodeTokens.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { afterRejection, atLeast, isHealthy, makeDelays, reconnectSchedule, slowMillis } from "./Backoff.ts"
import { NodeControl, type NodeFrame, type RegisterAgent } from "./NodeControl.ts"
import type { NodeDescriptor } from "./NodeDescriptor.ts"
import { NodeLink } from "./NodeLink.ts"
import { makeNodeSession, type NodeMemory, type NodeSession } from "./NodeSession.ts"
import { describeState, type SessionState } from "./SessionState.ts"

export interface NodeControlOptions {
  readonly descriptor: NodeDescriptor
}

const agentDeadlineMillis = 10_000
/** A session that is away for longer than this is an alert (design 8). */
const awayAlertMillis = 30_000
/** How often a superseded node looks whether its record is free again. */
const supersededPollMillis = 30_000

const AgentReply = Schema.Struct({
  agent_id: AgentId,
  token: Schema.NonEmptyString,
  name: Schema.optionalWith(Schema.String, { nullable: true, exact: true }),
  delivery_ack_seq: Schema.optionalWith(Schema.Int, { nullable: true, exact: true })
})
const decodeAgentReply = Schema.decodeUnknownEither(AgentReply)

const healedByReady: ReadonlyArray<AlertCode> = [
  "Unauthorized",
  "NodeTokenMissing",
  "NodeTokenRejected",
  "NodeIdMismatch",
  "NodeSuperseded",
  "EngineUnavailable",
  "EngineRejected",
  "RateLimited",
  "LinkLost"
]

const make = (options: NodeControlOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const events = yield* Events
    const link = yield* NodeLink
    const engine = yield* EngineApi
    const broker = yield* BrokerIdentity
    const { nodeId } = yield* NodeIdentity
    const tokens = yield* NodeTokens
    const registry = yield* WorkerRegistry

    const memory: NodeMemory = {
      frames: yield* Mailbox.make<NodeFrame>(),
      framesIn: new Map(),
      framesOut: new Map(),
      malformed: 0,
      accepted: 0,
      opened: 0,
      lastReplayAskMillis: Number.NEGATIVE_INFINITY,
      lastResultMillis: Number.NEGATIVE_INFINITY,
      openInvocations: new Map(),
      elsewhere: new Set(),
      registered: new Map()
    }
    const beats = yield* Mailbox.make<void>({ capacity: 1, strategy: "dropping" })
    const readyLatch = yield* Effect.makeLatch(false)
    let state: SessionState = { _tag: "Idle" }
    let current: NodeSession | undefined
    let nodeName = yield* tokens.nodeName

    const enter = (next: SessionState, reason: string | null = null) =>
      Effect.gen(function* () {
        state = next
        yield* next._tag === "Ready" ? readyLatch.open : readyLatch.close
        yield* Effect.logInfo(`node session: ${describeState(next)}${reason === null ? "" : ` (${reason})`}`)
        const timestamp = yield* Clock.currentTimeMillis
        yield* events.publish({ kind: "node_session", state: describeState(next), reason, timestamp })
      })

    const onReady = Effect.gen(function* () {
      const sinceMillis = yield* Clock.currentTimeMillis
      yield* enter({ _tag: "Ready", sinceMillis })
      yield* Effect.forEach(healedByReady, (code) => alerts.resolve(code, nodeId), { discard: true })
    })

    /** One token, one socket, one session; always fails, with how long it was ready. */
    const attempt = (number: number) =>
      Effect.gen(function* () {
        yield* enter({ _tag: "Minting" })
        const token = yield* tokens.current
        nodeName = yield* tokens.nodeName
        yield* enter({ _tag: "Connecting", attempt: number })
        const ended = yield* Effect.scoped(
          Effect.gen(function* () {
            const connection = yield* link.connect(token)
            yield* enter({ _tag: "Registering" })
            const session = yield* makeNodeSession({
              memory,
              connection,
              nodeId,
              nodeName,
              descriptor: options.descriptor,
              workers: registry.list,
              starting: registry.starting,
              alerts,
              onReady,
              beats
            })
            current = session
            return yield* session.run
          })
        ).pipe(
          Effect.tapErrorTag("Unauthorized", (error) =>
            // A pinned token has no successor: it is tried again, slowly, in case the engine accepts it after all.
            error.status === 401 && !tokens.pinned ? tokens.reject(token) : Effect.void
          ),
          Effect.ensuring(
            Effect.sync(() => {
              current = undefined
            })
          )
        )
        return ended
      })

    type Failure = Effect.Effect.Error<ReturnType<typeof attempt>>

    const wait = (delay: Duration.Duration, reason: string) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        yield* enter({ _tag: "Waiting", reason, untilMillis: now + Duration.toMillis(delay) }, reason)
        yield* Effect.sleep(delay)
      })

    /** Until the engine no longer sees the other process, or the record is gone: no fight (design 6). */
    const waitWhileSuperseded = Effect.gen(function* () {
      yield* alerts.raise(new NodeSuperseded({ nodeId }), nodeId)
      for (;;) {
        yield* wait(Duration.millis(supersededPollMillis), "superseded")
        const record = yield* Effect.either(engine.findNode({ key: broker.workspaceKey, name: nodeName }))
        if (Either.isRight(record) && !Option.exists(record.right, (node) => node.live)) return
      }
    })

    const keepSession = Effect.gen(function* () {
      const backoff = makeDelays(reconnectSchedule)
      let rejections = 0
      let number = 0
      let awaySince = yield* Clock.currentTimeMillis

      const raiseWhenAway = (error: Failure) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          if (now - awaySince < awayAlertMillis) return
          const known = error._tag === "ConnectFailed" || error._tag === "NodeRequestRefused"
          yield* alerts.raise(known ? new LinkLost({ reason: error.message }) : error, nodeId)
        })

      const recover = (error: Failure) =>
        Effect.gen(function* () {
          switch (error._tag) {
            case "Unauthorized": {
              yield* alerts.raise(error, nodeId)
              if (error.credential === "node token" && error.status === 401) rejections += 1
              break
            }
            case "NodeTokenRejected":
            case "NodeTokenMissing":
            case "NodeIdMismatch":
            case "EngineRejected":
              yield* alerts.raise(error, nodeId)
              break
            default:
              yield* raiseWhenAway(error)
          }
          if (error._tag === "LinkLost" && error.code === 1000 && error.reason === "superseded")
            return yield* waitWhileSuperseded
          if (
            rejections > 0 &&
            error._tag !== "LinkLost" &&
            !(error._tag === "Unauthorized" && error.credential === "node token")
          ) {
            rejections += 1
          }
          if (rejections > 0 && (tokens.pinned || afterRejection(rejections) === "slow")) {
            yield* alerts.raise(new NodeTokenRejected({ nodeId, rejections, pinned: tokens.pinned }), nodeId)
            return yield* wait(Duration.millis(slowMillis), error.message)
          }
          const retryAfter = "retryAfterMillis" in error ? error.retryAfterMillis : undefined
          yield* wait(atLeast(yield* backoff.next, retryAfter), error.message)
        })

      for (;;) {
        number += 1
        const acceptedBefore = memory.accepted
        const error = yield* Effect.flip(attempt(number))
        const now = yield* Clock.currentTimeMillis
        if (memory.accepted > acceptedBefore) {
          rejections = 0
          number = 0
          const readySince = state._tag === "Ready" ? state.sinceMillis : now
          awaySince = now
          if (isHealthy(now - readySince)) yield* backoff.reset
        }
        yield* Effect.logWarning(`node session ended: ${error.message}`)
        yield* recover(error)
      }
    })

    const fiber = yield* Effect.forkScoped(keepSession)

    const session = Effect.suspend(() =>
      current === undefined
        ? Effect.fail(new LinkLost({ reason: `node session is ${describeState(state)}` }))
        : Effect.succeed(current)
    )
    /** Requests wait for the register reply: handlers race at the engine (EP 4). */
    const readySession = Effect.suspend(() =>
      state._tag === "Ready"
        ? session
        : Effect.fail(new LinkLost({ reason: `node session is ${describeState(state)}` }))
    )

    const registerAgent = Effect.fn("NodeControl.registerAgent")(function* (o: RegisterAgent) {
      const { requests, send } = yield* readySession
      const data = yield* requests
        .run({
          type: "agent.register",
          subject: o.name,
          deadlineMillis: agentDeadlineMillis,
          transmit: (id) =>
            send({
              v: 1,
              type: "agent.register",
              id,
              name: o.name,
              ...(o.invocationId === undefined ? {} : { invocation_id: o.invocationId }),
              ...(o.sessionRef === undefined ? {} : { session_ref: o.sessionRef }),
              ...(o.resumable === undefined ? {} : { resumable: o.resumable })
            })
        })
        .pipe(
          Effect.catchTag("NodeRequestRefused", (error) =>
            Effect.fail(error.code === "agent_location_conflict" ? new AgentLocationConflict({ agent: o.name }) : error)
          )
        )
      const reply = decodeAgentReply(data)
      if (Either.isLeft(reply)) {
        return yield* new NodeRequestRefused({
          request: "agent.register",
          code: "invalid_reply",
          reason: "no agent id or token"
        })
      }
      const { agent_id, delivery_ack_seq, name, token } = reply.right
      if (name !== undefined && name !== o.name) {
        return yield* new NodeRequestRefused({
          request: "agent.register",
          code: "name_mismatch",
          reason: `answered for "${name}"`
        })
      }
      memory.registered.set(o.name, agent_id)
      memory.elsewhere.delete(o.name)
      yield* alerts.resolve("AgentLocationConflict", o.name)
      return { agentId: agent_id, token: Redacted.make(token), ackedSeq: delivery_ack_seq }
    })

    const deregisterAgent: NodeControl["Type"]["deregisterAgent"] = ({ agentId, name }) =>
      Effect.suspend(() => {
        // Whoever gets the name next is listed again, also when it comes over HTTP.
        memory.elsewhere.delete(name)
        return Effect.flatMap(readySession, ({ send }) =>
          send({ v: 1, type: "agent.deregister", agent_id: agentId, name })
        )
      }).pipe(Effect.tap(() => Effect.sync(() => memory.registered.delete(name))))

    const result: NodeControl["Type"]["result"] = (o) =>
      Effect.gen(function* () {
        const { send } = yield* readySession
        const head = { v: 1, type: "action.result", invocation_id: o.invocationId } as const
        yield* send("error" in o ? { ...head, error: o.error } : { ...head, output: o.output })
        memory.lastResultMillis = yield* Clock.currentTimeMillis
      })

    const leave = Effect.flatMap(session, ({ send }) => send({ v: 1, type: "node.deregister" }, "urgent")).pipe(
      Effect.timeout("1 second"),
      // Away already: nothing to leave.
      Effect.catchTags({
        LinkLost: (error) => Effect.logDebug(error.message),
        TimeoutException: () => Effect.logWarning("node.deregister could not be written in time")
      })
    )

    return NodeControl.of({
      frames: memory.frames,
      view: Effect.sync(() => ({
        state,
        nodeId,
        nodeName,
        sessions: memory.accepted,
        framesIn: Object.fromEntries(memory.framesIn),
        framesOut: Object.fromEntries(memory.framesOut),
        malformedFrames: memory.malformed
      })),
      awaitReady: (withinMillis) =>
        readyLatch.await.pipe(
          Effect.timeoutFail({
            duration: withinMillis,
            onTimeout: () => new LinkLost({ reason: `node session is ${describeState(state)}` })
          })
        ),
      registerAgent,
      deregisterAgent,
      ack: ({ agent, upToSeq }) =>
        Effect.flatMap(readySession, ({ send }) => send({ v: 1, type: "delivery.ack", agent, up_to_seq: upToSeq })),
      result,
      requestReplay: Effect.suspend(() => (current === undefined ? Effect.succeed(false) : current.requestReplay)),
      invocationOpened: (id) =>
        Effect.map(
          Clock.currentTimeMillis,
          (now) => void memory.openInvocations.set(id, memory.openInvocations.get(id) ?? now)
        ),
      invocationClosed: (id) => Effect.sync(() => void memory.openInvocations.delete(id)),
      beat: Effect.asVoid(beats.offer()),
      stop: leave.pipe(
        Effect.zipRight(Fiber.interrupt(fiber)),
        Effect.zipRight(enter({ _tag: "Stopped", reason: "shutdown" }))
      )
    })
  })

export const layer = (options: NodeControlOptions) => Layer.scoped(NodeControl, make(options))
