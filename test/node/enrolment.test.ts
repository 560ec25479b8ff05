/** Identity and tokens against the engine of `relay-broker/testing`, over its HTTP door: the whole path of a start. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Alerts } from "../../src/alerts/Alerts.ts"
import * as HttpEngineApi from "../../src/engine/HttpEngineApi.ts"
import { Events } from "../../src/events/Events.ts"
import { BrokerIdentity } from "../../src/identity/BrokerIdentity.ts"
import { NodeIdentity } from "../../src/identity/NodeIdentity.ts"
import { NodeTokens } from "../../src/node/NodeTokens.ts"
import { FakeEngine, type FakeEngineService } from "../../src/testing/FakeEngine.ts"
import { platform, temporaryDirectory } from "../identity/support.ts"

interface Start {
  readonly engine: FakeEngineService
  readonly root: string
  readonly directory?: string
  readonly strict?: boolean
}

/** A broker named "proj" on the host "box" starts, says who it is, and ends. */
const started = <A, E>(o: Start, use: Effect.Effect<A, E, BrokerIdentity | NodeIdentity | NodeTokens>) => {
  const directory = join(o.root, o.directory ?? "project")
  const dataDir = join(o.root, "data")
  mkdirSync(directory, { recursive: true })
  const engineApi = HttpEngineApi.layer({ baseUrl: "http://engine" }).pipe(Layer.provide(o.engine.httpClientLayer))
  const broker = BrokerIdentity.layer({
    env: { RELAY_WORKSPACE_KEY: o.engine.key() },
    name: "proj",
    directory,
    strict: o.strict ?? false
  })
  const node = NodeIdentity.layer({
    directory,
    instanceName: "proj",
    dataDir,
    pinnedToken: false,
    ephemeral: false,
    host: "box"
  })
  return use.pipe(
    Effect.provide(
      NodeTokens.layer({ dataDir }).pipe(
        Layer.provideMerge(node),
        Layer.provideMerge(broker),
        Layer.provide(engineApi),
        Layer.provide(Alerts.layer),
        Layer.provide(Events.layer),
        Layer.provide(platform)
      )
    )
  )
}

const whoAmI = Effect.gen(function* () {
  const [broker, node, tokens] = [yield* BrokerIdentity, yield* NodeIdentity, yield* NodeTokens]
  const token = yield* tokens.current
  return {
    workspaceId: broker.workspaceId,
    agent: broker.agent.name,
    nodeId: node.nodeId,
    nodeName: yield* tokens.nodeName,
    token: Redacted.value(token),
    source: yield* tokens.source
  }
})

const setUp = Effect.gen(function* () {
  const engine = yield* FakeEngine.make({ predictable: true, later: { tokenProof: true } })
  return { engine, root: yield* Effect.provide(temporaryDirectory, platform) }
})

it.scoped("a first start enrols, the next one is the same node with the same token", () =>
  Effect.gen(function* () {
    const at = yield* setUp
    const first = yield* started(at, whoAmI)
    assert.deepInclude({ ...first } as object, {
      workspaceId: at.engine.id,
      agent: "proj",
      nodeName: "box-proj",
      source: "minted"
    })
    const again = yield* started({ ...at, strict: true }, whoAmI)
    assert.deepStrictEqual(again, { ...first, source: "cache" })
  })
)

it.scoped("a refused token is replaced by proving it, over a restart too", () =>
  Effect.gen(function* () {
    const at = yield* setUp
    const first = yield* started(at, whoAmI)
    yield* started(
      at,
      Effect.flatMap(NodeTokens, (tokens) => Effect.flatMap(tokens.current, tokens.reject))
    )
    const second = yield* started(at, whoAmI)
    assert.strictEqual(second.nodeId, first.nodeId)
    assert.notStrictEqual(second.token, first.token)
    assert.strictEqual(second.source, "minted")
  })
)

it.scoped("two directories with the same instance name are two nodes, and neither takes the other's", () =>
  Effect.gen(function* () {
    const at = yield* setUp
    const first = yield* started(at, whoAmI)
    const second = yield* started({ ...at, directory: "other" }, whoAmI)
    assert.notStrictEqual(second.nodeId, first.nodeId)
    assert.strictEqual(second.nodeName, `box-proj-${second.nodeId.slice(5, 11)}`)
    assert.match(second.agent, /^proj-[0-9a-f]{8}$/)
    assert.deepStrictEqual(yield* started({ ...at, strict: true }, whoAmI), { ...first, source: "cache" })
  })
)
