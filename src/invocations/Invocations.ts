/**
 * One answer per invocation id, within 25 s, whatever happens to the link or to this process meanwhile.
 *
 * Invariants: 1. an id is carried out once; a repeat of its frame gets the same answer · 2. an answer that the link lost is
 * sent again in the next session, in case the engine still waits for it · 3. an invocation that the engine took back before
 * anything came of it is forgotten: when it comes again, it is carried out.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { Actions } from "../agents/Actions.ts"
import type { InvocationWithdrawn } from "../domain/Errors.ts"
import type { InvocationId } from "../domain/Ids.ts"
import { EngineApi, type Invocation } from "../engine/EngineApi.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { Store } from "../store/Store.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import type { ActionInvoke } from "../wire/Inbound.ts"
import type { Dispatch, Done } from "./Dispatch.ts"
import { type Answer, failureWord, InvocationLedger, isFinal } from "./InvocationLedger.ts"

/** The engine runs an invocation elsewhere after 30 s; ours are answered before. */
const answerWithinMillis = 25_000
/** How long a session is waited for with an answer; later the engine has asked again, or somebody else. */
const resendWithinMillis = 60_000
const resends = Schedule.recurs(3)

/** For metrics: action names are anybody's, and would make a row each. */
const kindOf = (action: string): string =>
  action === "release" ? "release" : action === "spawn" || action.startsWith("spawn:") ? "spawn" : "action"

/** Answers from fibers of the scope it is made in. */
export const makeInvoke = (dispatch: Dispatch) =>
  Effect.gen(function* () {
    const node = yield* NodeControl
    const store = yield* Store
    const running = yield* FiberSet.make<void>()
    /** What is carried out, of which the answer does not wait for more than its time: taking it back may take longer. */
    const work = yield* FiberSet.make<Done, InvocationWithdrawn>()
    const ledger = new InvocationLedger()
    ledger.restore((yield* store.load).invocations)

    const reply = (invocationId: InvocationId, answer: Answer) =>
      node.result({ invocationId, ...answer }).pipe(
        Effect.catchTag("LinkLost", () =>
          Effect.zipRight(node.awaitReady(resendWithinMillis), node.result({ invocationId, ...answer })).pipe(
            Effect.retry(resends)
          )
        ),
        Effect.catchTag("LinkLost", (error) =>
          Effect.logWarning(`answer to ${invocationId} not sent: ${error.message}`)
        ),
        Effect.ensuring(node.invocationClosed(invocationId))
      )

    const withdrawn = (id: InvocationId) =>
      Effect.suspend(() => {
        ledger.forget(id)
        return Effect.zipRight(store.invocationForgotten(id), node.invocationClosed(id))
      })

    const carryOut = Effect.fnUntraced(function* (frame: ActionInvoke, atMillis: number, stale: boolean) {
      const { invocation_id: id } = frame
      yield* node.invocationOpened(id)
      yield* store.invocationOpened({ invocationId: id, action: frame.action, atMillis })
      const left = Math.max(1_000, answerWithinMillis - ((yield* Clock.currentTimeMillis) - atMillis))
      const carriedOut = yield* FiberSet.run(work, dispatch(frame, stale))
      const done = yield* Effect.timeoutOption(Fiber.join(carriedOut), left)
      if (Option.isNone(done)) yield* Fiber.interruptFork(carriedOut)
      const { afterwards = Effect.void, answer } = Option.getOrElse(
        done,
        (): Done => ({ answer: { error: `${failureWord(frame.action)}: not done within 25 s` } })
      )
      ledger.answer(id, answer)
      const answeredAtMillis = yield* Clock.currentTimeMillis
      // Asked anew it is a new one, which must not be found with an old answer after a crash.
      yield* isFinal(answer)
        ? store.invocationAnswered({ invocationId: id, answer, atMillis: answeredAtMillis })
        : store.invocationForgotten(id)
      const outcome = "error" in answer ? "error" : "ok"
      Metrics.invocations.add(kindOf(frame.action), outcome)
      Metrics.invocationSeconds.observeMillis(answeredAtMillis - atMillis)
      yield* Effect.annotateCurrentSpan("relay.outcome", outcome)
      yield* reply(id, answer)
      yield* afterwards
    })

    const handle = (frame: ActionInvoke, atMillis: number, stale: boolean) =>
      Effect.suspend(() => {
        const { invocation_id: id } = frame
        const seen = ledger.open(id)
        // A repeat of an open one is answered by the first.
        if (seen?._tag === "Open") return Effect.void
        if (seen?._tag === "Answered") return reply(id, seen.answer)
        return carryOut(frame, atMillis, stale).pipe(
          Effect.catchTag("InvocationWithdrawn", (error) =>
            Effect.zipRight(Effect.logInfo(error.message), withdrawn(id))
          )
        )
      })

    const traced = (frame: ActionInvoke) =>
      Effect.withSpan("invocation", {
        root: true,
        kind: "server",
        attributes: { "relay.invocation_id": frame.invocation_id, "relay.action": frame.action }
      })

    const invoke: Actions["Type"]["invoke"] = ({ atMillis, frame, stale }) =>
      Effect.asVoid(FiberSet.run(running, handle(frame, atMillis, stale).pipe(traced(frame))))
    return invoke
  })

// An action invoked as the broker's own agent: what `relay-broker invoke` does. The engine places it, here or elsewhere.

/** The engine tells callers without a mailbox here nothing: its record is looked at. */
const firstPauseMillis = 100
const longestPauseMillis = 2_000

const isOver = ({ status }: Invocation): boolean => status === "completed" || status === "failed"

export const makeAsk = Effect.gen(function* () {
  const engine = yield* EngineApi
  const {
    agent: { token }
  } = yield* BrokerIdentity

  const ask: Actions["Type"]["ask"] = ({ action, input, waitMillis }) =>
    Effect.gen(function* () {
      const started = yield* engine.invokeAction({ token, action, input })
      if (isOver(started) || waitMillis <= 0) return started
      let latest = started
      const follow = Effect.gen(function* () {
        for (let pause = firstPauseMillis; !isOver(latest); pause = Math.min(pause * 1.5, longestPauseMillis)) {
          yield* Effect.sleep(pause)
          latest = yield* engine.findInvocation({ token, action, id: started.id })
        }
      })
      yield* Effect.timeoutOption(follow, waitMillis)
      return latest
    })
  return ask
})
