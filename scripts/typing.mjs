// `npm run typing -- [--rounds N]`: how long a message takes from the API to the agent's terminal while the node session is
// quiet, and while it reconnects without end (refused tokens, so that it mints too), or is flooded with frames. The three take turns,
// so that a busy machine is busy for all of them; and so do eight agents, so that no message waits for the one before. Exit 1: the 99th percentile is more than 1.5 times the quiet one.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { ensureReady, root } from "./setup.mjs"

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } })
const rounds = Number(values.rounds)
await ensureReady()
const { FakeEngine, startBroker } = await import("../dist/lib/testing/index.js")

const perTurn = 60
const agents = 8
const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]

const measure = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-typing-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const engine = yield* FakeEngine.make({})
  const { baseUrl } = yield* engine.listen()
  const program = join(root, "dist", "relay-broker.js")
  const broker = yield* startBroker({
    program,
    home,
    engineUrl: baseUrl,
    workspaceKey: engine.key(),
    args: ["--persist"]
  })
  const { name: node } = yield* engine.awaitNode()
  const files = Array.from({ length: agents }, (_, n) => join(home, `w${n}.jsonl`))
  for (const [n, file] of files.entries()) {
    const args = [join(root, "fixtures", "programs", "recorder.mjs"), file, "--prompt"]
    yield* broker.expect("POST", "/api/spawn", { name: `w${n}`, cli: process.execPath, args, channels: [] })
  }
  yield* Effect.sleep("2 seconds")

  const sentAt = new Map()
  const readAt = () => {
    const found = new Map()
    const lines = files.flatMap((file) => (existsSync(file) ? readFileSync(file, "utf8").split("\n") : []))
    for (const line of lines) {
      if (line === "") continue
      const { atMillis, data } = JSON.parse(line)
      for (const [, id] of data.matchAll(/<<(\w+)>>/g)) if (!found.has(id)) found.set(id, atMillis)
    }
    return found
  }
  const reconnecting = Effect.gen(function* () {
    engine.faults.refuseUpgrades(1e6, 401)
    engine.faults.dropSockets()
    yield* broker.expect("POST", "/api/node/reconnect").pipe(Effect.delay("100 millis"), Effect.forever)
  })
  const flooded = engine
    .sendRaw(node, {
      v: 1,
      type: "context.update",
      topic: "presence",
      event: "agent.status.idle",
      data: { x: "y".repeat(500) }
    })
    .pipe(Effect.replicateEffect(100), Effect.delay("20 millis"), Effect.forever)
  const turns = { quiet: Effect.never, reconnecting, flooded }

  for (let round = 0; round < rounds; round++) {
    for (const [turn, disturbance] of Object.entries(turns)) {
      const fiber = yield* Effect.fork(disturbance)
      yield* Effect.sleep("200 millis")
      for (let n = 0; n < perTurn; n++) {
        const id = `${turn}x${round}x${n}`
        sentAt.set(id, Date.now())
        yield* broker.expect("POST", "/api/send", { to: `w${n % agents}`, from: "tester", text: `<<${id}>>` })
        yield* Effect.sleep("100 millis")
      }
      yield* Effect.sleep("600 millis")
      yield* Fiber.interrupt(fiber)
      engine.faults.heal()
      yield* broker.expect("POST", "/api/node/reconnect")
      yield* Effect.sleep("1 second")
    }
  }
  yield* Effect.sleep("2 seconds")
  const read = readAt()
  const result = {}
  for (const turn of Object.keys(turns)) {
    const delays = [...sentAt].flatMap(([id, at]) => (id.startsWith(turn) && read.has(id) ? [read.get(id) - at] : []))
    delays.sort((a, b) => a - b)
    result[turn] = { n: delays.length, p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) }
    const { n, p50, p99 } = result[turn]
    process.stdout.write(`${turn.padEnd(14)} ${n} messages  p50 ${p50.toFixed(1)} ms  p99 ${p99.toFixed(1)} ms\n`)
  }
  const mints = engine.observations.httpRequests.filter((r) => r.method === "POST" && r.path === "/v1/nodes").length
  process.stdout.write(`${mints} mints, ${engine.observations.upgradeRefusals.length} refused sockets meanwhile\n`)
  const whole = Object.values(result).every(({ n }) => n === rounds * perTurn)
  const bounded = Math.max(result.reconnecting.p99, result.flooded.p99) <= 1.5 * result.quiet.p99
  return whole && bounded
}).pipe(Effect.scoped)

process.exit((await Effect.runPromise(measure)) ? 0 : 1)
