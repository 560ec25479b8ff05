/** A whole broker in virtual time for one scenario: a fake engine, echoing agents, a disk; no faults but the test's own. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import { AgentId, AgentName, WorkspaceId } from "../../src/domain/Ids.ts"
import { FakeEngine, type FakeEngineService } from "../../src/testing/FakeEngine.ts"
import type { FakeProcess } from "../../src/testing/FakePty.ts"
import { SimScheduler, simulate } from "../../src/testing/Simulation.ts"
import { type BrokerServices, startLife } from "./BrokerLife.ts"
import { makeDice } from "./Dice.ts"
import { makeSimStore, type SimStore } from "./SimStore.ts"
import { makeTerminal, type RelayLine } from "./Terminal.ts"

export interface Scenario {
  readonly engine: FakeEngineService
  /** What the agent's programs were given, Enter included. */
  readonly typed: (agent: string) => ReadonlyArray<RelayLine>
  /** The agent's latest process. */
  readonly process: (agent: string) => FakeProcess
  readonly store: SimStore
}

/** Runs to the end of the scenario, within a virtual day; throws what it fails with. */
export const inSimulation = <E>(scenario: (o: Scenario) => Effect.Effect<void, E, BrokerServices>): void => {
  const scheduler = new SimScheduler()
  const program = Effect.gen(function* () {
    const engine = yield* FakeEngine.make({ predictable: true })
    const self = yield* engine.registerAgent("broker")
    yield* engine.registerAgent("alice")
    const lines: Array<RelayLine & { readonly agent: string }> = []
    const store = makeSimStore(makeDice(1, "disk"))
    const processes = new Map<string, FakeProcess>()
    const life = yield* startLife({
      number: 1,
      engine,
      scheduler,
      identity: {
        workspaceId: WorkspaceId.make(engine.id),
        workspaceKey: Redacted.make(engine.key()),
        createdWorkspace: false,
        agent: { id: AgentId.make(self.id), name: AgentName.make(self.name), token: Redacted.make(self.token) },
        requestedName: "broker"
      },
      disk: { nodeToken: undefined, store },
      openTerminal: (number, process) => {
        const agent = process.options.env["RELAY_AGENT_NAME"] ?? "?"
        processes.set(agent, process)
        const onSubmit = (_: unknown, submitted: ReadonlyArray<RelayLine>) =>
          void lines.push(...submitted.map((line) => ({ ...line, agent })))
        return {
          terminal: makeTerminal({ agent, number, life: 1, resumed: false, process, onSubmit }),
          dice: makeDice(1, agent)
        }
      },
      onEvent: () => {}
    })
    const exit = yield* life.call(
      scenario({
        engine,
        store,
        typed: (agent) => lines.filter((line) => line.agent === agent),
        process: (agent) => processes.get(agent)!
      })
    )
    return exit === undefined ? yield* Effect.dieMessage("the broker died") : yield* exit
  }).pipe(Effect.scoped, Effect.provide(Logger.replace(Logger.defaultLogger, Logger.none)))
  const { exit } = simulate(program, { seed: 1, untilMillis: 86_400_000, scheduler })
  if (exit === undefined) throw new Error("the scenario never ends")
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
}
