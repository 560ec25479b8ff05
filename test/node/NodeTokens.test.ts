import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { EngineRejected, EngineUnavailable, Unauthorized } from "../../src/domain/Errors.ts"
import { NodeId } from "../../src/domain/Ids.ts"
import { EngineApi, type EngineError, type NodeRecord } from "../../src/engine/EngineApi.ts"
import { Events } from "../../src/events/Events.ts"
import { NodeIdentity } from "../../src/identity/NodeIdentity.ts"
import { NodeTokens } from "../../src/node/NodeTokens.ts"
import { capturedLogs, engineOf, identityIn, platform, temporaryDirectory } from "../identity/support.ts"

const nodeId = NodeId.make("node_abcdef0123456789abcdef0123456789")
const theirs = NodeId.make("node_other")

/** An engine's roster of nodes: 5.x finds a node by name, and with `proof` rotates only for the last token. */
const makeEngine = (o: { readonly proof?: boolean } = {}) => {
  const nodes = new Map<string, { id: NodeId; token: string }>()
  const calls: Array<string> = []
  const state = { minted: 0, failNext: [] as Array<EngineError>, before: Effect.void as Effect.Effect<void> }
  const layer = engineOf({
    findNode: ({ name }) =>
      Effect.sync(() => {
        calls.push(`find ${name}`)
        const node = nodes.get(name)
        return node === undefined ? Option.none<NodeRecord>() : Option.some({ id: node.id, name, live: false })
      }),
    mintNode: ({ name, nodeId, proof }) =>
      Effect.zipRight(
        Effect.suspend(() => state.before),
        Effect.suspend(() => {
          calls.push(`mint ${name}${proof === undefined ? "" : ` ${Redacted.value(proof)}`}`)
          const failure = state.failNext.shift()
          if (failure !== undefined) return Effect.fail(failure)
          const known = nodes.get(name)
          if (o.proof && known !== undefined && (proof === undefined || Redacted.value(proof) !== known.token)) {
            const code = "node_token_proof_required"
            return Effect.fail(new EngineRejected({ operation: "POST /v1/nodes", status: 409, code, reason: "" }))
          }
          const token = `nt_live_${++state.minted}`
          const node = { id: known?.id ?? nodeId, token }
          nodes.set(name, node)
          return Effect.succeed({ id: node.id, name, live: false, token: Redacted.make(token) })
        })
      )
  })
  return { calls, layer, nodes, state }
}

type Engine = ReturnType<typeof makeEngine>

interface Start {
  readonly pinned?: string
  readonly preferred?: string
  readonly baseUrl?: string
}

/** A broker that starts: its tokens and alerts, until the scope ends. */
const start = (engine: { readonly layer: Layer.Layer<EngineApi> }, dataDir: string, o: Start = {}) =>
  Layer.build(
    NodeTokens.layer({ dataDir, ...(o.pinned === undefined ? {} : { pinned: Redacted.make(o.pinned) }) }).pipe(
      Layer.provideMerge(Alerts.layer),
      Layer.provide(Events.layer),
      Layer.provide(
        Layer.effect(
          EngineApi,
          Effect.map(EngineApi, (api) => ({ ...api, baseUrl: o.baseUrl ?? "http://engine" }))
        ).pipe(Layer.provide(engine.layer))
      ),
      Layer.provide(identityIn("ws1")),
      Layer.provide(NodeIdentity.layerOf({ nodeId, nodeName: o.preferred ?? "box", pinned: o.pinned !== undefined })),
      Layer.provide(platform)
    )
  ).pipe(Effect.map((context) => ({ tokens: Context.get(context, NodeTokens), alerts: Context.get(context, Alerts) })))

const setUp = (o: { readonly proof?: boolean } = {}) =>
  Effect.gen(function* () {
    const dataDir = yield* Effect.provide(temporaryDirectory, platform)
    return { dataDir, engine: makeEngine(o), file: join(dataDir, "agent-relay", "node-tokens", `${nodeId}.json`) }
  })

const onDisk = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>

const value = Effect.map<Redacted.Redacted<string>, string>(Redacted.value)

const mints = (engine: Engine) => engine.calls.filter((call) => call.startsWith("mint"))

