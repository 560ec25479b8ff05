import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { NodeIdMismatch } from "../../src/domain/Errors.ts"
import { NodeId } from "../../src/domain/Ids.ts"
import { EngineApi, type NodeRecord } from "../../src/engine/EngineApi.ts"
import * as MachineSeed from "../../src/identity/NodeIdentity.ts"
import { NodeIdentity, type NodeIdentityOptions } from "../../src/identity/NodeIdentity.ts"
import { resolveNodeName } from "../../src/identity/nodeName.ts"
import { capturedLogs, engineOf, identityIn, key, platform, temporaryDirectory } from "./support.ts"

/** A data directory and a directory to work for. */
const places = Effect.gen(function* () {
  const root = yield* temporaryDirectory
  const directory = join(root, "project")
  mkdirSync(directory)
  return { root, directory, dataDir: join(root, "data"), seedFile: join(root, "data", "agent-relay", "machine-id") }
})

const writeSeed = (seedFile: string, content: string) => {
  mkdirSync(join(seedFile, ".."), { recursive: true })
  writeFileSync(seedFile, content)
}

describe("MachineSeed", () => {
  it.scoped("is made once, private, and read again", () =>
    Effect.gen(function* () {
      const { dataDir, seedFile } = yield* places
      const seed = yield* MachineSeed.readOrCreate(dataDir)
      assert.match(seed, /^[0-9a-f]{32}$/)
      assert.strictEqual(statSync(seedFile).mode & 0o777, 0o600)
      assert.strictEqual(statSync(join(seedFile, "..")).mode & 0o777, 0o700)
      assert.strictEqual(yield* MachineSeed.readOrCreate(dataDir), seed)
      assert.strictEqual(yield* MachineSeed.readExisting(dataDir), seed)
    }).pipe(Effect.provide(platform))
  )

  for (const before of [undefined, "", " \n\t"]) {
    it.scopedLive(`many at once agree, starting from ${JSON.stringify(before) ?? "no file"}`, () =>
      Effect.gen(function* () {
        const { dataDir, seedFile } = yield* places
        if (before !== undefined) writeSeed(seedFile, before)
        const seeds = yield* Effect.all(
          Array.from({ length: 12 }, () => MachineSeed.readOrCreate(dataDir)),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual([...new Set(seeds)], [readFileSync(seedFile, "utf8")])
      }).pipe(Effect.provide(platform))
    )
  }

  it.scopedLive("of two that find a blank file, the second waits for the first and takes its seed", () =>
    Effect.gen(function* () {
      const { dataDir, seedFile } = yield* places
      writeSeed(seedFile, "")
      const fs = yield* FileSystem.FileSystem
      const [held, release] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      let renames = 0
      let readsMeanwhile = 0
      const slow: FileSystem.FileSystem = {
        ...fs,
        rename: (from, to) =>
          renames++ === 0
            ? Deferred.succeed(held, undefined).pipe(
                Effect.zipRight(Deferred.await(release)),
                Effect.zipRight(fs.rename(from, to))
              )
            : fs.rename(from, to),
        // time enough for the second to have finished, if nothing held it back
        readFileString: (path) =>
          Effect.tap(fs.readFileString(path), () =>
            renames > 0 && ++readsMeanwhile === 3 ? Deferred.succeed(release, undefined) : Effect.void
          )
      }
      const seed = MachineSeed.readOrCreate(dataDir).pipe(Effect.provideService(FileSystem.FileSystem, slow))
      const first = yield* Effect.fork(seed)
      yield* Deferred.await(held)
      const second = yield* seed
      assert.strictEqual(yield* Fiber.join(first), second)
      assert.strictEqual(readFileSync(seedFile, "utf8"), second)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("one that cannot be read is an error, never a new seed", () =>
    Effect.gen(function* () {
      const { dataDir, seedFile } = yield* places
      mkdirSync(seedFile, { recursive: true })
      const error = yield* Effect.flip(MachineSeed.readOrCreate(dataDir))
      assert.strictEqual(error._tag, "IdentityUnavailable")
      assert.strictEqual(error.path, seedFile)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("a data directory that cannot be made is an error", () =>
    Effect.gen(function* () {
      const { root } = yield* places
      writeFileSync(join(root, "data"), "a file")
      assert.strictEqual((yield* Effect.flip(MachineSeed.readOrCreate(join(root, "data"))))._tag, "IdentityUnavailable")
    }).pipe(Effect.provide(platform))
  )
})

describe("NodeIdentity", () => {
  const build = (
    o: Partial<NodeIdentityOptions> & { readonly directory: string; readonly dataDir: string },
    workspace = "ws1"
  ) =>
    Layer.build(
      NodeIdentity.layer({ instanceName: "one", pinnedToken: false, ephemeral: false, host: "box", ...o }).pipe(
        Layer.provide(identityIn(workspace))
      )
    ).pipe(Effect.map(Context.get(NodeIdentity)))

  /** The identity of a broker that started and ended. */
  const once = (...args: Parameters<typeof build>) => Effect.scoped(build(...args))

  it.scoped("the same on every start, and through a symbolic link; another for each other part", () =>
    Effect.gen(function* () {
      const at = yield* places
      const first = yield* once(at)
      assert.match(first.nodeId, /^node_[0-9a-f]{32}$/)
      assert.isFalse(first.pinned)
      assert.strictEqual((yield* once(at)).nodeId, first.nodeId)
      symlinkSync(at.directory, join(at.root, "link"))
      assert.strictEqual((yield* once({ ...at, directory: join(at.root, "link") })).nodeId, first.nodeId)
      mkdirSync(join(at.root, "other"))
      const others = [
        yield* once({ ...at, directory: join(at.root, "other") }),
        yield* once({ ...at, instanceName: "two" }),
        yield* once({ ...at, dataDir: join(at.root, "data2") }),
        yield* once(at, "ws2")
      ]
      assert.strictEqual(new Set([first, ...others].map((i) => i.nodeId)).size, 5)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("named after host and instance unless told otherwise", () =>
    Effect.gen(function* () {
      const at = yield* places
      assert.strictEqual((yield* once(at)).nodeName, "box-one")
      assert.strictEqual((yield* once({ ...at, nodeName: "  " })).nodeName, "box-one")
      assert.strictEqual((yield* once({ ...at, nodeName: "My Node" })).nodeName, "My Node")
    }).pipe(Effect.provide(platform))
  )

  it.scoped("a directory that cannot be resolved is an error", () =>
    Effect.gen(function* () {
      const at = yield* places
      const error = yield* Effect.flip(once({ ...at, directory: join(at.root, "gone") }))
      assert.strictEqual(error._tag, "IdentityUnavailable")
      assert.strictEqual(error.path, join(at.root, "gone"))
    }).pipe(Effect.provide(platform))
  )

  it.scoped("pinned: the seed file is the id; without one there is none", () =>
    Effect.gen(function* () {
      const at = yield* places
      const pinned = { ...at, pinnedToken: true, directory: join(at.root, "not even looked at") }
      for (const content of [undefined, "", "  \n"]) {
        if (content !== undefined) writeSeed(at.seedFile, content)
        const error = yield* Effect.flip(once(pinned))
        assert.strictEqual(error._tag, "IdentityUnavailable")
        assert.include(error.message, "RELAY_NODE_TOKEN")
      }
      writeSeed(at.seedFile, "node_from elsewhere/1\n")
      const identity = yield* once(pinned)
      assert.strictEqual(identity.nodeId, "node_from elsewhere/1")
      assert.isTrue(identity.pinned)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("an ephemeral broker takes the next id while the first is in use, and it again when it is free", () =>
    Effect.gen(function* () {
      const at = { ...(yield* places), ephemeral: true }
      const [first, second, third] = yield* Effect.scoped(
        Effect.gen(function* () {
          return [yield* build(at), yield* build(at), yield* build(at)] as const
        })
      )
      assert.strictEqual(new Set([first.nodeId, second.nodeId, third.nodeId]).size, 3)
      assert.strictEqual((yield* once(at)).nodeId, first.nodeId)
      assert.strictEqual((yield* once({ ...at, ephemeral: false })).nodeId, first.nodeId)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("any other broker keeps its id and warns", () =>
    Effect.gen(function* () {
      const at = yield* places
      const logs = capturedLogs()
      const first = yield* build(at)
      assert.deepStrictEqual(logs.warnings, [])
      const second = yield* build(at).pipe(Effect.provide(logs.layer))
      assert.strictEqual(second.nodeId, first.nodeId)
      assert.strictEqual(logs.warnings.length, 1)
      assert.include(logs.warnings[0], first.nodeId)
    }).pipe(Effect.provide(platform))
  )

  it.scoped("without a place for claims it goes on, with a warning", () =>
    Effect.gen(function* () {
      const at = yield* places
      yield* once(at)
      const logs = capturedLogs()
      const dataDir = join(at.root, "data3")
      mkdirSync(join(dataDir, "agent-relay"), { recursive: true })
      writeFileSync(join(dataDir, "agent-relay", "claims"), "a file, not a directory")
      const identity = yield* once({ ...at, dataDir, ephemeral: true }).pipe(Effect.provide(logs.layer))
      assert.match(identity.nodeId, /^node_/)
      assert.match(logs.warnings.join(), /not claimed/)
    }).pipe(Effect.provide(platform))
  )
})

describe("resolveNodeName", () => {
  const nodeId = NodeId.make("node_abcdef0123456789abcdef0123456789")
  const theirs = NodeId.make("node_other")

  const resolve = (names: Record<string, NodeId>) =>
    Effect.flatMap(EngineApi, (engine) => resolveNodeName({ engine, key, nodeId, preferred: "box" })).pipe(
      Effect.provide(
        engineOf({
          findNode: ({ name }) => {
            const id = names[name]
            return Effect.succeed(id === undefined ? Option.none<NodeRecord>() : Option.some({ id, name, live: false }))
          }
        })
      )
    )

  it.effect("free or ours: the preferred name", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* resolve({}), "box")
      assert.strictEqual(yield* resolve({ box: nodeId }), "box")
    })
  )

  it.effect("another node's, live or not: six hex digits of our id more", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* resolve({ box: theirs }), "box-abcdef")
      assert.strictEqual(yield* resolve({ box: theirs, "box-abcdef": nodeId }), "box-abcdef")
    })
  )

  it.effect("and when even that is another node's, nothing is guessed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(resolve({ box: theirs, "box-abcdef": theirs }))
      assert.instanceOf(error, NodeIdMismatch)
      assert.deepInclude({ ...error }, { nodeName: "box-abcdef", expected: nodeId, actual: theirs })
    })
  )
})
