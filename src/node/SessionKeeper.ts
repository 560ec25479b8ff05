/**
 * Keeps a node session for as long as the broker lives: performs what the states of `SessionMachine` stand for. One fiber
 * mints, connects, runs the session and comes back; every transition is told once, to log, events and history.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import { Alerts } from "../alerts/Alerts.ts"
import type { AlertCode } from "../alerts/Catalogue.ts"
import { LinkLost } from "../domain/Errors.ts"
import { supervised } from "../domain/Supervision.ts"
import { EngineApi } from "../engine/EngineApi.ts"
import { Events } from "../events/Events.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeIdentity } from "../identity/NodeIdentity.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { AwakeTime } from "./AwakeTime.ts"
import { isHealthy, makeDelays } from "./Backoff.ts"
import { NodeLink } from "./NodeLink.ts"
import type { NodeMemory } from "./NodeMemory.ts"
import { makeNodeSession, type NodeSession } from "./NodeSession.ts"
import { NodeTokens } from "./NodeTokens.ts"
import { type Recovery, recoveryOf, type SessionFailure } from "./Recovery.ts"
import { initial, type SessionEvent, type SessionTransition, step } from "./SessionMachine.ts"
import { describeState, isReady, reasonOf, untilOf } from "./SessionState.ts"
import type { SessionTiming } from "./SessionTiming.ts"

/** Transitions that are kept for `/api/status`. */
const historyLimit = 50

/** The engine takes a node for gone after 45 s without a heartbeat: a session older than that is begun afresh. */
const staleSleepMillis = 45_000

/** Reasons that may have gone while the machine slept; the others keep their wait. */
const healsByItself: ReadonlySet<Recovery["reason"]> = new Set(["link_lost", "engine_unavailable", "engine_refused"])

const healedByReady: ReadonlyArray<AlertCode> = [
  "Unauthorized",
  "NodeForbidden",
  "NodeTokenMissing",
  "NodeTokenRejected",
  "TokenProofRequired",
  "WorkspaceExpired",
  "WorkspaceKeyRejected",
  "NodeIdMismatch",
  "NodeNameConflict",
  "NodeSuperseded",
  "EngineUnavailable",
  "EngineRejected",
  "RateLimited",
  "LinkLost"
]

export interface KeeperOptions {
  readonly memory: NodeMemory
  readonly timing: SessionTiming
}

