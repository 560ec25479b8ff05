/** What several calls of the engine have in common. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { AgentToken, EngineError, WorkspaceKey } from "../EngineApi.ts"

export const withKey = (key: WorkspaceKey) => ({ kind: "workspace key" as const, token: key })
export const withAgent = (token: AgentToken) => ({ kind: "agent token" as const, token })
/** The two are told apart by prefix, for calls that take either. */
export const withEither = (token: Redacted.Redacted<string>) =>
  Redacted.value(token).startsWith("rk_") ? withKey(token) : withAgent(token)

/** "There is no such thing" as a value. `not_found` alone comes from engines that name no kind. */
export const absentWhen =
  (code: string) =>
  <A>(call: Effect.Effect<A, EngineError>): Effect.Effect<Option.Option<A>, EngineError> =>
    call.pipe(
      Effect.asSome,
      Effect.catchIf(
        (error) =>
          error._tag === "EngineRejected" &&
          error.status === 404 &&
          (error.code === code || error.code === "not_found"),
        () => Effect.succeed(Option.none<A>())
      )
    )
