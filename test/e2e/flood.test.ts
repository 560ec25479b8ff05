import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { BrokerProcess } from "../../src/testing/BrokerProcess.ts"
import { inShortOrLong } from "../support/long.ts"
import { makeEngine, makeRecorder, program, startBroker, temporaryHome } from "./rig.ts"

const flood = inShortOrLong(20_000, 100_000)
const batch = 500
/** The engine runs no further ahead of the broker than this: the bystander's time is the broker's, not that of a queue before it. */
const ahead = 5_000
const inboxRows = 1_000
/** In megabytes. V8 lets about 70 MB of garbage pile up before it collects; what is alive stays at 25. */
const memoryBound = 150
const storeBound = 16

interface NodeDelivery {
  readonly session: { readonly state: string; readonly sessions: number }
  readonly counters: { readonly [name: string]: number }
}

const nodeDelivery = (broker: BrokerProcess) =>
  Effect.map(broker.expect("GET", "/api/node-delivery"), (body) => body as NodeDelivery)

const rssMegabytes = ({ pid }: BrokerProcess) =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1_024

const storeMegabytes = ({ stateDir }: BrokerProcess) =>
  readdirSync(stateDir)
    .filter((name) => name.includes(".sqlite"))
    .reduce((sum, name) => sum + statSync(join(stateDir, name)).size, 0) / 1_048_576

/** The highest value of `read` for as long as the scope is open. */
const watchHighest = (read: () => number) =>
  Effect.gen(function* () {
    let highest = read()
    const look = Effect.sync(() => {
      highest = Math.max(highest, read())
    })
    yield* Effect.repeat(look, Schedule.spaced("50 millis")).pipe(Effect.forkScoped)
    return () => highest
  })

const numbersIn = (text: string) => [...text.matchAll(/\[number (\d+)\]/g)].map(([, number]) => Number(number))
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

const makeStage = Effect.gen(function* () {
  const { baseUrl, engine } = yield* makeEngine({ depth: 2 * flood, keep: 1_000 })
  const home = yield* temporaryHome
  const recorder = makeRecorder(home)
  const broker = yield* startBroker({ program, home, engineUrl: baseUrl, workspaceKey: engine.key() })
  yield* engine.awaitNode()
  yield* engine.registerAgent("alice")

  const spawn = (name: string, ...flags: ReadonlyArray<string>) =>
    Effect.map(
      broker.expect("POST", "/api/spawn", recorder.spec(name, "--echo", ...flags)),
      (body) => body as { pid: number }
    )
  /** What the kernel takes counts as typed. So the terminal is filled before the first message, and none can be. */
  const spawnStuck = (name: string) =>
    Effect.zipLeft(
      spawn(name, "--stalled"),
      // Answered after 5 s, because the program does not read.
      broker.call("POST", `/api/input/${name}`, { data: "x".repeat(256 * 1_024) })
    )
  const post = (to: string, number: number) =>
    engine.send({ from: "alice", to, text: `please look at this now [number ${number}]` })
  const framesSeen = Effect.map(nodeDelivery(broker), ({ counters }) => counters["frames"] ?? 0)
  /** Until the broker has seen all but `behind` of that many frames. */
  const awaitFrames = (posted: number, behind: number) =>
    framesSeen.pipe(Effect.repeat({ until: (seen) => posted - seen <= behind, schedule: Schedule.spaced("5 millis") }))
  return { engine, broker, recorder, spawn, spawnStuck, post, awaitFrames }
})

describe(`${flood} messages for an agent that does not read`, () => {
  it.scopedLive(
    "cost bounded memory and disk, are neither acked nor taken for holes, and hold up nobody else",
    () =>
      Effect.gen(function* () {
        const { awaitFrames, broker, engine, post, recorder, spawn, spawnStuck } = yield* makeStage
        yield* spawn("bystander")
        const [stalled] = yield* Effect.all([spawnStuck("stalled"), spawnStuck("abandoned")], { concurrency: 2 })

        const memoryBefore = rssMegabytes(broker)
        const highestMemory = yield* watchHighest(() => rssMegabytes(broker))
        const highestStore = yield* watchHighest(() => storeMegabytes(broker))
        let frames = 0
        for (const number of upTo(inboxRows + 200)) yield* post("abandoned", number)
        frames += inboxRows + 200
        const waits: Array<number> = []
        for (let posted = batch; posted <= flood; posted += batch) {
          for (let number = posted - batch + 1; number <= posted; number++) yield* post("stalled", number)
          frames += batch
          if (posted % (flood / 10) === 0) {
            const from = performance.now()
            frames += 1
            yield* post("bystander", waits.length + 1)
            yield* engine.awaitAck("bystander", waits.length + 1)
            waits.push(Math.round(performance.now() - from))
          }
          yield* awaitFrames(frames, ahead)
        }
        yield* awaitFrames(frames, 0)

        const flooded = yield* nodeDelivery(broker)
        assert.isBelow(highestMemory() - memoryBefore, memoryBound, "memory")
        assert.isBelow(highestStore(), storeBound, "files of the store")
        assert.isBelow(Math.max(...waits), 3_000, `the bystander waited ${waits.join(", ")} ms for its acks`)
        assert.deepInclude(flooded.session, { state: "ready", sessions: 1 })
        assert.deepInclude(flooded.counters, { refused: flood - inboxRows + 200 })
        assert.notProperty(flooded.counters, "holes_closed")
        for (const name of ["stalled", "abandoned"]) {
          assert.strictEqual(engine.cursor(name), 0)
          assert.strictEqual(recorder.text(name), "")
        }

        // Released: what waited here is put aside with a record, and the engine keeps the rest.
        yield* broker.expect("DELETE", "/api/spawned/abandoned")
        const { dead_letters } = (yield* broker.expect("GET", "/api/dead-letters")) as {
          readonly dead_letters: ReadonlyArray<{ readonly name: string; readonly seq: number; readonly reason: string }>
        }
        assert.deepStrictEqual(
          dead_letters.map(({ seq }) => seq).sort((a, b) => a - b),
          upTo(inboxRows)
        )
        for (const letter of dead_letters) assert.deepInclude(letter, { name: "abandoned", reason: "agent_released" })
        assert.strictEqual(engine.cursor("abandoned"), inboxRows)

        // Reading again: what was refused is asked for, and comes in order, once.
        process.kill(stalled.pid, "SIGUSR2")
        yield* engine.awaitAck("stalled", 2 * inboxRows).pipe(
          Effect.timeoutFail({
            duration: "60 seconds",
            onTimeout: () => new Error(`acked up to ${engine.cursor("stalled")} only`)
          })
        )
        const read = numbersIn(recorder.text("stalled"))
        assert.deepStrictEqual(read, upTo(read.length))
        assert.isAtLeast(read.length, 2 * inboxRows)
        const after = yield* nodeDelivery(broker)
        assert.deepInclude(after.session, { state: "ready", sessions: 1 })
        assert.notProperty(after.counters, "holes_closed")
        assert.isBelow(highestMemory() - memoryBefore, memoryBound, "memory during the replays")
      }),
    150_000
  )
})