describe("obtaining", () => {
  it.scoped("minted once, stored before it is used, and found again by the next start", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { tokens } = yield* start(engine, dataDir)
          assert.strictEqual(yield* tokens.source, "none")
          assert.isFalse(existsSync(file))
          assert.strictEqual(yield* value(tokens.current), "nt_live_1")
          assert.strictEqual(yield* value(tokens.current), "nt_live_1")
          assert.deepStrictEqual(onDisk(file), {
            node_id: nodeId,
            workspace_id: "ws1",
            base_url: "http://engine",
            token: "nt_live_1",
            name: "box"
          })
          assert.strictEqual(yield* tokens.source, "minted")
          assert.strictEqual(yield* tokens.nodeName, "box")
        })
      )
      const { tokens } = yield* start(engine, dataDir)
      assert.strictEqual(yield* value(tokens.current), "nt_live_1")
      assert.strictEqual(yield* tokens.source, "cache")
      assert.deepStrictEqual(engine.calls, ["find box", "mint box"])
    })
  )

  it.scoped("callers at the same time share one mint, and the one that leaves does not end it", () =>
    Effect.gen(function* () {
      const { dataDir, engine } = yield* setUp()
      const [minting, release] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      engine.state.before = Effect.zipRight(Deferred.succeed(minting, undefined), Deferred.await(release))
      const { tokens } = yield* start(engine, dataDir)
      const first = yield* Effect.fork(tokens.current)
      yield* Deferred.await(minting)
      const others = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 5 }, () => value(tokens.current)),
          { concurrency: 5 }
        )
      )
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
      yield* Deferred.succeed(release, undefined)
      assert.deepStrictEqual([...new Set(yield* Fiber.join(others))], ["nt_live_1"])
      assert.strictEqual(mints(engine).length, 1)
    })
  )

  it.scoped("a failed mint is everybody's failure, and the next call tries again", () =>
    Effect.gen(function* () {
      const { dataDir, engine } = yield* setUp()
      engine.state.failNext = [
        new EngineUnavailable({ operation: "POST /v1/nodes", url: "http://engine", reason: "x" }),
        new Unauthorized({
          credential: "workspace key",
          where: "POST /v1/nodes",
          status: 401,
          code: "workspace_expired"
        })
      ]
      const { tokens } = yield* start(engine, dataDir)
      const together = yield* Effect.all([tokens.current, tokens.current].map(Effect.flip), { concurrency: 2 })
      assert.deepStrictEqual(
        together.map((error) => error._tag),
        ["EngineUnavailable", "EngineUnavailable"]
      )
      assert.strictEqual((yield* Effect.flip(tokens.current))._tag, "Unauthorized")
      assert.strictEqual(yield* value(tokens.current), "nt_live_1")
    })
  )

  it.scoped("a cache of another engine is not used and not lost until a token of this one is there", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      yield* Effect.scoped(Effect.flatMap(start(engine, dataDir), ({ tokens }) => tokens.current))
      const elsewhere = makeEngine()
      elsewhere.state.minted = 100
      const { tokens } = yield* start(elsewhere, dataDir, { baseUrl: "http://other" })
      assert.strictEqual(yield* value(tokens.current), "nt_live_101")
      assert.strictEqual(onDisk(file)["base_url"], "http://other")
    })
  )

  it.scoped("a corrupt cache costs one line and a mint", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `{"token": "nt_live_se`)
      const logs = capturedLogs()
      const { tokens } = yield* start(engine, dataDir)
      assert.strictEqual(yield* value(tokens.current).pipe(Effect.provide(logs.layer)), "nt_live_1")
      assert.strictEqual(logs.warnings.length, 1)
      assert.notInclude(logs.lines.join(), "nt_live")
      assert.strictEqual(onDisk(file)["token"], "nt_live_1")
    })
  )

  it.scoped(
    "a cache that cannot be written: the token works, an alert stands, and it is stored as soon as it can be",
    () =>
      Effect.gen(function* () {
        const { dataDir, engine, file } = yield* setUp()
        writeFileSync(join(dataDir, "agent-relay"), "in the way")
        const { alerts, tokens } = yield* start(engine, dataDir)
        assert.strictEqual(yield* value(tokens.current), "nt_live_1")
        assert.strictEqual(yield* value(tokens.current), "nt_live_1")
        const [alert] = yield* alerts.list
        assert.strictEqual(alert?.code, "CacheUnwritable")
        assert.strictEqual(alert?.subject, file)
        rmSync(join(dataDir, "agent-relay"))
        assert.strictEqual(yield* value(tokens.current), "nt_live_1")
        assert.strictEqual(onDisk(file)["token"], "nt_live_1")
        assert.deepStrictEqual(yield* alerts.list, [])
        assert.strictEqual(mints(engine).length, 1)
      })
  )
})

