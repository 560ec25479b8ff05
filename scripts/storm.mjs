// `npm run storm -- [--minutes N]`: the real program, with an empty token cache, against an engine that refuses every node
// token with 401 (docs/node-session.md). Prints when it minted and when it knocked, heals the engine, and looks whether the
// broker is well again. Exit 1: more than six mints in five minutes, or not well.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import { ensureReady, root } from "./setup.mjs"

const { values } = parseArgs({ options: { minutes: { type: "string", default: "5" } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) {
  process.stderr.write("storm: --minutes wants a number above 0\n")
  process.exit(2)
}
await ensureReady()
const { FakeEngine, startBroker } = await import("../dist/lib/testing/index.js")

const seconds = (millis) => (millis / 1000).toFixed(1).padStart(7)

const storm = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-storm-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const seen = []
  const engine = yield* FakeEngine.make({
    onEvent: (event) => {
      if (event._tag === "UpgradeRefused") seen.push({ at: event.at, what: `socket refused (HTTP ${event.status})` })
      if (event._tag === "Http" && event.method === "POST" && event.path === "/v1/nodes")
        seen.push({ at: event.at, what: "POST /v1/nodes" })
    }
  })
  engine.faults.refuseUpgrades(1e6, 401)
  const { baseUrl } = yield* engine.listen()
  const program = join(root, "dist", "relay-broker.js")
  const broker = yield* startBroker({
    program,
    home,
    engineUrl: baseUrl,
    workspaceKey: engine.key(),
    args: ["--persist"]
  })
  yield* Effect.sleep(`${minutes * 60} seconds`)
  const start = seen[0]?.at ?? 0
  let before = start
  process.stdout.write("seconds   since the last   what\n")
  for (const { at, what } of seen) {
    process.stdout.write(`${seconds(at - start)}   ${seconds(at - before)}          ${what}\n`)
    before = at
  }
  const mints = seen.filter(({ at, what }) => what.startsWith("POST") && at - start < 300_000).length
  const stormy = yield* broker.expect("GET", "/health")
  process.stdout.write(
    `mints in the first five minutes: ${mints}; health: ${stormy.status} ${stormy.alerts.join(" ")}\n`
  )

  engine.faults.heal()
  yield* broker.expect("POST", "/api/node/reconnect")
  yield* engine.awaitNode()
  yield* Effect.sleep("1 second")
  const healed = yield* broker.expect("GET", "/health")
  process.stdout.write(`healed and told to reconnect: ${healed.nodeSession}, health ${healed.status}\n`)
  return mints <= 6 && healed.status === "ok" && healed.nodeSession === "ready"
}).pipe(Effect.scoped)

process.exit((await Effect.runPromise(storm)) ? 0 : 1)
