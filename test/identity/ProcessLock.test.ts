import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { build } from "esbuild"
import { acquire, holder, type LockHeld, type LockOptions } from "../../src/identity/ProcessLock.ts"

let root: string
let contenderScript: string
const children = new Set<ChildProcess>()

beforeAll(async () => {
  root = fs.mkdtempSync(join(tmpdir(), "rb-lock-"))
  contenderScript = join(root, "contender.mjs")
  await build({
    entryPoints: [fileURLToPath(new URL("./lockContender.ts", import.meta.url))],
    outfile: contenderScript,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20"
  })
})

afterAll(() => {
  for (const child of children) child.kill("SIGKILL")
  fs.rmSync(root, { recursive: true, force: true })
})

let places = 0
const freshPath = () => join(root, `p${places++}`, "broker.lock")

/** Tries once; the claim, if won, is held until `leave`. */
const attempt = (o: LockOptions) => Effect.either(Effect.scoped(acquire(o)))

interface Contender {
  readonly pid: number
  readonly child: ChildProcess
  readonly nextLine: () => Promise<string>
}

const start = (path: string, ...args: ReadonlyArray<string>): Contender => {
  const child = spawn(process.execPath, [contenderScript, path, ...args], { stdio: ["pipe", "pipe", "inherit"] })
  children.add(child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { pid: child.pid!, child, nextLine: async () => String((await lines.next()).value) }
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("exit", resolve))

const kill = async (contender: Contender) => {
  const gone = ended(contender.child)
  contender.child.kill("SIGKILL")
  await gone
}

describe("in one process", () => {
  it.scopedLive("held by a private socket, told to others with our pid, free again after the scope", () =>
    Effect.gen(function* () {
      const path = freshPath()
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* acquire({ path, info: { instance: "one" } })
          const stat = fs.statSync(path)
          assert.isTrue(stat.isSocket())
          assert.strictEqual(stat.mode & 0o777, 0o600)
          assert.strictEqual(fs.statSync(dirname(path)).mode & 0o777, 0o700)
          assert.deepStrictEqual(fs.readdirSync(dirname(path)), ["broker.lock"])
          const second = yield* attempt({ path })
          assert(Either.isLeft(second) && second.left._tag === "LockHeld")
          assert.strictEqual(second.left.pid, process.pid)
          assert.deepStrictEqual(yield* holder(path), Option.some({ pid: process.pid }))
          assert.deepStrictEqual(fs.readdirSync(dirname(path)), ["broker.lock"])
        })
      )
      assert.deepStrictEqual(fs.readdirSync(dirname(path)), [])
      assert.deepStrictEqual(yield* holder(path), Option.none())
      yield* acquire({ path })
    })
  )

  it.scopedLive("a plain file is stale", () =>
    Effect.gen(function* () {
      const path = freshPath()
      fs.mkdirSync(dirname(path))
      fs.writeFileSync(path, "")
      yield* acquire({ path })
      assert.isTrue(fs.statSync(path).isSocket())
    })
  )

  it.live("unless another program still uses it", () =>
    Effect.gen(function* () {
      const path = freshPath()
      fs.mkdirSync(dirname(path))
      fs.writeFileSync(path, "theirs")
      const result = yield* attempt({ path, isHeldElsewhere: Effect.succeed(true) })
      assert(Either.isLeft(result) && result.left._tag === "LockHeld")
      assert.isUndefined(result.left.pid)
      assert.strictEqual(fs.readFileSync(path, "utf8"), "theirs")
      assert.isTrue(Either.isRight(yield* attempt({ path, isHeldElsewhere: Effect.succeed(false) })))
    })
  )

  it.live("what cannot hold a claim is said with its path", () =>
    Effect.gen(function* () {
      const path = freshPath()
      fs.mkdirSync(path, { recursive: true })
      const directory = yield* attempt({ path })
      assert(Either.isLeft(directory) && directory.left._tag === "StateUnusable")
      assert.strictEqual(directory.left.path, path)

      const below = join(root, "file")
      fs.writeFileSync(below, "")
      const noDirectory = yield* attempt({ path: join(below, "broker.lock") })
      assert(Either.isLeft(noDirectory) && noDirectory.left._tag === "StateUnusable")
    })
  )

  it.scopedLive("a path longer than a socket address", () =>
    Effect.gen(function* () {
      const path = join(root, "d".repeat(120), "e".repeat(60), "broker.lock")
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* acquire({ path })
          const second = yield* attempt({ path })
          assert(Either.isLeft(second) && second.left._tag === "LockHeld")
          assert.strictEqual(second.left.pid, process.pid)
        })
      )
      if (process.platform === "linux") assert.deepStrictEqual(fs.readdirSync(dirname(path)), [])
      yield* acquire({ path })
    })
  )

  it.live("the end of the scope leaves alone what has taken our place", () =>
    Effect.gen(function* () {
      const path = freshPath()
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* acquire({ path })
          fs.rmSync(path)
          fs.writeFileSync(path, "theirs")
        })
      )
      assert.strictEqual(fs.readFileSync(path, "utf8"), "theirs")
    })
  )

  it.live("thirty fibers want it: never two at a time, all get it", () =>
    Effect.gen(function* () {
      const path = freshPath()
      let inside = 0
      let most = 0
      let turns = 0
      const turn: Effect.Effect<void, Error> = Effect.scoped(
        Effect.gen(function* () {
          yield* acquire({ path })
          most = Math.max(most, ++inside)
          yield* Effect.addFinalizer(() => Effect.sync(() => void inside--))
          assert.isTrue(Option.isSome(yield* holder(path))) // over the socket, so the others get their turns meanwhile
          turns++
        })
      ).pipe(Effect.catchTag("LockHeld", () => Effect.delay(turn, "1 millis")))
      yield* Effect.all(
        Array.from({ length: 30 }, () => turn),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(most, 1)
      assert.strictEqual(turns, 30)
      assert.deepStrictEqual(fs.readdirSync(dirname(path)), [])
    })
  )

  it.live("an interrupted attempt leaves nothing behind", () =>
    Effect.gen(function* () {
      const path = freshPath()
      for (let i = 0; i < 30; i++) {
        yield* Effect.scoped(acquire({ path })).pipe(
          Effect.ignore,
          Effect.raceFirst(Effect.forEach(Array.from({ length: i }), () => Effect.yieldNow(), { discard: true }))
        )
        assert.deepStrictEqual(fs.existsSync(dirname(path)) ? fs.readdirSync(dirname(path)) : [], [])
      }
    })
  )
})

