/**
 * Three journeys through the real program against an engine of our own: a message from the engine to its ack, a spawn over
 * the API, and `POST /api/send` to somebody elsewhere. Each is made several times after one that does not count: what ran
 * every time belongs to it; what is loaded once, and what a timer did meanwhile, does not.
 */
import { existsSync, mkdirSync, readFileSync, watch } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { startBroker } from "../../src/testing/BrokerProcess.ts"
import { FakeEngine } from "../../src/testing/FakeEngine.ts"

export interface JourneysOptions {
  readonly root: string
  /** A directory of this run. */
  readonly home: string
  /** The bundle to look at, and `program.mjs`, which runs it. */
  readonly program: string
  readonly runner: string
}

/** Per journey and repetition: where the functions that ran begin in the bundle. */
export type Runs = { readonly [journey: string]: ReadonlyArray<ReadonlyArray<number>> }

const repetitions = 8

const appears = (path: string) =>
  Effect.async<void>((resume) => {
    const done = () => {
      if (existsSync(path)) resume(Effect.void)
    }
    const watcher = watch(join(path, ".."), done)
    done()
    return Effect.sync(() => watcher.close())
  })

const travel = ({ home, program, root, runner }: JourneysOptions) =>
  Effect.gen(function* () {
    const directory = join(home, "coverage")
    mkdirSync(directory, { recursive: true })
    const engine = yield* FakeEngine.make({})
    const { baseUrl } = yield* engine.listen()
    const env = { RELAY_JOURNEYS_PROGRAM: program, RELAY_JOURNEYS_DIR: directory }
    const broker = yield* startBroker({ program: runner, home, engineUrl: baseUrl, workspaceKey: engine.key(), env })
    yield* engine.awaitNode()
    yield* engine.registerAgent("alice")

    let taken = 0
    const take = Effect.suspend(() => {
      taken += 1
      const path = join(directory, `${taken}.json`)
      return broker.kill("SIGUSR2").pipe(
        Effect.zipRight(appears(path)),
        Effect.map(() => JSON.parse(readFileSync(path, "utf8")) as ReadonlyArray<number>)
      )
    })

    const measure = <E>(step: (n: number) => Effect.Effect<unknown, E>) =>
      Effect.gen(function* () {
        yield* step(0)
        const runs: Array<ReadonlyArray<number>> = []
        for (let n = 1; n <= repetitions; n++) {
          yield* take
          yield* step(n)
          runs.push(yield* take)
        }
        return runs
      })

    const recorder = (name: string) => [
      ...[join(root, "fixtures", "programs", "recorder.mjs"), join(home, `${name}.jsonl`), "--prompt"]
    ]
    const spawn = yield* measure((n) =>
      broker.expect("POST", "/api/spawn", {
        ...{ name: `w${n}`, cli: process.execPath, args: recorder(`w${n}`), channels: ["general"] }
      })
    )
    const delivery = yield* measure((n) =>
      Effect.zipRight(engine.send({ from: "alice", to: "w0", text: `message ${n}` }), engine.awaitAck("w0", n + 1))
    )
    const send = yield* measure((n) => broker.expect("POST", "/api/send", { to: "alice", from: "w0", text: `${n}` }))
    return { delivery, spawn, send }
  })

export const journeys = (o: JourneysOptions): Promise<Runs> =>
  Effect.runPromise(Effect.scoped(travel(o)).pipe(Effect.timeout("120 seconds")))
