/** `@agent-relay/harness-driver` 9.1.6, unmodified, drives the real program. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { eventually } from "../e2e/rig.ts"
import { BrokerDriver, type BrokerEvent, HarnessDriverClient } from "./published.ts"
import { connectionIn, environmentOf, eventOf, makeClientWorld, ours, promise, spawnClient } from "./rig.ts"

const world = makeClientWorld(ours)

describe("HarnessDriverClient", () => {
  it.scopedLive("starts the program, reads the session, and ends it", () =>
    Effect.gen(function* () {
      const { client, home } = yield* world
      const session = yield* promise(() => client.getSession())
      assert.strictEqual(session.protocol_version, 2)
      assert.strictEqual(session.mode, "ephemeral")
      assert.strictEqual(client.workspaceKey, session.workspace_key)
      const exits: Array<number | null> = []
      client.onBrokerExit(({ code }) => void exits.push(code))
      yield* promise(() => client.shutdown())
      assert.deepStrictEqual(exits, [0])
      assert.isFalse(existsSync(join(home, "state", "connection.json")), "connection.json is gone")
    })
  )

  it.scopedLive("connects through connection.json to a broker that another process started", () =>
    Effect.gen(function* () {
      const { client, home } = yield* world
      const connectionPath = join(home, "state", "connection.json")
      const other = HarnessDriverClient.connect({ connectionPath })
      assert.strictEqual(other.baseUrl, client.baseUrl)
      assert.deepStrictEqual(yield* promise(() => other.listAgents()), [])
      assert.strictEqual(connectionIn(join(home, "state")).pid, client.brokerPid)
      yield* promise(() => other.shutdown())
      assert.strictEqual((yield* promise(() => client.healthCheck())).service, "agent-relay-listen")
    })
  )

  it.scopedLive("hooks around spawn and release see and change what is asked for", () =>
    Effect.gen(function* () {
      const { client, recorder } = yield* world
      const seen: Array<string> = []
      client.addListener("beforeAgentSpawn", () => ({ channels: ["patched"] }))
      client.addListener("afterAgentSpawn", ({ result }) => void seen.push(`spawned ${result?.name}`))
      client.addListener("afterAgentRelease", ({ name }) => void seen.push(`released ${name}`))
      const { args, cli } = recorder.spec("w1")
      yield* promise(() => client.spawnPty({ name: "w1", cli, args: [...args] }))
      assert.deepStrictEqual(
        (yield* promise(() => client.listAgents())).map(({ channels, name }) => ({ channels, name })),
        [{ channels: ["patched"], name: "w1" }]
      )
      yield* promise(() => client.release("w1"))
      assert.deepStrictEqual(seen, ["spawned w1", "released w1"])
    })
  )

  it.scopedLive("the driver facade spawns, tells the status, and releases", () =>
    Effect.gen(function* () {
      const { client, recorder } = yield* world
      const driver = new BrokerDriver({ client })
      const { args, cli } = recorder.spec("w1")
      const runtime = yield* promise(() => driver.spawn({ name: "w1", cli, args: [...args] }))
      assert.strictEqual(runtime.agent.name, "w1")
      assert.isDefined(yield* promise(() => driver.status("w1")))
      yield* promise(() => driver.release("w1"))
      assert.deepStrictEqual(yield* promise(() => client.listAgents()), [])
    })
  )
})

describe("SpawnedAgentHandle", () => {
  const node = (script: string) => ({ cli: process.execPath, args: ["-e", script] })

  it.scopedLive("tells how the program ended", () =>
    Effect.gen(function* () {
      const { client } = yield* world
      const handle = yield* promise(() =>
        client.spawnPty({ name: "w1", ...node("setTimeout(() => process.exit(7), 700)") })
      )
      const exit = yield* promise(() => handle.waitForExit(10_000))
      assert.strictEqual(exit.reason, "exited")
      yield* eventOf(client, "agent_exited", "w1")
      assert.strictEqual(handle.exitCode, 7)
    })
  )

  it.scopedLive("tells when the program is idle", () =>
    Effect.gen(function* () {
      const { client } = yield* world
      const handle = yield* promise(() =>
        client.spawnPty({ name: "w1", ...node("console.log('> '); setInterval(() => {}, 1000)"), idleThresholdSecs: 1 })
      )
      const idle = yield* promise(() => handle.waitForIdle(15_000))
      assert.strictEqual(idle.reason, "idle")
      assert.isAtLeast(idle.idleSecs ?? 0, 1)
    })
  )

  it.scopedLive("hands over the result that the agent posted", () =>
    Effect.gen(function* () {
      const { client } = yield* world
      const script = `setTimeout(() => fetch(process.env.AGENT_RELAY_RESULT_URL, { method: "POST",
        headers: { "content-type": "application/json", "x-agent-result-token": process.env.AGENT_RELAY_RESULT_TOKEN },
        body: JSON.stringify({ data: { answer: 42 }, metadata: { turns: 1 } }) }).then((r) => console.log(r.status)), 600)
        setInterval(() => {}, 1000)`
      const handle = yield* promise(() =>
        client.spawnPty({
          name: "w1",
          ...node(script),
          agentResultSchema: { type: "object", properties: { answer: { type: "number" } } }
        })
      )
      const result = yield* promise(() => handle.waitForResult<{ answer: number }>(15_000))
      assert.strictEqual(result.reason, "result")
      assert.deepStrictEqual(result.data, { answer: 42 })
      assert.strictEqual(result.final, true)
      assert.deepStrictEqual(result.metadata, { turns: 1 })
    })
  )
})

describe("terminal and messages", () => {
  const withRecorder = Effect.gen(function* () {
    const all = yield* world
    const { args, cli } = all.recorder.spec("w1")
    yield* promise(() => all.client.spawnPty({ name: "w1", cli, args: [...args], channels: ["general"] }))
    yield* eventOf(all.client, "worker_ready", "w1")
    return all
  })

  it.scopedLive("the input stream acknowledges every input, in order", () =>
    Effect.gen(function* () {
      const { client, recorder } = yield* withRecorder
      const stream = client.openInputStream("w1")
      yield* promise(() => stream.waitUntilOpen())
      const inputs = Array.from({ length: 50 }, (_, index) => `${index};`)
      const acks = yield* promise(() => Promise.all(inputs.map((data) => stream.send(data))))
      assert.deepStrictEqual(
        acks.map(({ bytes_written }) => bytes_written),
        inputs.map(({ length }) => length)
      )
      yield* eventually(() => recorder.text("w1").includes(inputs.join("")), "all of them in order")
      stream.close()
    })
  )

  it.scopedLive("an input stream to nobody is refused with the reason", () =>
    Effect.gen(function* () {
      const { client } = yield* world
      const stream = client.openInputStream("ghost")
      const error = yield* promise(() =>
        stream.waitUntilOpen().then(
          () => undefined,
          (reason: { code?: string }) => reason
        )
      )
      assert.strictEqual(error?.code, "agent_not_found")
    })
  )

  it.scopedLive("output comes as worker_stream; snapshots show what the terminal shows", () =>
    Effect.gen(function* () {
      const { client } = yield* withRecorder
      yield* promise(() => client.resizePty("w1", 20, 60))
      yield* eventually(
        () => client.queryEvents({ kind: "worker_stream", name: "w1" }).length > 0 || true,
        "worker_stream"
      )
      const plain = yield* promise(() => client.snapshot("w1", "plain"))
      assert.deepStrictEqual([plain.rows, plain.cols], [20, 60])
      assert.strictEqual(plain.screen.split("\n").length, 21)
      const ansi = yield* promise(() => client.snapshot("w1", "ansi"))
      assert.match(Buffer.from(ansi.screen, "base64").toString(), /\x1b\[/)
    })
  )

  it.scopedLive("manual_flush holds what the engine and the API send, unacked, until it is flushed", () =>
    Effect.gen(function* () {
      const { client, engine, recorder } = yield* withRecorder
      yield* promise(() => client.setInboundDeliveryMode("w1", "manual_flush"))
      yield* engine.send({ from: "alice", to: "w1", text: "from the engine" })
      yield* promise(() => client.sendMessage({ to: "w1", text: "from the API", from: "lead" }))
      const getPending = promise(() => client.getPending("w1"))
      yield* getPending.pipe(
        Effect.repeat({ until: (held) => held.length === 2, schedule: Schedule.spaced("20 millis") })
      )
      const pending = yield* getPending
      assert.deepStrictEqual(pending.map(({ body }) => body).sort(), ["from the API", "from the engine"])
      assert.notInclude(recorder.text("w1"), "from the engine")
      assert.isFalse(engine.observations.acks.some(({ upToSeq }) => upToSeq >= 1))
      assert.deepStrictEqual(yield* promise(() => client.flushPending("w1")), { flushed: 2 })
      yield* engine.awaitAck("w1", 1)
      yield* eventually(() => recorder.text("w1").includes("from the API"), "the flushed ones")
      assert.deepStrictEqual(yield* promise(() => client.getPending("w1")), [])
    })
  )

  it.scopedLive("a message to a local agent: the whole chain of events, in order", () =>
    Effect.gen(function* () {
      const { client, events } = yield* withRecorder
      const { event_id } = yield* promise(() => client.sendMessage({ to: "w1", text: "hello", from: "lead" }))
      yield* eventOf(client, "delivery_verified", "w1")
      const kinds = events
        .filter((event: BrokerEvent) => "event_id" in event && event.event_id === event_id)
        .map(({ kind }) => kind)
      for (const kind of ["relay_inbound", "delivery_queued", "delivery_injected", "delivery_ack", "delivery_verified"])
        assert.include(kinds, kind)
      assert.isBelow(kinds.indexOf("delivery_injected"), kinds.indexOf("delivery_ack"))
      assert.notInclude(kinds, "delivery_retry")
    })
  )
})

describe("a broker that is started again", () => {
  it.scopedLive("tells a client with a number of the former run that it may have missed something", () =>
    Effect.gen(function* () {
      const { baseUrl, client, engine, events, home } = yield* world
      yield* promise(() => client.spawnPty({ name: "w1", cli: "cat" }))
      yield* eventOf(client, "worker_ready", "w1")
      const last = Math.max(...events.map((event) => ("seq" in event ? Number(event.seq) : 0)))
      yield* promise(() => client.shutdown())
      const again = yield* spawnClient(ours, {
        cwd: home,
        env: environmentOf(home, baseUrl, engine.key()),
        binaryArgs: { stateDir: join(home, "state") }
      })
      again.client.disconnectEvents()
      again.client.connectEvents(last + 1_000)
      yield* eventOf(again.client, "replay_gap")
    })
  )
})
