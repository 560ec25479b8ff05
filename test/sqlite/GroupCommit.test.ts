import { assert, it } from "@effect/vitest"
import * as Array from "effect/Array"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { describe } from "vitest"
import * as GroupCommit from "../../src/sqlite/GroupCommit.ts"
import { nothing } from "../../src/store/Reads.ts"
import { Store } from "../../src/store/Store.ts"
import { bytesOf, type Write } from "../../src/store/Writes.ts"
import { agentRecord, cursor, delivery, deliveryId } from "../store/data.ts"
import { eventually, makeDriver, temporaryStore, turn } from "../store/rig.ts"

const write = (name: string): Write => ({ _tag: "Agent", record: agentRecord(name) })

/** A disk whose syncs end when the test says so. */
const scripted = (limits = { batchWrites: 100, batchBytes: 1_000_000 }) =>
  Effect.gen(function* () {
    const batches: Array<ReadonlyArray<string>> = []
    const syncs: Array<Deferred.Deferred<void>> = []
    const commits = yield* GroupCommit.make(
      {
        apply: (steps) =>
          Effect.sync(() => {
            batches.push(
              steps.map((step) =>
                step._tag === "Write" && step.write._tag === "Agent" ? step.write.record.name : step._tag
              )
            )
          }),
        sync: Effect.flatMap(Deferred.make<void>(), (done) => {
          syncs.push(done)
          return Deferred.await(done)
        }),
        turn,
        tidy: Effect.void,
        close: (steps) => Effect.sync(() => void batches.push(["close", ...steps.map(({ _tag }) => _tag)]))
      },
      { ...limits, bytesOf, nothing }
    )
    const synced = (index: number) => Effect.suspend(() => Deferred.succeed(syncs[index]!, undefined))
    return { commits, batches, syncs, synced }
  })

const running = (fiber: Fiber.RuntimeFiber<void>) => Effect.map(Fiber.poll(fiber), ({ _tag }) => _tag === "None")

