/** One answer per invocation id, within 25 s, whatever happens to the link or to this process meanwhile (design 4). */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type { InvocationId } from "../domain/Ids.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { Store } from "../store/Store.ts"
import type { ActionInvoke } from "../wire/Inbound.ts"
import type { Actions } from "./Actions.ts"
import type { Dispatch } from "./Dispatch.ts"
import { type Answer, failureWord, InvocationLedger } from "./InvocationLedger.ts"

/** The engine runs an invocation elsewhere after 30 s; ours are answered before (design 4). */
const answerWithinMillis = 25_000

/** Answers from fibers of the scope it is made in. */
export const makeInvoke = (dispatch: Dispatch) =>
  Effect.gen(function* () {
    const node = yield* NodeControl
    const store = yield* Store
    const running = yield* FiberSet.make<void>()
    const ledger = new InvocationLedger()
    ledger.restore((yield* store.load).invocations)

    const reply = (invocationId: InvocationId, answer: Answer) =>
      node.result({ invocationId, ...answer }).pipe(
        // The engine takes the invocation back when the link is lost, and asks again: the ledger then answers.
        Effect.catchTag("LinkLost", (error) =>
          Effect.logWarning(`answer to ${invocationId} not sent: ${error.message}`)
        ),
        Effect.zipRight(node.invocationClosed(invocationId))
      )

    const handle = Effect.fn("Actions.handle")(function* (frame: ActionInvoke, atMillis: number, stale: boolean) {
      const { invocation_id: id } = frame
      const seen = ledger.open(id)
      // A repeat of an open one is answered by the first.
      if (seen?._tag === "Open") return
      if (seen?._tag === "Answered") return yield* reply(id, seen.answer)
      yield* node.invocationOpened(id)
      yield* store.invocationOpened({ invocationId: id, action: frame.action, atMillis })
      const left = Math.max(1_000, answerWithinMillis - ((yield* Clock.currentTimeMillis) - atMillis))
      const answer = yield* dispatch(frame, stale).pipe(
        Effect.timeoutTo({
          duration: left,
          onSuccess: (value: Answer) => value,
          onTimeout: (): Answer => ({ error: `${failureWord(frame.action)}: not done within 25 s` })
        })
      )
      ledger.answer(id, answer)
      yield* store.invocationAnswered({ invocationId: id, answer, atMillis: yield* Clock.currentTimeMillis })
      yield* reply(id, answer)
    })

    const invoke: Actions["Type"]["invoke"] = ({ atMillis, frame, stale }) =>
      Effect.asVoid(FiberSet.run(running, handle(frame, atMillis, stale)))
    return invoke
  })
