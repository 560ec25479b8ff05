import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as PrivateFiles from "../../src/identity/PrivateFiles.ts"
import { platform, temporaryDirectory } from "./support.ts"

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

const setUp = Effect.gen(function* () {
  return { dir: yield* temporaryDirectory, files: yield* PrivateFiles.make }
}).pipe(Effect.provide(platform))

it.scoped("files of 0600 in directories of 0700, whole, with nothing left beside them", () =>
  Effect.gen(function* () {
    const { dir, files } = yield* setUp
    const inner = join(dir, "a", "b")
    yield* files.makeDirectory(inner)
    assert.strictEqual(mode(inner), "700")
    assert.strictEqual(mode(join(dir, "a")), "700")
    const file = join(inner, "f")
    yield* files.write(file, "one")
    yield* files.write(file, "two")
    assert.strictEqual(readFileSync(file, "utf8"), "two")
    assert.strictEqual(mode(file), "600")
    assert.deepStrictEqual(readdirSync(inner), ["f"])
  })
)

it.scoped("creating is exclusive: of many, one succeeds and its content stays", () =>
  Effect.gen(function* () {
    const { dir, files } = yield* setUp
    const file = join(dir, "f")
    const made = yield* Effect.all(
      Array.from({ length: 8 }, (_, i) => files.create(file, `content ${i}`)),
      { concurrency: "unbounded" }
    )
    assert.strictEqual(made.filter((m) => m).length, 1)
    assert.strictEqual(readFileSync(file, "utf8"), `content ${made.indexOf(true)}`)
    assert.strictEqual(mode(file), "600")
    assert.deepStrictEqual(readdirSync(dir), ["f"])
  })
)

it.scoped("reading takes the access of others away", () =>
  Effect.gen(function* () {
    const { dir, files } = yield* setUp
    const file = join(dir, "f")
    assert.deepStrictEqual(yield* files.read(file), Option.none())
    writeFileSync(file, "old")
    chmodSync(file, 0o644)
    assert.deepStrictEqual(yield* files.read(file), Option.some("old"))
    assert.strictEqual(mode(file), "600")
    chmodSync(dir, 0o755)
    yield* files.makeDirectory(dir)
    assert.strictEqual(mode(dir), "700")
  })
)

it.scoped("what cannot be written is a failure and leaves nothing", () =>
  Effect.gen(function* () {
    const { dir, files } = yield* setUp
    const target = join(dir, "f")
    mkdirSync(join(target, "full"), { recursive: true })
    assert.isTrue(Either.isLeft(yield* Effect.either(files.write(target, "x"))))
    assert.isTrue(Either.isLeft(yield* Effect.either(files.read(target))))
    assert.deepStrictEqual(readdirSync(dir), ["f"])
  })
)