describe("group commit", () => {
  it.scopedLive("makes one transaction of what is asked for in one turn, in the order of the calls", () =>
    Effect.gen(function* () {
      const { batches, commits } = yield* scripted()
      for (const name of ["a", "b", "c"]) yield* commits.write(write(name))
      yield* eventually(
        "applied",
        Effect.sync(() => batches.length > 0)
      )
      assert.deepStrictEqual(batches, [["a", "b", "c"]])
    })
  )

  it.scopedLive("a durable call returns after its sync; commits go on beside it and share the next one", () =>
    Effect.gen(function* () {
      const { batches, commits, synced, syncs } = yield* scripted()
      const first = yield* Effect.fork(commits.durable(write("a")))
      yield* eventually(
        "syncing",
        Effect.sync(() => syncs.length === 1)
      )
      const others: Array<Fiber.RuntimeFiber<void>> = []
      for (const name of ["b", "c"]) {
        others.push(yield* Effect.fork(commits.durable(write(name))))
        const count = batches.length
        yield* eventually(
          "applied",
          Effect.sync(() => batches.length > count)
        )
      }
      assert.deepStrictEqual(batches, [["a"], ["b"], ["c"]])
      assert.isTrue(yield* running(first))
      yield* synced(0)
      yield* Fiber.join(first)
      yield* eventually(
        "second sync",
        Effect.sync(() => syncs.length === 2)
      )
      for (const fiber of others) assert.isTrue(yield* running(fiber))
      yield* synced(1)
      yield* Effect.forEach(others, Fiber.join)
      assert.lengthOf(syncs, 2)
    })
  )

  it.scopedLive("a committed call returns before its sync, which comes all the same, and counts for what follows", () =>
    Effect.gen(function* () {
      const { batches, commits, synced, syncs } = yield* scripted()
      yield* commits.committed(write("a"))
      assert.lengthOf(batches, 1)
      yield* eventually(
        "syncing",
        Effect.sync(() => syncs.length === 1)
      )
      const durable = yield* Effect.fork(commits.durable(write("b")))
      yield* commits.committed(write("c"))
      assert.isTrue(Option.isNone(yield* Fiber.poll(durable)))
      yield* synced(0)
      yield* eventually(
        "second sync",
        Effect.sync(() => syncs.length === 2)
      )
      assert.isTrue(Option.isNone(yield* Fiber.poll(durable)))
      yield* synced(1)
      yield* Fiber.join(durable)
      assert.lengthOf(syncs, 2)
    })
  )

  it.scopedLive("calls that are not durable cause no sync", () =>
    Effect.gen(function* () {
      const { batches, commits, syncs } = yield* scripted()
      yield* commits.write(write("a"))
      yield* eventually(
        "applied",
        Effect.sync(() => batches.length === 1)
      )
      yield* Effect.repeatN(turn, 20)
      assert.lengthOf(syncs, 0)
    })
  )

  it.scopedLive("a bug in a commit leaves nobody waiting, and later commits go on", () =>
    Effect.gen(function* () {
      const applied: Array<number> = []
      const commits = yield* GroupCommit.make(
        {
          apply: (steps) =>
            applied.push(steps.length) === 1 ? Effect.dieMessage("a bug") : Effect.sync(() => applied.length),
          sync: Effect.void,
          turn,
          tidy: Effect.void,
          close: () => Effect.void
        },
        { batchWrites: 100, batchBytes: 1_000_000, bytesOf, nothing }
      )
      yield* commits.durable(write("a"))
      yield* commits.durable(write("b"))
      assert.deepStrictEqual(applied, [1, 1])
    })
  )

  it.scopedLive("a turn is bounded by writes and by bytes", () =>
    Effect.gen(function* () {
      const { batches, commits } = yield* scripted({ batchWrites: 2, batchBytes: 1_000_000 })
      for (const name of ["a", "b", "c", "d", "e"]) yield* commits.write(write(name))
      yield* eventually(
        "applied",
        Effect.sync(() => batches.flat().length === 5)
      )
      assert.deepStrictEqual(batches, [["a", "b"], ["c", "d"], ["e"]])
      const small = yield* scripted({ batchWrites: 100, batchBytes: 1 })
      for (const name of ["a", "b"]) yield* small.commits.write(write(name))
      yield* eventually(
        "applied",
        Effect.sync(() => small.batches.flat().length === 2)
      )
      assert.deepStrictEqual(small.batches, [["a"], ["b"]])
    })
  )
})

const setup = Effect.gen(function* () {
  const { control, driver } = makeDriver()
  const { layer } = yield* temporaryStore({ driver })
  const commits = () => control.executed.filter((sql) => sql === "COMMIT").length
  return { layer, control, commits }
})

it.scopedLive("a hundred callers who want their writes on disk get them with a few transactions", () =>
  Effect.gen(function* () {
    const { commits, layer } = yield* setup
    yield* Effect.gen(function* () {
      const store = yield* Store
      const call = (index: number) =>
        Effect.zipRight(
          store.received(delivery({ id: `d${index}`, seq: index }), { numbered: true, atMillis: 1 }),
          store.typing([deliveryId(`d${index}`)], 2)
        )
      const before = commits()
      yield* Effect.forEach(Array.range(1, 100), call, { concurrency: "unbounded", discard: true })
      assert.isAtMost(commits() - before, 5)
      const { open } = yield* store.load
      assert.lengthOf(
        open.filter(({ state }) => state === "typing"),
        100
      )
    }).pipe(Effect.provide(layer))
  })
)

it.scopedLive("an idle store does nothing", () =>
  Effect.gen(function* () {
    const { control, layer } = yield* setup
    yield* Effect.gen(function* () {
      const store = yield* Store
      yield* store.cursor(cursor("ada", 1))
      yield* store.flush
      yield* Effect.repeatN(turn, 5)
      const before = control.executed.length
      yield* Effect.sleep(30)
      assert.strictEqual(control.executed.length, before)
    }).pipe(Effect.provide(layer))
  })
)

it.scopedLive("what is asked for after the end returns and does nothing", () =>
  Effect.gen(function* () {
    const { layer } = yield* setup
    const store = yield* Effect.provide(Store, layer)
    yield* store.typing([deliveryId("d1")], 1)
    yield* store.flush
    assert.deepStrictEqual((yield* store.load).open, [])
  })
)
