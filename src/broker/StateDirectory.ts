/** The broker's directory: made 0700, tightened when it was wider, removed with an ephemeral broker. */
import { chmodSync, mkdirSync, rmSync, statSync } from "node:fs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { StateUnusable } from "../domain/Errors.ts"

const attempt = <A>(path: string, run: () => A): Effect.Effect<A, StateUnusable> =>
  Effect.try({ try: run, catch: (cause) => new StateUnusable({ path, reason: (cause as Error).message }) })

export const prepare = (o: {
  readonly path: string
  readonly ephemeral: boolean
}): Effect.Effect<void, StateUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    yield* attempt(o.path, () => {
      mkdirSync(o.path, { recursive: true, mode: 0o700 })
      if ((statSync(o.path).mode & 0o077) !== 0) chmodSync(o.path, 0o700)
    })
    if (!o.ephemeral) return
    yield* Effect.addFinalizer(() =>
      attempt(o.path, () => rmSync(o.path, { recursive: true, force: true })).pipe(
        Effect.catchTag("StateUnusable", (error) => Effect.logWarning(error.message))
      )
    )
  })
