/**
 * `npm start`: the main job on real parts, with no account and no other server. An engine of ours on loopback, the real
 * broker process against it over a real socket, two programs in real terminals, a direct and a channel message.
 * `--once` ends after the round trip.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import { startBroker } from "../src/testing/BrokerProcess.ts"
import type { EngineEvent } from "../src/testing/engine/Observations.ts"
import { FakeEngine } from "../src/testing/FakeEngine.ts"
import { follow } from "./demo/EventFeed.ts"
import { makePrinter, type Print } from "./demo/Printer.ts"

class DemoFailed extends Data.TaggedError("DemoFailed")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const program = `"${process.execPath}" "${join(root, "fixtures", "programs", "demo-agent.mjs")}"`
/** Generous: a loaded machine is not a failure. */
const roundTripMillis = 60_000

/** The steps that only the engine sees. */
const engineSteps =
  (print: Print) =>
  (event: EngineEvent): void => {
    if (event._tag === "Http" && event.method === "POST" && event.path === "/v1/nodes") {
      print("minted", `a node token (HTTP ${event.status})`)
    }
    if (event._tag === "FrameIn" && event.frame?.type === "node.register")
      print("registered", `node ${event.frame.name}`)
    if (event._tag === "Ack" && event.applied)
      print("acked", `everything for ${event.agent} up to seq ${event.upToSeq}`)
  }

const roundTrip = Effect.gen(function* () {
  const started = Date.now()
  const print = makePrinter(started)
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-demo-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const engine = yield* FakeEngine.make({ workspace: "demo", onEvent: engineSteps(print) })
  const { baseUrl } = yield* engine.listen()
  print("engine", `a local one, on ${baseUrl}`)

  const broker = yield* startBroker({
    program: join(root, "dist", "relay-broker.js"),
    home,
    engineUrl: baseUrl,
    workspaceKey: engine.key(),
    args: ["--persist"]
  })
  print("broker", `API on ${broker.url} (pid ${broker.pid})`)
  yield* follow(broker, print)
  yield* engine.awaitNode()

  for (const name of ["ada", "bob"]) {
    yield* broker.expect("POST", "/api/spawn", { name, cli: program, channels: ["general"] })
  }
  const you = yield* engine.registerAgent("you", { type: "human" })
  const direct = yield* engine.send({ from: you.name, to: "ada", text: "hello ada, this is for you alone" })
  print("sent", `${direct.messageId}: a direct message from you to ada`)
  const posted = yield* engine.post({ from: you.name, channel: "general", text: "hello everyone" })
  print("sent", `${posted.messageId}: a message from you to #general`)
  yield* Effect.all([engine.awaitAck("ada", 2), engine.awaitAck("bob", 1)], { concurrency: "unbounded" })

  const [refused] = engine.observations.rejectedFrames
  if (refused !== undefined) {
    return yield* new DemoFailed({ reason: `the engine refused a frame of the broker: ${refused.rejection}` })
  }
  print("done", `2 agents, 2 messages, 3 deliveries typed, submitted and acked in ${Date.now() - started} ms`)
  return { broker, home, print }
}).pipe(
  Effect.timeoutFail({
    duration: roundTripMillis,
    onTimeout: () => new DemoFailed({ reason: `the round trip was not done within ${roundTripMillis / 1_000} s` })
  })
)

const stayUp = ({ broker, home, print }: Effect.Effect.Success<typeof roundTrip>) => {
  const cli = `node ${join(root, "dist", "relay-broker.js")}`
  print("live", "this feed goes on until Ctrl-C; from another terminal, for example:")
  process.stdout.write(`\n    cd ${home}\n    ${cli} agents\n    ${cli} send ada "are you there?"\n\n`)
  return Effect.flatMap(broker.exited, ({ code, signal }) =>
    Effect.fail(new DemoFailed({ reason: `the broker ended with ${signal ?? `exit code ${code}`}` }))
  )
}

const unknown = process.argv.slice(2).find((word) => word !== "--once")
if (unknown !== undefined) {
  process.stderr.write(`npm start: unknown argument ${unknown}; only --once is known\n`)
  process.exit(2)
}
const once = process.argv.includes("--once")

const interrupted = Effect.runSync(Deferred.make<void>())
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => Deferred.unsafeDone(interrupted, Effect.void))
}

const job = once ? Effect.asVoid(roundTrip) : Effect.flatMap(roundTrip, stayUp)
const exit = await Effect.runPromiseExit(
  Effect.raceFirst(job, Deferred.await(interrupted)).pipe(
    Effect.scoped,
    Effect.provide(Logger.remove(Logger.defaultLogger))
  )
)
if (Exit.isFailure(exit)) {
  const [error] = [...Cause.failures(exit.cause)]
  process.stderr.write(`npm start: ${error === undefined ? Cause.pretty(exit.cause) : error.message}\n`)
}
process.exit(Exit.isSuccess(exit) ? 0 : 1)