export const makeSessionKeeper = ({ memory, timing }: KeeperOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const awake = yield* AwakeTime
    const events = yield* Events
    const link = yield* NodeLink
    const engine = yield* EngineApi
    const broker = yield* BrokerIdentity
    const { nodeId } = yield* NodeIdentity
    const tokens = yield* NodeTokens
    const registry = yield* WorkerRegistry

    const readyLatch = yield* Effect.makeLatch(false)
    /** Reasons to begin a new attempt now. */
    const nudges = yield* Mailbox.make<string>({ capacity: 1, strategy: "sliding" })
    const history: Array<SessionTransition> = []
    const lost = new Map<string, number>()
    let machine = initial(yield* Clock.currentTimeMillis)
    let current: NodeSession | undefined
    let nodeName = yield* tokens.nodeName
    let awaySinceAwake = yield* awake.millis

    const advance = (event: SessionEvent) =>
      Effect.gen(function* () {
        const next = step(machine, event, yield* Clock.currentTimeMillis)
        machine = next.machine
        memory.draining = machine.drainUntilMillis !== undefined
        const { transition } = next
        if (transition === undefined) return
        history.push(transition)
        if (history.length > historyLimit) history.shift()
        const { state } = machine
        yield* isReady(state) ? readyLatch.open : readyLatch.close
        const log = state._tag === "Waiting" ? Effect.logWarning : Effect.logInfo
        yield* log(
          `node session: ${describeState(state)}${transition.reason === null ? "" : ` (${transition.reason})`}`
        )
        yield* events.publish({
          kind: "node_session",
          state: describeState(state),
          reason: transition.reason,
          timestamp: transition.atMillis,
          from: transition.from.toLowerCase(),
          event: transition.event,
          until: untilOf(state) ?? null
        })
      })

    const onReady = advance({ _tag: "Registered" }).pipe(
      Effect.zipRight(Effect.forEach(healedByReady, (code) => alerts.resolve(code, nodeId), { discard: true }))
    )

    /** One token, one socket, one session; always fails. */
    const attempt = Effect.gen(function* () {
      const token = yield* tokens.current
      nodeName = yield* tokens.nodeName
      yield* advance({ _tag: "TokenHeld" })
      return yield* Effect.scoped(
        Effect.gen(function* () {
          const connection = yield* link.connect(token)
          yield* advance({ _tag: "SocketOpened" })
          current = yield* makeNodeSession({
            memory,
            connection,
            nodeId,
            nodeName,
            timing,
            awake,
            workers: registry.list,
            alerts,
            onReady
          })
          return yield* current.run
        })
      ).pipe(
        Effect.tapErrorTag("Unauthorized", (error) =>
          // A pinned token has no successor, and that of an expired workspace is not to blame: they are tried again.
          error.status === 401 && error.code !== "workspace_expired" && !tokens.pinned
            ? tokens.reject(token)
            : Effect.void
        ),
        Effect.ensuring(
          Effect.sync(() => {
            current = undefined
          })
        )
      )
    })

    /** The node is free when the engine no longer sees the other process, or no longer has the record. */
    const untilFree = Effect.gen(function* () {
      for (;;) {
        yield* Effect.sleep(timing.supersededPollMillis)
        const record = yield* Effect.either(engine.findNode({ key: broker.workspaceKey, name: nodeName }))
        if (Either.isRight(record) && !Option.exists(record.right, (node) => node.live)) return "the node is free"
      }
    })

    /** Raises what heals by itself only once the session has been away for a while. */
    const raiseInTime = (recovery: Recovery) =>
      Effect.forEach(
        recovery.alerts,
        ({ error, when }) =>
          Effect.gen(function* () {
            const awayMillis = (yield* awake.millis) - awaySinceAwake
            if (when === "when away" && awayMillis < timing.awayAlertMillis) {
              yield* Effect.sleep(timing.awayAlertMillis - awayMillis)
            }
            yield* alerts.raise(error, nodeId)
          }),
        { concurrency: "unbounded", discard: true }
      )

    const wait = (recovery: Recovery) => {
      const over =
        recovery.waitMillis === undefined ? untilFree : Effect.as(Effect.sleep(recovery.waitMillis), "the wait is over")
      return Effect.raceAll([
        over,
        Effect.orElseSucceed(nudges.take, () => "asked"),
        Effect.zipRight(raiseInTime(recovery), Effect.never)
      ])
    }

    const keep = Effect.gen(function* () {
      const backoff = makeDelays(timing.reconnect)

      const recover = (failure: SessionFailure) =>
        Effect.gen(function* () {
          const backoffMillis = Duration.toMillis(yield* backoff.next)
          return recoveryOf(failure, {
            nodeId,
            nodeName,
            workspace: broker.workspaceId,
            rejections: machine.rejections,
            pinned: tokens.pinned,
            backoffMillis
          })
        })

      /** Left on purpose: no wait, and nothing to complain about. */
      const left = (): Recovery => ({ reason: "link_lost", waitMillis: 0, rejections: machine.rejections, alerts: [] })

      if (machine.state._tag === "Idle") yield* advance({ _tag: "Started" })
      else {
        // Started again after a bug of ours: whatever it was in the middle of is over.
        const { rejections } = machine
        const detail = "a bug of ours ended it"
        yield* advance({ _tag: "Failed", wait: { reason: "link_lost", detail, untilMillis: undefined, rejections } })
        yield* advance({ _tag: "Resumed", why: "started again" })
      }
      for (;;) {
        const end = yield* Effect.raceFirst(
          Effect.map(Effect.flip(attempt), (failure) => ({ failure, asked: undefined })),
          Effect.map(
            Effect.orElseSucceed(nudges.take, () => "asked"),
            (asked) => ({ failure: undefined, asked })
          )
        )
        const { state } = machine
        const nowMillis = yield* Clock.currentTimeMillis
        if (isReady(state)) {
          awaySinceAwake = yield* awake.millis
          if (isHealthy(nowMillis - machine.sinceMillis)) yield* backoff.reset
        }
        const recovery = end.failure === undefined ? left() : yield* recover(end.failure)
        const detail = end.failure === undefined ? end.asked : end.failure.message
        const { reason, rejections, waitMillis } = recovery
        Metrics.reconnects.add(reason)
        lost.set(reason, (lost.get(reason) ?? 0) + 1)
        const untilMillis = waitMillis === undefined ? undefined : nowMillis + waitMillis
        yield* advance({ _tag: "Failed", wait: { reason, detail, untilMillis, rejections } })
        const why = end.failure === undefined ? end.asked : yield* wait(recovery)
        yield* advance({ _tag: "Resumed", why })
      }
    })

    /** A wake-up ends a session that the engine has given up, and a wait that the sleep has made up for. */
    const onWakeUp = Effect.gen(function* () {
      const sleptMillis = yield* awake.wakeUp
      const { state } = machine
      const now = yield* Clock.currentTimeMillis
      const due =
        state._tag === "Waiting"
          ? healsByItself.has(state.reason) || (state.untilMillis !== undefined && state.untilMillis <= now)
          : sleptMillis >= staleSleepMillis
      if (due) yield* nudges.offer(`woke up after ${Math.round(sleptMillis / 1_000)} s`)
    }).pipe(Effect.forever)

    const notReady = () =>
      new LinkLost({
        reason: `node session is ${describeState(machine.state)}${
          machine.state._tag === "Waiting" ? ` (${reasonOf(machine.state)})` : ""
        }`
      })

    return {
      keep: Effect.raceFirst(supervised("keeping of the node session")(keep), supervised("wake-up watch")(onWakeUp)),
      advance,
      nudge: (why: string) => Effect.asVoid(nudges.offer(why)),
      machine: () => machine,
      history: (): ReadonlyArray<SessionTransition> => [...history],
      lost: () => Object.fromEntries(lost),
      nodeName: () => nodeName,
      awaitReady: readyLatch.await,
      notReady,
      /** The open session, registered or not. */
      session: Effect.suspend(() => (current === undefined ? Effect.fail(notReady()) : Effect.succeed(current))),
      /** Requests wait for the register reply: handlers race at the engine. */
      readySession: Effect.suspend(() =>
        current !== undefined && isReady(machine.state) ? Effect.succeed(current) : Effect.fail(notReady())
      )
    }
  })

export type SessionKeeper = Effect.Effect.Success<ReturnType<typeof makeSessionKeeper>>
