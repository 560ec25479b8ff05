/**
 * Hooks: HTTP posts by which a hosted program tells what it does. The local API receives them and knows nothing of them; a
 * family's channel registers a path for one agent and hears what comes there.
 *
 * Invariants: 1. a path is opened by its own token and no other, and a token opens nothing else · 2. it ends with the scope
 * that registered it, which is that generation of the agent · 3. a handler is given whole JSON bodies in the order in which
 * they came; what it answers is the program's answer · 4. an unknown path and a wrong token are told apart by nobody outside.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Json } from "../domain/Json.ts"

/** What a program is told about its path. */
export interface HookPath {
  /** `http://127.0.0.1:<port>/hooks/<id>`: no secret in it. */
  readonly url: string
  /** For `Authorization: Bearer …`. Never on a command line; in the environment or a private file. */
  readonly token: string
  /** From now on, hooks of this path go to `handler`; until then they are answered with nothing. */
  readonly listen: (handler: HookHandler) => Effect.Effect<void, never, Scope.Scope>
}

/** The answer is sent as JSON; undefined: an empty object. It should come at once: the program waits for it. */
export type HookHandler = (body: Json) => Effect.Effect<Json | undefined>

interface Entry {
  readonly digest: Buffer
  handler: HookHandler | undefined
}

const digestOf = (token: string) => createHash("sha256").update(token).digest()

export class Hooks extends Context.Tag("relay-broker/harness/Hooks")<
  Hooks,
  {
    /** Undefined: there is no API that could receive any. */
    readonly register: Effect.Effect<HookPath | undefined, never, Scope.Scope>
    /** For the API. Undefined: no such path, or not with this token. */
    readonly handlerOf: (id: string, token: string) => HookHandler | undefined
  }
>() {
  /** `origin`: where the local API is reached from this machine, as `http://127.0.0.1:4123`. */
  static layer(origin: string | undefined): Layer.Layer<Hooks> {
    return Layer.sync(Hooks, () => make(origin))
  }
}

/** Nothing is received anywhere. */
export const none: Hooks["Type"] = { register: Effect.succeed(undefined), handlerOf: () => undefined }

const make = (origin: string | undefined): Hooks["Type"] => {
  if (origin === undefined) return none
  const entries = new Map<string, Entry>()
  const register = Effect.gen(function* () {
    const id = randomBytes(9).toString("base64url")
    const token = randomBytes(24).toString("base64url")
    const entry: Entry = { digest: digestOf(token), handler: undefined }
    yield* Effect.acquireRelease(
      Effect.sync(() => void entries.set(id, entry)),
      () => Effect.sync(() => void entries.delete(id))
    )
    const path: HookPath = {
      url: `${origin}/hooks/${id}`,
      token,
      listen: (handler) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            entry.handler = handler
          }),
          () =>
            Effect.sync(() => {
              entry.handler = undefined
            })
        )
    }
    return path
  })
  return {
    register,
    handlerOf: (id, token) => {
      const entry = entries.get(id)
      if (entry === undefined || !timingSafeEqual(entry.digest, digestOf(token))) return undefined
      return entry.handler ?? (() => Effect.succeed(undefined))
    }
  }
}
