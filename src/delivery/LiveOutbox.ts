/**
 * `Outbox`: a direct message to an agent here is handed over here; everything else is posted at the engine, as the
 * sender when it is one of ours, and reaches agents here the way it reaches all others. Without an engine, agents of this
 * node still reach each other.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { ConfigInvalid, type EngineUnavailable, type QueueFull, UnknownWorker } from "../domain/Errors.ts"
import { isChannel, type RelayMessage } from "../domain/Message.ts"
import { type AgentToken, EngineApi, type EngineError, type Posted } from "../engine/EngineApi.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { isReady } from "../node/SessionState.ts"
import { AgentTokens } from "../tokens/AgentTokens.ts"
import type { Worker } from "../workers/Worker.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { Deliveries } from "./Deliveries.ts"
import { makeMessageId } from "./ids.ts"
import { Outbox, type SendRequest, type Sent } from "./Outbox.ts"
import { senderName } from "./senderName.ts"

/** Priorities of 9.1.6 (S 2.5), for requests that name none. */
const defaultPriority = (target: string): number => (isChannel(target) ? 3 : 2)

const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
const withHash = (channel: string) => (isChannel(channel) ? channel : `#${channel}`)
const isMessageId = (id: string) => /^\d+$/.test(id)

const make = Effect.gen(function* () {
  const deliveries = yield* Deliveries
  const registry = yield* WorkerRegistry
  const node = yield* NodeControl
  const engine = yield* EngineApi
  const agentTokens = yield* AgentTokens
  const broker = yield* BrokerIdentity

  const checkWorkspace = ({ workspaceAlias, workspaceId }: SendRequest) => {
    const { workspaceAlias: ownAlias, workspaceId: ownId } = broker
    const other =
      workspaceId !== undefined
        ? workspaceId !== ownId
        : workspaceAlias !== undefined && !sameName(workspaceAlias, ownAlias ?? "")
    return other
      ? Effect.fail(
          new ConfigInvalid({
            source: "workspace",
            reason: `workspace '${workspaceId ?? workspaceAlias}' is not attached`
          })
        )
      : Effect.void
  }

  const tokenOf = (sender: string): Effect.Effect<AgentToken> =>
    Effect.map(
      agentTokens.get(sender),
      Option.getOrElse(() => broker.agent.token)
    )

  const post = (request: SendRequest, sender: string): Effect.Effect<Posted, EngineError> =>
    Effect.flatMap(tokenOf(sender), (token) => {
      const { mode, text, threadId, to } = request
      if (!isChannel(to)) return engine.sendDirect({ token, to: to.replace(/^@/, ""), text, mode })
      return threadId !== undefined && isMessageId(threadId)
        ? engine.replyInThread({ token, messageId: threadId, text })
        : engine.postToChannel({ token, channel: to.slice(1), text, mode })
    })

  const messageOf = (request: SendRequest, sender: string, id: RelayMessage["id"]): RelayMessage => ({
    id,
    from: sender,
    target: request.to,
    text: request.text,
    mode: request.mode,
    priority: request.priority ?? defaultPriority(request.to),
    ...(request.threadId === undefined ? {} : { threadId: request.threadId })
  })

  const sendHere = Effect.fn("Outbox.sendHere")(function* (
    request: SendRequest,
    sender: string,
    targets: ReadonlyArray<Worker>
  ) {
    const messageId = yield* makeMessageId("http")
    const message = messageOf(request, sender, messageId)
    yield* deliveries.announce(message)
    // One full inbox does not keep the message from the others; nobody at all is the caller's to know.
    const results = yield* Effect.forEach(targets, (to) =>
      Effect.either(
        deliveries.sendLocal({
          to,
          origin: "local",
          messageId,
          from: sender,
          target: isChannel(request.to) ? request.to : to.name,
          text: request.text,
          mode: request.mode,
          threadId: request.threadId,
          priority: message.priority
        })
      )
    )
    const reached = targets.filter((_, index) => results[index]?._tag === "Right").map(({ name }) => name)
    const refused = results.find((result) => result._tag === "Left")
    if (reached.length === 0 && refused !== undefined && refused._tag === "Left")
      return yield* Effect.fail(refused.left)
    const sent: Sent = { _tag: "Local", messageId, targets: reached }
    return sent
  })

  const publish = Effect.fn("Outbox.publish")(function* (request: SendRequest, sender: string) {
    const { messageId } = yield* post(request, sender)
    yield* deliveries.announce(messageOf(request, sender, messageId))
    const sent: Sent = { _tag: "Published", messageId, targets: [request.to] }
    return sent
  })

  const members = (channel: string, sender: string) =>
    Effect.flatMap(registry.list, (workers) =>
      Effect.filter(workers, (worker) =>
        Effect.map(
          worker.channels,
          (own) => !sameName(worker.name, sender) && own.some((each) => withHash(each) === withHash(channel))
        )
      )
    )

  const toChannel = Effect.fn("Outbox.toChannel")(function* (request: SendRequest, sender: string) {
    const { state } = yield* node.view
    const here = yield* members(request.to, sender)
    if (!isReady(state) && here.length > 0) return yield* sendHere(request, sender, here)
    return yield* publish(request, sender).pipe(
      Effect.catchTag(
        "EngineUnavailable",
        (error): Effect.Effect<Sent, EngineUnavailable | UnknownWorker | QueueFull> =>
          here.length === 0
            ? Effect.fail(error)
            : Effect.zipRight(
                Effect.logWarning(`${error.message}; sent to agents here only`),
                sendHere(request, sender, here)
              )
      )
    )
  })

  const toAgent = Effect.fn("Outbox.toAgent")(function* (request: SendRequest, sender: string) {
    const name = request.to.replace(/^@/, "")
    const here = (yield* registry.list).filter(
      (worker) => sameName(worker.name, name) && !sameName(worker.name, sender)
    )
    if (here.length > 0) return yield* sendHere(request, sender, here)
    return yield* publish(request, sender).pipe(
      Effect.catchIf(
        (error) => error._tag === "EngineRejected" && error.code === "agent_not_found",
        () => Effect.fail(new UnknownWorker({ agent: name }))
      )
    )
  })

  return Outbox.of({
    send: (request) =>
      Effect.gen(function* () {
        yield* checkWorkspace(request)
        const sender = senderName(request.from, broker.agent.name)
        return yield* isChannel(request.to) ? toChannel(request, sender) : toAgent(request, sender)
      })
  })
})

export const layer = Layer.effect(Outbox, make)