describe("rejection", () => {
  it.scoped("the token is not shown again, proves the next mint, and is forgotten with its successor", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp({ proof: true })
      const { tokens } = yield* start(engine, dataDir)
      const first = yield* tokens.current
      yield* tokens.reject(first)
      assert.deepInclude(onDisk(file), { token: "nt_live_1", rejected: true })
      assert.strictEqual(yield* tokens.source, "none")
      assert.strictEqual(yield* tokens.nodeName, "box")
      assert.strictEqual(yield* value(tokens.current), "nt_live_2")
      assert.deepStrictEqual(mints(engine), ["mint box", "mint box nt_live_1"])
      assert.deepInclude(onDisk(file), { token: "nt_live_2" })
      assert.notProperty(onDisk(file), "rejected")
    })
  )

  it.scoped("a late rejection of an older token changes nothing", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      const { tokens } = yield* start(engine, dataDir)
      const first = yield* tokens.current
      yield* tokens.reject(first)
      yield* tokens.current
      yield* tokens.reject(first)
      yield* tokens.reject(Redacted.make("nt_live_never_ours"))
      assert.strictEqual(yield* value(tokens.current), "nt_live_2")
      assert.notProperty(onDisk(file), "rejected")
      assert.strictEqual(mints(engine).length, 2)
    })
  )

  it.scoped("it is remembered over a restart, as proof only", () =>
    Effect.gen(function* () {
      const { dataDir, engine } = yield* setUp({ proof: true })
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { tokens } = yield* start(engine, dataDir)
          yield* tokens.reject(yield* tokens.current)
        })
      )
      const { tokens } = yield* start(engine, dataDir)
      assert.strictEqual(yield* value(tokens.current), "nt_live_2")
      assert.deepStrictEqual(mints(engine), ["mint box", "mint box nt_live_1"])
    })
  )

  it.scoped("a successor that another process stored meanwhile is used instead of a mint", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      const { tokens } = yield* start(engine, dataDir)
      yield* tokens.reject(yield* tokens.current)
      writeFileSync(file, JSON.stringify({ ...onDisk(file), token: "nt_live_other", rejected: false }))
      assert.strictEqual(yield* value(tokens.current), "nt_live_other")
      assert.strictEqual(mints(engine).length, 1)
    })
  )

  it.scoped("with an unwritable cache the newest refused token is the proof, not the older one on disk", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp({ proof: true })
      const { tokens } = yield* start(engine, dataDir)
      yield* tokens.reject(yield* tokens.current)
      // the directory turns into something that cannot be written; the old file stays readable
      const old = readFileSync(file, "utf8")
      const second = yield* tokens.current
      rmSync(file)
      mkdirSync(file)
      yield* tokens.reject(second)
      rmSync(file, { recursive: true })
      writeFileSync(file, old)
      chmodSync(file, 0o600)
      assert.strictEqual(yield* value(tokens.current), "nt_live_3")
      assert.deepStrictEqual(mints(engine).at(-1), "mint box nt_live_2")
    })
  )

  it.scoped("a mark that never reached the disk counts all the same", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      const { tokens } = yield* start(engine, dataDir)
      const first = yield* tokens.current
      const unmarked = readFileSync(file, "utf8")
      yield* tokens.reject(first)
      writeFileSync(file, unmarked)
      assert.strictEqual(yield* value(tokens.current), "nt_live_2")
    })
  )

  it.scoped("an engine that wants proof we do not have: said so, with what to do", () =>
    Effect.gen(function* () {
      const { dataDir, engine } = yield* setUp({ proof: true })
      engine.nodes.set("box", { id: nodeId, token: "nt_live_lost" })
      const { tokens } = yield* start(engine, dataDir)
      const error = yield* Effect.flip(tokens.current)
      assert(error._tag === "TokenProofRequired")
      assert.strictEqual(error.proof, "missing")
    })
  )
})

describe("pinned", () => {
  it.scoped("used verbatim; nothing is read, written or minted; refused, it says so", () =>
    Effect.gen(function* () {
      const { dataDir, engine } = yield* setUp()
      const { tokens } = yield* start(engine, dataDir, { pinned: "nt_live_pinned" })
      assert.isTrue(tokens.pinned)
      assert.strictEqual(yield* tokens.source, "pinned")
      assert.strictEqual(yield* tokens.nodeName, "box")
      const token = yield* tokens.current
      assert.strictEqual(Redacted.value(token), "nt_live_pinned")
      yield* tokens.reject(Redacted.make("another"))
      assert.strictEqual(yield* value(tokens.current), "nt_live_pinned")
      yield* tokens.reject(token)
      yield* tokens.reject(token)
      const error = yield* Effect.flip(tokens.current)
      assert(error._tag === "NodeTokenRejected")
      assert.deepInclude({ ...error }, { pinned: true, rejections: 2 })
      assert.deepStrictEqual(engine.calls, [])
      assert.isFalse(existsSync(join(dataDir, "agent-relay")))
    })
  )
})

