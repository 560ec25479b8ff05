/**
 * Names registered at the engine ahead of their spawns (`POST /api/preflight`), so that messages find a mailbox: they
 * wait there, unacked, until the agent is spawned. In the background, a few at once; what fails is logged, because the spawn
 * itself registers anyway. A name that is live or being started here is left alone: registering it would end its token.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { AgentName } from "../domain/Ids.ts"
import { WorkerRegistry } from "../workers/WorkerRegistry.ts"
import { AgentRegistrar } from "./AgentRegistrar.ts"

export interface PreflightAgent {
  readonly name?: string
  readonly cli?: string
}

export class Preflight extends Context.Tag("relay-broker/agents/Preflight")<
  Preflight,
  {
    /** How many will be registered; returns at once. Blank names are none. */
    readonly register: (agents: ReadonlyArray<PreflightAgent>) => Effect.Effect<number>
  }
>() {}

const registrationLimit = "30 seconds"
const atOnce = 4
/** Beyond it, names wait for nobody: the spawn registers them. */
const mostNames = 1_000

const make = Effect.gen(function* () {
  const registrar = yield* AgentRegistrar
  const registry = yield* WorkerRegistry
  const background = yield* FiberSet.make<void>()
  const slots = yield* Effect.makeSemaphore(atOnce)

  const isFree = (name: AgentName) =>
    Effect.zipWith(
      registry.find(name),
      registry.starting,
      (live, starting) => Option.isNone(live) && !starting.includes(name)
    )

  const registerOne = (name: AgentName, cli: string) =>
    registrar.registerAhead({ name, cli, isFree: isFree(name) }).pipe(
      Effect.timeout(registrationLimit),
      Effect.catchAll((error) => Effect.logInfo(`preflight of ${name}: ${error.message}`))
    )

  return Preflight.of({
    register: (agents) =>
      Effect.gen(function* () {
        const wanted = new Map<string, string>()
        for (const { cli = "", name = "" } of agents) {
          if (name.trim() !== "" && wanted.size < mostNames) wanted.set(name.trim(), cli)
        }
        for (const [name, cli] of wanted) {
          yield* FiberSet.run(background, slots.withPermits(1)(registerOne(AgentName.make(name), cli)))
        }
        return wanted.size
      })
  })
})

export const layer: Layer.Layer<Preflight, never, AgentRegistrar | WorkerRegistry> = Layer.scoped(Preflight, make)
