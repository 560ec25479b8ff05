/**
 * Which handler of a sidecar an invocation is for, and what that handler is given.
 *
 * Invariants: 1. `spawn:<x>` goes only to a handler of exactly that name · 2. bare `spawn`, which is also how the engine
 * retries, to that of `input.capability`, else to that of `spawn:<cli>` · 3. `release` to none.
 */
import * as Effect from "effect/Effect"
import { isRecord } from "../domain/Json.ts"
import type { SidecarHub } from "../sidecar/SidecarHub.ts"
import type { ActionInvoke } from "../wire/Inbound.ts"
import { type Answer, handlerUnavailable } from "./InvocationLedger.ts"

import type { Invocation } from "./InvokeInput.ts"

const spawnOf = (harness: string): string => (harness.startsWith("spawn:") ? harness : `spawn:${harness}`)

/** First choice first. */
export const handlerNames = (frame: ActionInvoke, invocation: Invocation): ReadonlyArray<string> => {
  if (invocation._tag === "Release") return []
  if (invocation._tag === "Other" || frame.action !== "spawn") return [frame.action]
  const capability = isRecord(frame.input) ? frame.input["capability"] : undefined
  return [capability, invocation.cli].flatMap((name) =>
    typeof name === "string" && name !== "" ? [spawnOf(name)] : []
  )
}

/**
 * The engine writes null for what a spawn leaves open, which published spawn handlers refuse: there an absent field
 * is left out. The input of an action is its caller's own and stays as it is.
 */
export const handlerInput = ({ input }: ActionInvoke, invocation: Invocation): unknown =>
  invocation._tag === "Spawn" && isRecord(input)
    ? Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null))
    : input

/** The answer of the sidecar's handler; undefined: it has none for this invocation. */
export const askSidecar = (
  hub: Pick<SidecarHub["Type"], "handles" | "invoke">,
  frame: ActionInvoke,
  invocation: Invocation
): Effect.Effect<Answer | undefined> =>
  Effect.gen(function* () {
    for (const name of handlerNames(frame, invocation)) {
      if (!(yield* hub.handles(name))) continue
      return yield* hub
        .invoke({ invocationId: frame.invocation_id, name, input: handlerInput(frame, invocation) })
        .pipe(
          Effect.map((output): Answer => ({ output })),
          Effect.catchTags({
            HandlerFailed: ({ reason }): Effect.Effect<Answer> => Effect.succeed({ error: reason }),
            HandlerUnavailable: (error): Effect.Effect<Answer> =>
              Effect.as(Effect.logWarning(`${frame.invocation_id}: ${error.message}`), { error: handlerUnavailable })
          })
        )
    }
    return undefined
  })
