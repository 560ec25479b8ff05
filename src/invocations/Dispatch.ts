/** What is done for an invocation, and what is answered to it (error words and outputs in use). */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Actions } from "../agents/Actions.ts"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import type { InvocationWithdrawn } from "../domain/Errors.ts"
import { AgentName } from "../domain/Ids.ts"
import { isRecord } from "../domain/Json.ts"
import type { SidecarHub } from "../sidecar/SidecarHub.ts"
import type { ActionInvoke } from "../wire/Inbound.ts"
import { type Answer, handlerUnavailable } from "./InvocationLedger.ts"
import { type Invocation, readInvocation } from "./InvokeInput.ts"

// Which handler of a sidecar an invocation is for, and what that handler is given.
//
// Invariants: 1. `spawn:<x>` goes only to a handler of exactly that name · 2. bare `spawn`, which is also how the engine
// retries, to that of `input.capability`, else to that of `spawn:<cli>` · 3. `release` to none.

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

type Spawn = Extract<Invocation, { _tag: "Spawn" }>
type Release = Extract<Invocation, { _tag: "Release" }>

interface DispatchOptions {
  readonly spawn: Actions["Type"]["spawn"]
  readonly release: Actions["Type"]["release"]
  readonly sidecar: Pick<SidecarHub["Type"], "handles" | "invoke">
  /** See `AgentRegistrar`. */
  readonly checkBinding: (name: AgentName) => Effect.Effect<void>
  /** Where agents run that name no directory. */
  readonly defaultCwd: string
  readonly defaultChannels: ReadonlyArray<string>
}

export interface Done {
  readonly answer: Answer
  /** What is to be done when the engine has the answer. */
  readonly afterwards?: Effect.Effect<void>
}

/**
 * `stale`: queued at the engine before this process registered; a release then kills nothing.
 * Fails when the engine has taken the invocation back.
 */
export type Dispatch = (frame: ActionInvoke, stale: boolean) => Effect.Effect<Done, InvocationWithdrawn>

export const makeDispatch = (o: DispatchOptions): Dispatch => {
  const specOf = (invocation: Spawn): Either.Either<AgentSpec, string> => {
    if (invocation.name === undefined) return Either.left("spawn_missing_agent_name")
    if (invocation.cli === undefined) return Either.left("spawn_missing_cli")
    return Either.right({
      name: AgentName.make(invocation.name),
      cli: invocation.cli,
      args: invocation.args,
      channels: invocation.channels.length === 0 ? o.defaultChannels : invocation.channels,
      cwd: invocation.cwd ?? o.defaultCwd,
      ...(invocation.task === undefined ? {} : { task: invocation.task }),
      ...(invocation.model === undefined ? {} : { model: invocation.model })
    })
  }

  const answered = (answer: Answer): Done => ({ answer })

  const spawn = (frame: ActionInvoke, invocation: Spawn): Effect.Effect<Done, InvocationWithdrawn> =>
    Either.match(specOf(invocation), {
      onLeft: (error) => Effect.succeed(answered({ error })),
      onRight: (spec) =>
        o.spawn({ spec, source: "node_action", invocationId: frame.invocation_id }).pipe(
          Effect.as(answered({ output: { spawned: true, name: spec.name } })),
          Effect.catchAll((error) =>
            error._tag === "InvocationWithdrawn"
              ? Effect.fail(error)
              : Effect.succeed(answered({ error: `spawn_failed: ${error.message}` }))
          )
        )
    })

  const release = ({ name, reason }: Release, stale: boolean): Effect.Effect<Done> => {
    if (name === undefined) return Effect.succeed(answered({ error: "release_missing_agent_name" }))
    const answer: Answer = { output: { released: true, name } }
    if (stale) return Effect.succeed(answered(answer))
    return o.release({ name, reason }).pipe(
      Effect.match({
        // The engine takes whoever has the name then off this node, also one that was started meanwhile.
        onSuccess: (): Done => ({ answer, afterwards: o.checkBinding(AgentName.make(name)) }),
        onFailure: (error) => answered({ error: `release_failed: ${error.message}` })
      })
    )
  }

  const here = (
    frame: ActionInvoke,
    invocation: Invocation,
    stale: boolean
  ): Effect.Effect<Done, InvocationWithdrawn> => {
    switch (invocation._tag) {
      case "Spawn":
        return spawn(frame, invocation)
      case "Release":
        return release(invocation, stale)
      case "Other":
        return Effect.succeed(answered({ error: handlerUnavailable }))
    }
  }

  return (frame, stale) => {
    const invocation = readInvocation(frame)
    return Effect.flatMap(askSidecar(o.sidecar, frame, invocation), (answer) =>
      answer === undefined ? here(frame, invocation, stale) : Effect.succeed(answered(answer))
    )
  }
}
