/** The whole broker with an engine and terminals in memory; `program` is an agent that prompts and echoes what it reads. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Services from "../../src/broker/Services.ts"
import { FakeEngine } from "../../src/testing/FakeEngine.ts"
import { type FakeProcess, FakePty } from "../../src/testing/FakePty.ts"
import { FakeScreen } from "../../src/testing/FakeScreen.ts"
import { publishedOutbound } from "./publishedSchemas.ts"

/** As a terminal in cooked mode does. */
const echoing = (process: FakeProcess) =>
  process.onWrite((text) => process.emit(text.replaceAll("\r", "\r\n"))).pipe(Effect.zipRight(process.emit("> ")))

/** What the agent was typed, with Enter as a newline. */
/** As lines, each without the blank that ends a paste. */
export const typed = (process: FakeProcess): string => process.writes.join("").replace(/ ?\r/g, "\n")

interface Options {
  readonly second: boolean
  /** The second workspace refuses the broker at its start. */
  readonly late?: boolean
  readonly stored?: boolean
}

const make = Effect.fnUntraced(function* (o: Options) {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-test-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const engine = yield* FakeEngine.make({ validateFrame: publishedOutbound })
  const second = yield* engine.createWorkspace("second")
  const list = [
    { api_key: engine.key(), workspace_alias: "main" },
    { api_key: second.key(), workspace_alias: "ops" }
  ]
  if (o.late === true) {
    let registrations = 0
    const ofSecond = ({ method, path }: { readonly method: string; readonly path: string }) =>
      method === "POST" && path === "/v1/agents" && ++registrations === 2
    engine.faults.refuseHttp(ofSecond, 1, 403, "forbidden")
  }
  const storePath = join(home, "store.sqlite")
  const ports = Layer.mergeAll(engine.httpClientLayer, engine.nodeLinkLayer, FakePty.layer, FakeScreen.layer)
  const context = yield* Layer.build(
    Services.layer({
      instanceName: "test",
      directory: home,
      dataDir: home,
      ...(o.stored === true ? { storePath } : {}),
      engineUrl: "http://engine.test",
      ...(o.second ? {} : { workspaceKey: Redacted.make(engine.key()) }),
      env: o.second ? { RELAY_WORKSPACES_JSON: JSON.stringify(list) } : {},
      host: "rig"
    }).pipe(Layer.provideMerge(ports))
  )
  const pty = Context.get(context, FakePty)
  yield* pty.program("program", echoing)
  return { context, engine, pty, second, storePath }
})

export const wholeBroker = make({ second: false })

/** With a database of its own at `storePath`. */
export const wholeBrokerStored = make({ second: false, stored: true })

/** Also in the workspace `second`, called `ops`; it works in `main`. */
export const wholeBrokerInTwo = make({ second: true })

/** As in two, but `ops` lets it in only later. */
export const wholeBrokerInTwoLater = make({ second: true, late: true })
