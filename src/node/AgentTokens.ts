/** Tokens of agents hosted here, by name, in memory only: with them the broker posts in an agent's name. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { AgentToken } from "../engine/EngineApi.ts"

export class AgentTokens extends Context.Tag("relay-broker/node/AgentTokens")<
  AgentTokens,
  {
    readonly get: (name: string) => Effect.Effect<Option.Option<AgentToken>>
    /** Replaces the token of an earlier registration, which is dead by now. */
    readonly set: (name: string, token: AgentToken) => Effect.Effect<void>
    readonly remove: (name: string) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.sync(AgentTokens, () => {
    const tokens = new Map<string, AgentToken>()
    return AgentTokens.of({
      get: (name) => Effect.sync(() => Option.fromNullable(tokens.get(name))),
      set: (name, token) => Effect.sync(() => void tokens.set(name, token)),
      remove: (name) => Effect.sync(() => void tokens.delete(name))
    })
  })
}
