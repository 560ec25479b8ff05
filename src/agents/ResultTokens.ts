/**
 * Tokens with which an agent's program hands in structured results, in memory only. One per name, for as long as
 * the agent is there; a spawn of the same name gets another.
 */
import { createHash, randomBytes } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { AgentName } from "../domain/Ids.ts"

export type ResultToken = Redacted.Redacted<string>

export class ResultTokens extends Context.Tag("relay-broker/agents/ResultTokens")<
  ResultTokens,
  {
    /** `arr_` and 32 hex digits; the name's former token is dead. */
    readonly issue: (name: AgentName) => Effect.Effect<ResultToken>
    /** Looked up by its digest, so that how long it takes says nothing about the tokens there are. */
    readonly agentOf: (token: ResultToken) => Effect.Effect<Option.Option<AgentName>>
    readonly revoke: (name: AgentName) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.sync(ResultTokens, () => {
    const agents = new Map<string, AgentName>()
    const digests = new Map<AgentName, string>()
    const digestOf = (token: string) => createHash("sha256").update(token).digest("hex")
    const drop = (name: AgentName) => {
      const digest = digests.get(name)
      if (digest !== undefined) agents.delete(digest)
      digests.delete(name)
    }
    return ResultTokens.of({
      issue: (name) =>
        Effect.sync(() => {
          drop(name)
          const token = `arr_${randomBytes(16).toString("hex")}`
          const digest = digestOf(token)
          agents.set(digest, name)
          digests.set(name, digest)
          return Redacted.make(token)
        }),
      agentOf: (token) => Effect.sync(() => Option.fromNullable(agents.get(digestOf(Redacted.value(token))))),
      revoke: (name) => Effect.sync(() => drop(name))
    })
  })
}