describe("node name", () => {
  it.scoped("another node's name is never minted for", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      engine.nodes.set("box", { id: theirs, token: "nt_theirs" })
      const { tokens } = yield* start(engine, dataDir)
      assert.strictEqual(yield* tokens.nodeName, "box")
      yield* tokens.current
      assert.strictEqual(yield* tokens.nodeName, "box-abcdef")
      assert.deepStrictEqual(mints(engine), ["mint box-abcdef"])
      assert.strictEqual(onDisk(file)["name"], "box-abcdef")
      assert.strictEqual(engine.nodes.get("box")?.token, "nt_theirs")
    })
  )

  it.scoped("nor when it is taken between our look and our mint", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      engine.state.before = Effect.sync(() => {
        if (!engine.nodes.has("box")) engine.nodes.set("box", { id: theirs, token: "nt_theirs" })
      })
      const { tokens } = yield* start(engine, dataDir)
      yield* tokens.current
      assert.strictEqual(yield* tokens.nodeName, "box-abcdef")
      assert.deepStrictEqual(mints(engine), ["mint box", "mint box-abcdef"])
      assert.strictEqual(onDisk(file)["token"], "nt_live_2")
    })
  )

  it.scoped("a later engine says so itself", () =>
    Effect.gen(function* () {
      const { dataDir, engine } = yield* setUp()
      engine.state.failNext = [
        new EngineRejected({ operation: "POST /v1/nodes", status: 409, code: "node_name_conflict", reason: "" })
      ]
      engine.state.before = Effect.sync(() => {
        if (!engine.nodes.has("box")) engine.nodes.set("box", { id: theirs, token: "nt_theirs" })
      })
      const { tokens } = yield* start(engine, dataDir)
      yield* tokens.current
      assert.strictEqual(yield* tokens.nodeName, "box-abcdef")
    })
  )

  it.scoped("an answer with another id than ours is never stored or used", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      const blind = engineOf({
        findNode: () => Effect.succeedNone,
        mintNode: ({ name }) => Effect.succeed({ id: theirs, name, live: true, token: Redacted.make("nt_theirs") })
      })
      const { tokens } = yield* start({ ...engine, layer: blind }, dataDir)
      const error = yield* Effect.flip(tokens.current)
      assert(error._tag === "NodeIdMismatch")
      assert.deepInclude({ ...error }, { nodeName: "box", expected: nodeId, actual: theirs })
      assert.isFalse(existsSync(file))
    })
  )

  it.scoped("a cached token keeps its name, unless another one is wished for since", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      const run = (preferred: string) =>
        Effect.scoped(
          Effect.gen(function* () {
            const { tokens } = yield* start(engine, dataDir, { preferred })
            const token = yield* value(tokens.current)
            return [token, yield* tokens.nodeName]
          })
        )
      engine.nodes.set("box", { id: theirs, token: "nt_theirs" })
      assert.deepStrictEqual(yield* run("box"), ["nt_live_1", "box-abcdef"])
      engine.nodes.delete("box")
      assert.deepStrictEqual(yield* run("box"), ["nt_live_1", "box-abcdef"])
      assert.deepStrictEqual(yield* run("new"), ["nt_live_1", "new"])
      assert.strictEqual(onDisk(file)["name"], "new")
      assert.strictEqual(mints(engine).length, 1)
    })
  )

  it.scoped("a cache without a name, and an engine that is away: the token is used all the same", () =>
    Effect.gen(function* () {
      const { dataDir, engine, file } = yield* setUp()
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify({ node_id: nodeId, workspace_id: "ws1", token: "nt_live_old" }))
      const away = engineOf({
        findNode: () => new EngineUnavailable({ operation: "GET /v1/nodes/:name", url: "http://engine", reason: "x" })
      })
      const { tokens } = yield* start({ ...engine, layer: away }, dataDir)
      assert.strictEqual(yield* value(tokens.current), "nt_live_old")
      assert.strictEqual(yield* tokens.nodeName, "box")
    })
  )
})
