/**
 * The channels of an agent while it runs: its own list here, which routes local sends, and its membership at the engine,
 * which is changed as the agent itself (9.1.6 joined as the broker). The list here changes at once and in
 * any case; the engine is told within a limit, and what it refused is said in the answer.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { UnknownWorker } from "../domain/Errors.ts"
import { type AgentToken, EngineApi, type EngineError } from "../engine/EngineApi.ts"
import { BrokerIdentity } from "../identity/BrokerIdentity.ts"
import type { Worker } from "../injection/Worker.ts"
import { AgentTokens } from "../node/AgentTokens.ts"
import { Store } from "../store/Store.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"

export interface Subscribed {
  /** All channels after the change, as they were given. */
  readonly channels: ReadonlyArray<string>
  /** One sentence per channel that the engine was not told about, and why. */
  readonly warnings: ReadonlyArray<string>
}

export interface Subscription {
  readonly name: string
  /** With or without a leading `#`. */
  readonly channels: ReadonlyArray<string>
}

export class Subscriptions extends Context.Tag("relay-broker/agents/Subscriptions")<
  Subscriptions,
  {
    readonly subscribe: (o: Subscription) => Effect.Effect<Subscribed, UnknownWorker>
    readonly unsubscribe: (o: Subscription) => Effect.Effect<Subscribed, UnknownWorker>
  }
>() {}

/** The engine's answer is waited for so long; it may still come to pass afterwards. */
const engineLimit = "5 seconds"

const bare = (channel: string) => channel.trim().replace(/^#/, "")
const keyOf = (channel: string) => bare(channel).toLowerCase()

/** `added` as given, minus what is there already: names are compared without `#` and case. */
export const withChannels = (own: ReadonlyArray<string>, added: ReadonlyArray<string>): ReadonlyArray<string> => {
  const seen = new Set(own.map(keyOf))
  return [
    ...own,
    ...added.flatMap((channel) => {
      const key = keyOf(channel)
      if (key === "" || seen.has(key)) return []
      seen.add(key)
      return [channel.trim()]
    })
  ]
}

export const withoutChannels = (own: ReadonlyArray<string>, removed: ReadonlyArray<string>): ReadonlyArray<string> => {
  const gone = new Set(removed.map(keyOf))
  return own.filter((channel) => !gone.has(keyOf(channel)))
}

const make = Effect.gen(function* () {
  const engine = yield* EngineApi
  const { workspaceKey: key } = yield* BrokerIdentity
  const store = yield* Store
  const tokens = yield* AgentTokens
  const registry = yield* WorkerRegistry

  const find = (name: string) =>
    Effect.flatMap(
      registry.find(name),
      Option.match({ onNone: () => Effect.fail(new UnknownWorker({ agent: name })), onSome: Effect.succeed })
    )

  /** For a broker that brings its agents back. */
  const remember = (worker: Worker, channels: ReadonlyArray<string>) =>
    Effect.flatMap(Clock.currentTimeMillis, (updatedAtMillis) => {
      const { agentId, generation, name, spec } = worker
      return store.agent({ name, agentId, generation, spec: { ...spec, channels }, state: "live", updatedAtMillis })
    })

  const tell = (
    worker: Worker,
    channels: ReadonlyArray<string>,
    call: (token: AgentToken, channel: string) => Effect.Effect<void, EngineError>
  ): Effect.Effect<ReadonlyArray<string>> =>
    Effect.gen(function* () {
      const token = yield* tokens.get(worker.name)
      if (Option.isNone(token)) return [`${worker.name} is not known to the engine: the change is local`]
      const told = yield* Effect.forEach(
        channels,
        (channel) =>
          call(token.value, bare(channel)).pipe(
            Effect.disconnect,
            Effect.timeoutTo({
              duration: engineLimit,
              onSuccess: () => undefined,
              onTimeout: () => `#${bare(channel)}: no answer from the engine within 5 s`
            }),
            Effect.catchAll((error) => Effect.succeed(`#${bare(channel)}: ${error.message}`))
          ),
        { concurrency: 4 }
      )
      return told.flatMap((warning) => warning ?? [])
    })

  return Subscriptions.of({
    subscribe: ({ channels: asked, name }) =>
      Effect.gen(function* () {
        const worker = yield* find(name)
        const own = yield* worker.channels
        const channels = withChannels(own, asked)
        yield* worker.setChannels(channels)
        yield* remember(worker, channels)
        const warnings = yield* tell(worker, channels.slice(own.length), (token, channel) =>
          Effect.zipRight(
            engine.ensureChannel({ credential: key, name: channel }),
            engine.joinChannel({ token, name: channel })
          )
        )
        return { channels, warnings }
      }),
    unsubscribe: ({ channels: asked, name }) =>
      Effect.gen(function* () {
        const worker = yield* find(name)
        const own = yield* worker.channels
        const channels = withoutChannels(own, asked)
        yield* worker.setChannels(channels)
        yield* remember(worker, channels)
        const left = own.filter((channel) => !channels.includes(channel))
        const warnings = yield* tell(worker, left, (token, channel) => engine.leaveChannel({ token, name: channel }))
        return { channels, warnings }
      })
  })
})

export const layer: Layer.Layer<
  Subscriptions,
  never,
  AgentTokens | BrokerIdentity | EngineApi | Store | WorkerRegistry
> = Layer.effect(Subscriptions, make)
