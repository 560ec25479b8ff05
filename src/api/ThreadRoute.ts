/** `GET /api/threads`: own sends and the workspace's direct conversations, as far as the engine tells them in time. */
import * as Effect from "effect/Effect"
import { Broker } from "../broker/Broker.ts"
import { type DirectConversation, EngineApi } from "../engine/EngineApi.ts"
import type { ThreadList } from "./InsightShapes.ts"
import { SendHistory } from "./insights/SendHistory.ts"
import { type ThreadMessage, threadsOf } from "./threads.ts"

const engineLimit = "10 seconds"
/** Each costs a call. */
const mostConversations = 100

export const makeThreads = Effect.gen(function* () {
  const { info } = yield* Broker
  const engine = yield* EngineApi
  const history = yield* SendHistory
  const key = info.workspaceKey

  const messagesOf = ({ id, participants }: DirectConversation) =>
    Effect.map(engine.directMessages({ key, conversationId: id }), (messages) =>
      messages.map(
        ({ atMillis, from, text }): ThreadMessage => ({ thread: id, from, target: id, text, atMillis, participants })
      )
    )

  const direct = engine.directConversations(key).pipe(
    Effect.flatMap((all) => Effect.forEach(all.slice(0, mostConversations), messagesOf, { concurrency: 4 })),
    Effect.map((lists) => lists.flat()),
    Effect.disconnect,
    Effect.timeout(engineLimit)
  )

  return Effect.gen(function* () {
    const sent = yield* history.all
    const found = yield* Effect.either(direct)
    const threads = threadsOf([...sent, ...(found._tag === "Right" ? found.right : [])], info.selfName)
    const list: typeof ThreadList.Type =
      found._tag === "Right"
        ? { threads }
        : { threads, warning: `direct conversations are missing: ${found.left.message}` }
    return list
  })
})
