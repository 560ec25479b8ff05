import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import type { BrokerProcess } from "../../src/testing/BrokerProcess.ts"
import { eventually, makeEngine, makeRecorder, program, startBroker, temporaryHome } from "./rig.ts"

const flood = 100_000
const batch = 500
/** The engine does not run further ahead of the broker than this, so that the bystander's time is the broker's. */
const ahead = 5_000
const inboxRows = 1_000

interface NodeDelivery {
  readonly session: { readonly state: string; readonly sessions: number }
  readonly counters: { readonly [name: string]: number }
  readonly mailboxes: ReadonlyArray<{ readonly name: string; readonly acked: number; readonly waiting: number }>
}

const nodeDelivery = (broker: BrokerProcess) =>
  Effect.map(broker.expect("GET", "/api/node-delivery"), (body) => body as NodeDelivery)

const rssMegabytes = ({ pid }: BrokerProcess) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1_024

const storeMegabytes = ({ stateDir }: BrokerProcess) =>
  readdirSync(stateDir)
    .filter((name) => name.includes(".sqlite"))
    .reduce((sum, name) => sum + statSync(join(stateDir, name)).size, 0) / 1_048_576

/** The highest value of `read` while the scope is open. */
const watchHighest = (read: () => number) =>
  Effect.gen(function* () {
    let highest = read()
    yield* Effect.sync(() => {
      highest = Math.max(highest, read())
    }).pipe(Effect.repeat(Schedule.spaced("50 millis")), Effect.forkScoped)
    return () => highest
  })

const marks = (text: string) => [...text.matchAll(/\[number (\d+)\]/g)].map(([, number]) => Number(number))
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe("a flood for one agent that does not read", () => {
  it.scopedLive(
    "costs bounded memory and disk, loses nothing, closes no hole, and holds up nobody else",
    () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine({ depth: 2 * flood, keep: 1_000 })
        const home = yield* temporaryHome
        const recorder = makeRecorder(home)
        const broker = yield* startBroker({ program, home, engineUrl: baseUrl, workspaceKey: engine.key() })
        yield* engine.awaitNode()
        yield* engine.registerAgent("alice")
        const { pid } = (yield* broker.expect("POST", "/api/spawn", recorder.spec("stalled", "--stalled"))) as {
          readonly pid: number
        }
        yield* broker.expect("POST", "/api/spawn", recorder.spec("bystander", "--echo"))
        // What the kernel takes counts as typed. So the terminal is full before the first message: nothing can be.
        const filler = yield* Effect.fork(broker.call("POST", "/api/input/stalled", { data: "x".repeat(256 * 1_024) }))
        yield* Effect.sleep("300 millis")

        const memoryBefore = rssMegabytes(broker)
        const highestMemory = yield* watchHighest(() => rssMegabytes(broker))
        const highestStore = yield* watchHighest(() => storeMegabytes(broker))
        const bystander: Array<number> = []
        const askBystander = Effect.gen(function* () {
          const number = bystander.length + 1
          const from = performance.now()
          yield* engine.send({ from: "alice", to: "bystander", text: `for the bystander ${number}.` })
          yield* engine.awaitAck("bystander", number)
          bystander.push(performance.now() - from)
        })

        let posted = 0
        let seen = 0
        while (posted < flood) {
          for (let n = 0; n < batch; n++) {
            posted += 1
            yield* engine.send({ from: "alice", to: "stalled", text: `please look at this now [number ${posted}]` })
          }
          if (posted % 10_000 === 0) yield* askBystander
          while (posted - seen > ahead) {
            yield* Effect.sleep("5 millis")
            seen = (yield* nodeDelivery(broker)).counters["frames"] ?? 0
          }
        }
        let received = yield* nodeDelivery(broker)
        while ((received.counters["frames"] ?? 0) < flood) {
          yield* Effect.sleep("20 millis")
          received = yield* nodeDelivery(broker)
        }
        yield* Fiber.join(filler)

        assert.isBelow(highestMemory() - memoryBefore, 120, "memory in megabytes")
        assert.isBelow(highestStore(), 64, "files of the store in megabytes")
        assert.isBelow(
          Math.max(...bystander),
          3_000,
          `the bystander's acks took ${bystander.map(Math.round).join(", ")} ms`
        )
        assert.strictEqual(bystander.length, flood / 10_000)
        assert.deepInclude(received.session, { state: "ready", sessions: 1 })
        assert.deepInclude(received.counters, { refused: flood - inboxRows })
        assert.notProperty(received.counters, "holes_closed")
        assert.strictEqual(engine.cursor("stalled"), 0)
        assert.deepStrictEqual(recorder.reads("stalled"), [])

        // It reads again: what was refused is asked for, and comes in order, once.
        process.kill(pid, "SIGUSR2")
        yield* eventually(() => recorder.text("stalled").includes(`[number ${2 * inboxRows}]`), "the second thousand")
        assert.deepStrictEqual(marks(recorder.text("stalled")).slice(0, 2 * inboxRows), upTo(2 * inboxRows))

        // It is released: what waits here becomes dead letters, and the engine keeps the rest.
        yield* broker.expect("DELETE", "/api/spawned/stalled")
        const read = marks(recorder.text("stalled")).length
        const after = yield* nodeDelivery(broker)
        assert.notProperty(after.counters, "holes_closed")
        assert.strictEqual(engine.cursor("stalled"), read + (after.counters["dead_agent_released"] ?? 0))
        assert.deepInclude(after.session, { state: "ready", sessions: 1 })
      }),
    120_000
  )
})
