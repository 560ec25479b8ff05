/** A whole broker with an engine and terminals in memory. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Actions } from "../../src/actions/Actions.ts"
import { Preflight } from "../../src/agents/Preflight.ts"
import { Subscriptions } from "../../src/agents/Subscriptions.ts"
import * as Services from "../../src/broker/Services.ts"
import { AgentName } from "../../src/domain/Ids.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { type FakeProcess, FakePty } from "../../src/testing/FakePty.ts"
import { FakeScreen } from "../../src/testing/FakeScreen.ts"
import { AgentTokens } from "../../src/tokens/AgentTokens.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import { publishedOutbound } from "../support/publishedSchemas.ts"

/** Prompts and echoes what it reads, as a terminal in cooked mode does. */
const echoing = (process: FakeProcess) =>
  process.onWrite((text) => process.emit(text.replaceAll("\r", "\r\n"))).pipe(Effect.zipRight(process.emit("> ")))

export const makeBroker = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-test-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const engine = yield* FakeEngine.make({ validateFrame: publishedOutbound })
  const ports = Layer.mergeAll(engine.httpClientLayer, engine.nodeLinkLayer, FakePty.layer, FakeScreen.layer)
  const context = yield* Layer.build(
    Services.layer({
      instanceName: "test",
      directory: home,
      dataDir: home,
      engineUrl: "http://engine.test",
      workspaceKey: Redacted.make(engine.key()),
      env: {},
      host: "rig"
    }).pipe(Layer.provideMerge(ports))
  )
  const pty = Context.get(context, FakePty)
  const actions = Context.get(context, Actions)
  yield* pty.program("program", echoing)
  yield* Context.get(context, NodeControl).awaitReady(5_000)
  yield* engine.registerAgent("alice")
  return {
    engine,
    pty,
    preflight: Context.get(context, Preflight),
    registry: Context.get(context, WorkerRegistry),
    subscriptions: Context.get(context, Subscriptions),
    tokens: Context.get(context, AgentTokens),
    spawn: (name: string) =>
      actions.spawn({
        source: "http_api",
        spec: { name: AgentName.make(name), cli: "program", args: [], channels: ["general"], cwd: "/" }
      })
  }
})

export const typed = (process: FakeProcess): string => process.writes.join("").replaceAll("\r", "\n")
