/**
 * `Outbox`: a direct message to an agent here is handed over here; everything else is posted at the engine, as the
 * sender when it is one of ours, and reaches agents here the way it reaches all others. Without an engine, agents of this
 * node still reach each other. Of the workspaces besides the default one the engine alone knows.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { type EngineUnavailable, type QueueFull, UnknownWorker } from "../domain/Errors.ts"
import { MessageId } from "../domain/Ids.ts"
import { isChannel, priorityLabel, type RelayMessage } from "../domain/Message.ts"
import { type AgentToken, EngineApi, type EngineError, type Posted } from "../engine/EngineApi.ts"
import { type AttachedWorkspace, BrokerIdentity } from "../identity/BrokerIdentity.ts"
import { chooseWorkspace } from "../identity/workspaces.ts"
import type { Worker } from "../injection/Worker.ts"
import { AgentTokens } from "../node/AgentTokens.ts"
import { NodeControl } from "../node/NodeControl.ts"
import { isReady } from "../node/SessionState.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { Deliveries } from "./Deliveries.ts"
import { makeMessageId, Outbox, type SendRequest, type Sent, type SentIn } from "./Outbox.ts"

/** Who a local send is from. */
const ownNames: ReadonlySet<string> = new Set(["dashboard", "human:dashboard", "human:orchestrator", "orchestrator"])

/** Missing, blank, or one of the names that mean "the person at this broker": the broker's own name. `human:` is trimmed. */
export const senderName = (from: string | undefined, self: string): string => {
  const name = from?.trim() ?? ""
  if (name === "" || ownNames.has(name.toLowerCase()) || name.toLowerCase() === self.toLowerCase()) return self
  return name.startsWith("human:") ? name.slice("human:".length).trim() || self : name
}

/** Priorities of 9.1.6, for requests that name none. */
const defaultPriority = (target: string): number => (isChannel(target) ? 3 : 2)

const sameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
const withHash = (channel: string) => (isChannel(channel) ? channel : `#${channel}`)
/** Replaced by the engine's. */
const placeholder = MessageId.make("unsent")
const isMessageId = (id: string) => /^\d+$/.test(id)

const make = Effect.gen(function* () {
  const deliveries = yield* Deliveries
  const registry = yield* WorkerRegistry
  const node = yield* NodeControl
  const engine = yield* EngineApi
  const agentTokens = yield* AgentTokens
  const broker = yield* BrokerIdentity
  const own: SentIn = {
    workspaceId: broker.workspaceId,
    ...(broker.workspaceAlias === undefined ? {} : { alias: broker.workspaceAlias })
  }

  /** Others can only be spoken for by the broker itself. */
  const poster = (sender: string): Effect.Effect<{ readonly name: string; readonly token: AgentToken }> =>
    Effect.map(
      agentTokens.get(sender),
      Option.match({ onNone: () => broker.agent, onSome: (token) => ({ name: sender, token }) })
    )

  const post = (request: SendRequest, token: AgentToken): Effect.Effect<Posted, EngineError> => {
    const { mode, priority, text, threadId, to } = request
    if (!isChannel(to)) return engine.sendDirect({ token, to: to.replace(/^@/, ""), text, mode })
    if (threadId !== undefined && isMessageId(threadId))
      return engine.replyInThread({ token, messageId: threadId, text })
    const label = priority === undefined ? undefined : priorityLabel(priority)
    const data = label === undefined ? {} : { data: { priority: label } }
    return engine.postToChannel({ token, channel: to.slice(1), text, mode, ...data })
  }

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
    const results = yield* Effect.forEach(
      targets,
      (to) =>
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
        ),
      // Each waits for the disk: together they wait once.
      { concurrency: "unbounded" }
    )
    const reached = targets.filter((_, index) => results[index]?._tag === "Right").map(({ name }) => name)
    const refused = results.find((result) => result._tag === "Left")
    if (reached.length === 0 && refused !== undefined && refused._tag === "Left")
      return yield* Effect.fail(refused.left)
    const sent: Sent = { _tag: "Local", messageId, targets: reached, workspace: own }
    return sent
  })

  /** `here`: who of this node is in the channel, by our own list; the engine's copy reaches them as it does all others. */
  const publish = Effect.fn("Outbox.publish")(function* (
    request: SendRequest,
    sender: string,
    here: ReadonlyArray<Worker> = []
  ) {
    const { name: postedAs, token } = yield* poster(sender)
    const { id: _, ...meant } = messageOf(request, sender, placeholder)
    const { messageId } = yield* deliveries.posting(
      { target: request.to, text: request.text, postedAs, meant },
      post(request, token)
    )
    yield* deliveries.announce({ ...meant, id: messageId })
    const sent: Sent = {
      _tag: "Published",
      messageId,
      targets: here.length === 0 ? [request.to] : here.map(({ name }) => name),
      here: here.map(({ name }) => name),
      workspace: own
    }
    return sent
  })

  /** To a workspace where the broker is only itself: whoever sends speaks through its agent there, as in 9.1.6. */
  const sendElsewhere = Effect.fn("Outbox.sendElsewhere")(function* (request: SendRequest, to: AttachedWorkspace) {
    const { messageId } = yield* post(request, to.agent.token)
    yield* deliveries.announce(messageOf(request, senderName(request.from, to.agent.name), messageId), to)
    const sent: Sent = { _tag: "Published", messageId, targets: [request.to], here: [], workspace: to }
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
    return yield* publish(request, sender, here).pipe(
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
    return yield* publish(request, sender)
  })

  const send = (request: SendRequest, workspace: AttachedWorkspace) => {
    if (workspace.workspaceId !== broker.workspaceId) return sendElsewhere(request, workspace)
    const sender = senderName(request.from, broker.agent.name)
    return isChannel(request.to) ? toChannel(request, sender) : toAgent(request, sender)
  }

  return Outbox.of({
    send: (request) =>
      Effect.suspend(() => chooseWorkspace(broker.attached, { ...request, defaultId: broker.workspaceId })).pipe(
        Effect.flatMap((workspace) => send(request, workspace)),
        Effect.catchIf(
          (error) => error._tag === "EngineRejected" && error.code === "agent_not_found",
          () => Effect.fail(new UnknownWorker({ agent: request.to.replace(/^@/, "") }))
        )
      )
  })
})

export const layer = Layer.effect(Outbox, make)
