/**
 * Which of the listed workspaces this broker works in, after each was tried. Pure.
 *
 * Invariants:
 * 1. A default that was named is that workspace or an error, whatever the others gave: no messages of another one.
 * 2. No default named: the first that was not refused. If just that one cannot be known now, because the engine is away, that
 *    is an error: the same list gives the same default at the next start.
 * 3. All refused: the first refusal.
 */
import type * as Arr from "effect/Array"
import * as Either from "effect/Either"
import type { ConfigInvalid } from "../domain/Errors.ts"
import type { EngineError } from "../engine/EngineApi.ts"
import type { AttachedWorkspace } from "./attach.ts"
import { isCalled } from "./chooseWorkspace.ts"
import { type Membership, noSuchDefault, type WantedDefault } from "./WorkspacesJson.ts"

export interface Attempt {
  readonly membership: Membership
  readonly outcome: Either.Either<AttachedWorkspace, EngineError>
}

/** The engine's no to this key: the others go on without it. Another failure says nothing about the key. */
export const isRefusal = (error: EngineError): boolean =>
  error._tag === "Unauthorized" ||
  error._tag === "RateLimited" ||
  (error._tag === "EngineRejected" && (error.status === 403 || error.status === 429))

export const chooseDefault = (
  attempts: Arr.NonEmptyReadonlyArray<Attempt>,
  wanted: WantedDefault | undefined
): Either.Either<AttachedWorkspace, EngineError | ConfigInvalid> => {
  if (wanted !== undefined) {
    const named = attempts.find(
      ({ membership, outcome }) =>
        isCalled(wanted.name, membership) || (Either.isRight(outcome) && outcome.right.workspaceId === wanted.name)
    )
    return named?.outcome ?? Either.left(noSuchDefault(wanted, attempts.length))
  }
  const first = attempts.find(({ outcome }) => Either.isRight(outcome) || !isRefusal(outcome.left))
  return (first ?? attempts[0]).outcome
}