describe("among processes", () => {
  const race = async (path: string, count: number) => {
    const contenders = Array.from({ length: count }, () => start(path))
    await Promise.all(contenders.map(async (c) => assert.strictEqual(await c.nextLine(), "waiting")))
    for (const c of contenders) c.child.stdin!.write("go\n")
    const said = await Promise.all(contenders.map((c) => c.nextLine()))
    const winners = contenders.filter((_, i) => said[i] === "won")
    assert.strictEqual(winners.length, 1, said.join("; "))
    for (const [i, c] of contenders.entries()) {
      if (c === winners[0]) continue
      assert.include(said[i], "LockHeld", said[i])
      assert.include(said[i], `"pid":${winners[0]!.pid}`)
      await kill(c)
    }
    return winners[0]!
  }

  it("racers, kill -9 of the holder, racers for the stale claim: exactly one winner each time", async () => {
    const path = freshPath()
    for (let round = 0; round < 3; round++) {
      const winner = await race(path, 5)
      await kill(winner)
      assert.isTrue(fs.existsSync(path), "kill -9 leaves the stale socket")
    }
    // and what contenders killed halfway leave is cleared by the next winner
    fs.renameSync(path, `${path}.0123456789ab`)
    const last = await race(path, 1)
    assert.deepStrictEqual(fs.readdirSync(dirname(path)), ["broker.lock"])
    await kill(last)
    fs.renameSync(path, `${path}.0123456789ab.new`)
    await Effect.runPromise(Effect.scoped(acquire({ path })))
    assert.deepStrictEqual(fs.readdirSync(dirname(path)), [])
  }, 30_000)

  it("a stopped holder still holds", async () => {
    const path = freshPath()
    const winner = await race(path, 1)
    winner.child.kill("SIGSTOP")
    const result = await Effect.runPromise(Effect.uninterruptible(attempt({ path })))
    assert(Either.isLeft(result) && result.left._tag === "LockHeld")
    assert.isUndefined((result.left as LockHeld).pid)
    await kill(winner)
    assert.isTrue(Either.isRight(await Effect.runPromise(attempt({ path }))))
  })

  it("a stopped contender is neither passed over nor removed, whatever its name", async () => {
    const tryBeside = async (suffix: string) => {
      const path = freshPath()
      const stopped = await race(path, 1)
      stopped.child.kill("SIGSTOP")
      fs.renameSync(path, `${path}.${suffix}`) // as if it had been stopped between its two steps
      const late = Effect.timeout(Effect.scoped(acquire({ path })), "1300 millis")
      assert.isTrue(Either.isLeft(await Effect.runPromise(Effect.either(late))))
      assert.deepStrictEqual(fs.readdirSync(dirname(path)), [`broker.lock.${suffix}`])
      await kill(stopped)
      assert.isTrue(Either.isRight(await Effect.runPromise(attempt({ path }))))
    }
    await Promise.all(["000000000000", "ffffffffffff"].map(tryBeside))
  }, 15_000)

  it("the claim does not keep its process alive", async () => {
    const child = start(freshPath(), "leave")
    const code = ended(child.child)
    assert.strictEqual(await child.nextLine(), "won")
    child.child.stdin!.end()
    assert.strictEqual(await code, 0)
  })
})
