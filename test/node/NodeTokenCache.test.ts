import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { NodeId, WorkspaceId } from "../../src/domain/Ids.ts"
import { decodeCached, encodeCached, make } from "../../src/node/NodeTokenCache.ts"
import { capturedLogs, platform, temporaryDirectory } from "../identity/support.ts"

const scope = { nodeId: NodeId.make("node_1"), workspaceId: WorkspaceId.make("ws1"), baseUrl: "https://engine/base" }
const file = { node_id: "node_1", workspace_id: "ws1", base_url: "https://engine/base", token: "nt_live_secret" }

const decode = (value: unknown) => decodeCached(JSON.stringify(value), scope)

describe("codec", () => {
  const cached = FastCheck.record({
    token: FastCheck.string({ minLength: 1 }).map((s) => Redacted.make(s)),
    name: FastCheck.option(FastCheck.string({ minLength: 1 }), { nil: undefined }),
    rejected: FastCheck.boolean()
  })

  it.prop("what is written is read", [cached], ([c]) => {
    const read = Option.getOrThrow(Either.getOrThrow(decodeCached(encodeCached(c, scope), scope)))
    assert.deepStrictEqual({ ...read, token: Redacted.value(read.token) }, { ...c, token: Redacted.value(c.token) })
  })

  it.prop("any text is a token, nothing, or corrupt", [FastCheck.string()], ([text]) => {
    const read = decodeCached(text, scope)
    assert.isTrue(Either.isRight(read) || read.left === "corrupt")
  })

  it("the form on disk is that of broker 9.1.6, with our additions only when they say something", () => {
    const token = Redacted.make("nt_live_secret")
    assert.deepStrictEqual(JSON.parse(encodeCached({ token, name: undefined, rejected: false }, scope)), file)
    assert.deepStrictEqual(JSON.parse(encodeCached({ token, name: "box", rejected: true }, scope)), {
      ...file,
      name: "box",
      rejected: true
    })
  })

  it("another node, workspace or engine: nothing of ours", () => {
    for (const other of [{ node_id: "node_2" }, { workspace_id: "ws2" }, { base_url: "https://engine" }]) {
      assert.deepStrictEqual(decode({ ...file, ...other }), Either.right(Option.none()))
    }
  })

  it("no address, or the same with a slash, is ours", () => {
    for (const base_url of [undefined, null, "https://engine/base/"]) {
      assert.isTrue(Option.isSome(Either.getOrThrow(decode({ ...file, base_url, added_later: 1 }))))
    }
  })

  it("corrupt: not JSON, no token, a wrong type", () => {
    for (const value of [
      7,
      null,
      [],
      { ...file, token: "" },
      { ...file, token: undefined },
      { ...file, rejected: "x" }
    ]) {
      assert.deepStrictEqual(decode(value), Either.left("corrupt"))
    }
    assert.deepStrictEqual(decodeCached("", scope), Either.left("corrupt"))
  })
})

describe("file", () => {
  const setUp = Effect.gen(function* () {
    const dataDir = yield* temporaryDirectory
    const logs = capturedLogs()
    const cache = yield* make({ dataDir, scope })
    return { cache, dataDir, logs, directory: join(dataDir, "agent-relay", "node-tokens") }
  }).pipe(Effect.provide(platform))

  const value = { token: Redacted.make("nt_live_secret"), name: "box", rejected: false }

  it.scoped("private, and private again when it was not", () =>
    Effect.gen(function* () {
      const { cache, directory } = yield* setUp
      assert.strictEqual(cache.path, join(directory, "node_1.json"))
      assert.deepStrictEqual(yield* cache.load, Option.none())
      yield* cache.store(value)
      const modes = () => [statSync(directory).mode & 0o777, statSync(cache.path).mode & 0o777]
      assert.deepStrictEqual(modes(), [0o700, 0o600])
      chmodSync(directory, 0o755)
      chmodSync(cache.path, 0o644)
      assert.strictEqual(Option.getOrThrow(yield* cache.load).name, "box")
      assert.deepStrictEqual(modes(), [0o700, 0o600])
    })
  )

  it.scoped("corrupt or unreadable counts as absent, said once and without its content", () =>
    Effect.gen(function* () {
      const { cache, directory, logs } = yield* setUp
      mkdirSync(directory, { recursive: true })
      writeFileSync(cache.path, `{"token":"nt_live_secret"`)
      assert.deepStrictEqual(yield* cache.load.pipe(Effect.provide(logs.layer)), Option.none())
      assert.deepStrictEqual(yield* cache.load.pipe(Effect.provide(logs.layer)), Option.none())
      assert.strictEqual(logs.warnings.length, 1)
      assert.include(logs.warnings[0], cache.path)
      assert.notInclude(logs.lines.join(), "secret")
      yield* cache.store(value)
      assert.include(readFileSync(cache.path, "utf8"), "nt_live_secret")
    })
  )

  it.scoped("what cannot be stored is an error with the path and without the token", () =>
    Effect.gen(function* () {
      const { cache, dataDir } = yield* setUp
      writeFileSync(join(dataDir, "agent-relay"), "a file")
      const error = yield* Effect.flip(cache.store(value))
      assert.strictEqual(error._tag, "CacheUnwritable")
      assert.strictEqual(error.path, cache.path)
      assert.notInclude(JSON.stringify(error), "secret")
      assert.deepStrictEqual(yield* cache.load, Option.none())
    })
  )
})
