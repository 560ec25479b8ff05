/** What docs/security.md says of sockets and files, on the real program with the limits it has in use. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { BrokerProcess } from "../../src/testing/BrokerProcess.ts"
import { openSocket, untilClosed } from "../api/plainHttp.ts"
import { until } from "../support/until.ts"
import { eventually, makeWorld } from "./rig.ts"

const filesIn = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Milliseconds until the broker closes it. */
const closesAfter = (broker: BrokerProcess, sent: string) =>
  Effect.gen(function* () {
    const from = performance.now()
    yield* untilClosed(yield* openSocket(broker.url, sent))
    return performance.now() - from
  })

describe("docs/security.md, the real program", () => {
  it.scopedLive("S16 a connection without its headers ends after 10 s, one without its body after 30 s", () =>
    Effect.gen(function* () {
      const { broker } = yield* makeWorld()
      const body = `POST /api/send HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${broker.apiKey}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"to":`
      const [silent = 0, headers = 0, unfinished = 0] = yield* Effect.all(
        [
          closesAfter(broker, ""),
          closesAfter(broker, "GET /health HTTP/1.1\r\nHost: localhost\r\nX: "),
          closesAfter(broker, body)
        ],
        { concurrency: "unbounded" }
      )
      // they are looked at every 2 s
      for (const millis of [silent, headers]) assert.isTrue(millis >= 9_500 && millis < 16_000, `${millis} ms`)
      assert.isTrue(unfinished >= 29_500 && unfinished < 38_000, `${unfinished} ms`)
      yield* broker.expect("GET", "/health")
    })
  )

  it.scopedLive("S17 beyond 4,096 connections new ones are dropped, and those that are open go on", () =>
    Effect.gen(function* () {
      const { broker, recorder } = yield* makeWorld()
      const events = yield* broker.events()
      const { hostname, port } = new URL(broker.url)
      const sockets: Array<Socket> = []
      let dropped = 0
      yield* Effect.addFinalizer(() => Effect.sync(() => sockets.forEach((socket) => void socket.destroy())))
      const open = Effect.async<void>((resume) => {
        const socket = connect(Number(port), hostname)
        sockets.push(socket)
        socket.on("connect", () => resume(Effect.void))
        socket.on("error", () => resume(Effect.void))
        socket.on("close", () => {
          dropped += 1
        })
      })
      const more = (count: number) => Effect.replicateEffect(open, count, { concurrency: 64, discard: true })
      yield* more(4_000)
      // Those before it were taken first.
      yield* broker.expect("GET", "/health")
      assert.strictEqual(dropped, 0)
      yield* more(200)
      yield* eventually(
        () => 4_200 - dropped <= 4_096,
        () => `${4_200 - dropped} are open`
      )
      assert.isAbove(4_200 - dropped, 4_000)
      // the event stream was there before
      for (const socket of sockets) socket.destroy()
      yield* until(() => Effect.isSuccess(broker.expect("GET", "/health")))
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w1"))
      const kinds: Array<string> = []
      while (!kinds.includes("agent_spawned")) kinds.push((yield* events.take).kind)
    })
  )

  it.scopedLive("S20 S21 every file is its user's only, and none has a place that an agent's name chose", () =>
    Effect.gen(function* () {
      const { broker, engine, home, recorder } = yield* makeWorld({ args: ["--persist"] })
      const { stateDir } = broker
      writeFileSync(join(stateDir, "bait.json"), JSON.stringify({ agent_name: "bait", summary: "the bait" }))
      const outside = filesIn(home).length
      for (const name of ["../evil", "..\\evil", "a/../../evil", "/evil", "%2e%2e%2fevil"]) {
        const spec = { ...recorder.spec("x"), name, task: "go on", continueFrom: "../bait" }
        yield* broker.call("POST", "/api/spawn", spec)
        for (const route of ["snapshot", "pending"]) {
          yield* broker.call("GET", `/api/spawned/${encodeURIComponent(name)}/${route}`)
        }
      }
      assert.isAtLeast(outside, 1)
      const saving = "KIND: continuity\nACTION: save\n\nhalf of it\n\n"
      const print = `process.stdout.write(${JSON.stringify(saving)}); setInterval(() => {}, 1000)`
      yield* broker.expect("POST", "/api/spawn", { name: "w1", cli: process.execPath, args: ["-e", print] })
      yield* broker.expect("POST", "/api/spawn", recorder.spec("w2"))
      yield* engine.send({ from: "alice", to: "w2", text: "hello" })
      yield* engine.awaitAck("w2", 1)
      const continuity = yield* eventually(
        () => filesIn(home).find((path) => path.endsWith(join("continuity", "w1.json"))),
        "continuity of w1"
      )
      assert.include(readFileSync(continuity, "utf8"), "half of it")

      const all = filesIn(home)
      const places = new Set(["continuity", "team/worker-logs"].map((each) => join(stateDir, each)))
      for (const path of all.filter((each) => each.includes("evil"))) {
        assert.isTrue(
          [...places].some((place) => path.startsWith(`${place}/`)),
          path
        )
      }
      yield* eventually(() => recorder.text("x").includes("go on"), "the task of an agent with such a name")
      assert.isFalse(recorder.text("x").includes("the bait"))
      const own = all.filter((path) => !path.endsWith(".jsonl") && !path.endsWith("bait.json"))
      for (const part of ["connection.json", "store-", "node-tokens", "identities", "continuity", "worker-logs"]) {
        assert.isTrue(
          own.some((path) => path.includes(part)),
          `no ${part} among ${own.join(", ")}`
        )
      }
      assert.deepStrictEqual(
        own.filter((path) => (statSync(path).mode & 0o077) !== 0),
        []
      )
    })
  )
})
