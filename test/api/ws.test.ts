import { request as httpRequest } from "node:http"
import { connect as netConnect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { AgentName } from "../../src/domain/Ids.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { MemoryStore } from "../../src/store/MemoryStore.ts"
import { apiKey, makeRig } from "./rig.ts"

const name = AgentName.make("w1")
const exited = (reason: string): BrokerEvent => ({ kind: "agent_exit", name, reason })
const chunk = (text: string): BrokerEvent => ({
  kind: "worker_stream",
  name,
  stream: "stdout",
  chunk: text,
  position: 0
})

const seqs = (frames: ReadonlyArray<Record<string, unknown>>) =>
  frames.filter((frame) => frame["kind"] !== "replay_gap").flatMap((frame) => frame["seq"] ?? [])

interface Replayed {
  readonly events: ReadonlyArray<{ readonly seq: number }>
  readonly gap: boolean
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** An upgrade that is refused: its status, type and body. */
const refusedUpgrade = (url: string, path: string, headers: Record<string, string>) =>
  Effect.async<{ status: number | undefined; type: string | undefined; body: string }>((resume) => {
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" }
    const request = httpRequest(url + path, {
      headers: { ...upgrade, "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", ...headers }
    })
    request.on("upgrade", (_response, socket) => {
      socket.destroy()
      resume(Effect.die("upgraded"))
    })
    request.on("response", (response) => {
      let body = ""
      response.on("data", (data) => {
        body += data
      })
      response.on("end", () =>
        resume(Effect.succeed({ status: response.statusCode, type: response.headers["content-type"], body }))
      )
    })
    request.on("error", (error) => resume(Effect.die(error)))
    request.end()
  })

describe("GET /ws", () => {
  it.scopedLive("sends live events, numbered from 1; terminal output without a number", () =>
    Effect.gen(function* () {
      const { events, socket } = yield* makeRig()
      const client = yield* socket("/ws?sinceSeq=0")
      yield* events.publish(exited("a"))
      yield* events.publish(chunk("x"))
      yield* events.publish(exited("b"))
      yield* client.until((frames) => frames.length === 3)
      assert.deepStrictEqual(client.frames, [
        { kind: "agent_exit", name: "w1", reason: "a", seq: 1 },
        { kind: "worker_stream", name: "w1", stream: "stdout", chunk: "x", position: 0 },
        { kind: "agent_exit", name: "w1", reason: "b", seq: 2 }
      ])
    })
  )

  it.scopedLive("texts of every length of a frame arrive whole, together and one by one", () =>
    Effect.gen(function* () {
      const { events, socket } = yield* makeRig()
      const client = yield* socket("/ws?sinceSeq=0")
      yield* events.publish(chunk(""))
      yield* client.until((frames) => frames.length === 1)
      const around = JSON.stringify(client.frames[0]).length
      const sizes = [125, 126, 127, 65_535, 65_536, 65_537].map((size) => size - around)
      const texts = sizes.map((size) => `${"é".repeat(10)}${"x".repeat(size - 20)}`)
      for (const text of texts) yield* events.publish(chunk(text))
      yield* client.until((frames) => frames.length === 1 + texts.length)
      for (const [index, text] of texts.entries()) {
        yield* events.publish(chunk(text))
        yield* client.until((frames) => frames.length === 2 + texts.length + index)
      }
      assert.deepStrictEqual(
        client.frames.map((frame) => frame["chunk"]),
        ["", ...texts, ...texts]
      )
    })
  )

  it.scopedLive("replays exactly what was missed, without a gap that is none", () =>
    Effect.gen(function* () {
      const { events, socket } = yield* makeRig()
      for (const i of range(1, 5)) yield* events.publish(exited(String(i)))
      yield* events.publish(chunk("not kept"))
      const fresh = yield* socket("/ws?sinceSeq=0")
      const late = yield* socket("/ws?since_seq=3")
      yield* events.publish(exited("6"))
      yield* fresh.until((frames) => frames.length >= 6)
      yield* late.until((frames) => frames.length >= 3)
      assert.deepStrictEqual(
        fresh.frames.map((frame) => frame["seq"]),
        range(1, 6)
      )
      assert.deepStrictEqual(
        late.frames.map((frame) => frame["seq"]),
        range(4, 6)
      )
    })
  )

  it.scopedLive("says so when entries are lost, or the number is of an earlier run", () =>
    Effect.gen(function* () {
      const { ask, events, socket } = yield* makeRig()
      for (const i of range(1, 1010)) yield* events.publish(exited(String(i)))
      const { event_epoch: epoch } = (yield* ask("GET", "/api/session")).body as { event_epoch: string }
      const old = yield* socket("/ws?sinceSeq=5")
      yield* old.until((frames) => frames.length === 1001)
      assert.deepStrictEqual(old.frames[0], {
        kind: "replay_gap",
        requestedSinceSeq: 5,
        oldestAvailable: 11,
        seq: 1010,
        epoch
      })
      assert.deepStrictEqual(seqs(old.frames), range(11, 1010))
      const foreign = yield* socket("/ws?sinceSeq=5000")
      yield* foreign.until((frames) => frames.length === 1001)
      assert.strictEqual(foreign.frames[0]?.["requestedSinceSeq"], 5000)
      assert.deepStrictEqual(seqs(foreign.frames), range(11, 1010))
      const replay = (yield* ask("GET", "/api/events/replay?sinceSeq=5")).body as { events: Array<{ seq: number }> }
      assert.deepStrictEqual({ ...replay, events: replay.events.map(({ seq }) => seq) }, {
        events: range(11, 1010),
        gap: true,
        oldestAvailable: 11,
        epoch
      } as never)
      const end = (yield* ask("GET", "/api/events/replay?since_seq=1009")).body
      assert.deepStrictEqual(end, {
        events: [{ kind: "agent_exit", name: "w1", reason: "1010", seq: 1010 }],
        gap: false,
        oldestAvailable: 1009,
        epoch
      })
      assert.deepStrictEqual((yield* ask("GET", "/api/events/replay?sinceSeq=1010")).body, {
        events: [],
        gap: false,
        oldestAvailable: 1010,
        epoch
      })
    })
  )

  it.scopedLive("knows numbers of another run by their epoch, where the client tells it", () =>
    Effect.gen(function* () {
      const { ask, events, socket } = yield* makeRig()
      for (const i of range(1, 5)) yield* events.publish(exited(String(i)))
      const { event_epoch: epoch } = (yield* ask("GET", "/api/session")).body as { event_epoch: string }
      const other = yield* socket("/ws?sinceSeq=3&epoch=of-another-run")
      const same = yield* socket(`/ws?sinceSeq=3&epoch=${epoch}`)
      const fresh = yield* socket("/ws?sinceSeq=0&epoch=of-another-run")
      yield* other.until((frames) => frames.length === 6)
      yield* same.until((frames) => frames.length === 2)
      yield* fresh.until((frames) => frames.length === 5)
      assert.include(other.frames[0], { kind: "replay_gap", requestedSinceSeq: 3, oldestAvailable: 1, epoch })
      assert.deepStrictEqual(seqs(other.frames), range(1, 5))
      assert.deepStrictEqual(seqs(same.frames), [4, 5])
      assert.deepStrictEqual(seqs(fresh.frames), range(1, 5))
      const replay = (yield* ask("GET", "/api/events/replay?sinceSeq=3&epoch=x")).body
      assert.include(replay as object, { gap: true, oldestAvailable: 1 })
    })
  )

  it.scopedLive(
    "hands out what comes in one turn whole and in order, however much it is, and terminal output in its place",
    () =>
      Effect.gen(function* () {
        const { events, socket } = yield* makeRig()
        const first = yield* socket("/ws")
        const second = yield* socket("/ws")
        const count = 3_000
        for (const n of range(1, count)) {
          yield* events.publish(exited(String(n)))
          if (n % 3 === 0) yield* events.publish(chunk(String(n)))
        }
        for (const client of [first, second]) {
          yield* client.until((frames) => frames.length === count + count / 3)
          assert.deepStrictEqual(seqs(client.frames), range(1, count))
          const misplaced = client.frames.filter(
            (frame, i) => frame["kind"] === "worker_stream" && frame["chunk"] !== client.frames[i - 1]?.["reason"]
          )
          assert.deepStrictEqual(misplaced, [])
          assert.isFalse(client.frames.some((frame) => frame["kind"] === "replay_gap"))
        }
      })
  )

  it.scopedLive("gives a client that comes while something waits to be handed out nothing twice", () =>
    Effect.gen(function* () {
      const { events, socket } = yield* makeRig()
      const early = yield* socket("/ws")
      const publishing = Effect.forEach(range(1, 200), (n) =>
        Effect.zipRight(events.publish(exited(String(n))), n % 7 === 0 ? Effect.sleep(1) : Effect.void)
      )
      const [, late] = yield* Effect.all([publishing, Effect.replicateEffect(socket("/ws"), 10)], { concurrency: 2 })
      for (const client of [early, ...late]) {
        yield* client.until((frames) => frames.length >= 200)
        assert.deepStrictEqual(seqs(client.frames), range(1, 200))
      }
    })
  )

  describe("over a restart, for a client that tells no epoch", () => {
    const publish = ({ events }: Effect.Effect.Success<ReturnType<typeof makeRig>>, from: number, to: number) =>
      Effect.forEach(range(from, to), (n) => events.publish(exited(String(n))), { discard: true })
    const isNotice = (frame: Record<string, unknown>) => frame["kind"] === "replay_gap"

    it.scopedLive(
      "numbers go on: whoever had seen all is told of no gap, whoever had not is, however far this run is",
      () =>
        Effect.gen(function* () {
          const store = MemoryStore.make()
          yield* Effect.scoped(Effect.flatMap(makeRig({ store }), (rig) => publish(rig, 1, 8)))
          const rig = yield* makeRig({ store })
          yield* publish(rig, 9, 20)
          const upToDate = yield* rig.socket("/ws?sinceSeq=8")
          const behind = yield* rig.socket("/ws?sinceSeq=5")
          const fresh = yield* rig.socket("/ws")
          const ahead = yield* rig.socket("/ws?sinceSeq=21")
          for (const client of [upToDate, behind, fresh, ahead])
            yield* client.until((frames) => seqs(frames).includes(20))
          for (const client of [upToDate, behind, fresh, ahead])
            assert.deepStrictEqual(seqs(client.frames), range(9, 20))
          for (const client of [upToDate, fresh]) assert.isFalse(client.frames.some(isNotice))
          assert.include(behind.frames[0], { kind: "replay_gap", requestedSinceSeq: 5, oldestAvailable: 9 })
          assert.include(ahead.frames[0], { kind: "replay_gap", requestedSinceSeq: 21, oldestAvailable: 9 })
          const replay = (sinceSeq: number) =>
            Effect.map(rig.ask("GET", `/api/events/replay?sinceSeq=${sinceSeq}`), ({ body }) => body as Replayed)
          assert.deepStrictEqual(
            (yield* Effect.forEach([0, 7, 8, 9, 20, 21], replay)).map(({ gap }) => gap),
            [false, true, false, false, false, true]
          )
        })
    )

    it.scopedLive("a run that crashed gave out numbers that none after it gives again", () =>
      Effect.gen(function* () {
        const store = MemoryStore.make()
        // still there when the next one begins: it had no time to say how far it came
        const crashed = yield* makeRig({ store })
        yield* publish(crashed, 1, 8)
        const rig = yield* makeRig({ store })
        yield* publish(rig, 1, 12)
        const behind = yield* rig.socket("/ws?sinceSeq=8")
        yield* behind.until((frames) => frames.length === 13)
        assert.include(behind.frames[0], { kind: "replay_gap", requestedSinceSeq: 8 })
        assert.isAbove(Math.min(...seqs(behind.frames).map(Number)), 8)
      })
    )

    it.scopedLive("also one that used up what it had set aside at first", () =>
      Effect.gen(function* () {
        const store = MemoryStore.make()
        const crashed = yield* makeRig({ store })
        yield* publish(crashed, 1, 12_000)
        const last = ((yield* crashed.ask("GET", "/api/events/replay?sinceSeq=11999")).body as Replayed).events[0]?.seq
        assert.strictEqual(last, 12_000)
        const rig = yield* makeRig({ store })
        yield* publish(rig, 1, 1)
        const [next] = ((yield* rig.ask("GET", "/api/events/replay?sinceSeq=0")).body as Replayed).events
        assert.isAbove(next?.seq ?? 0, 12_000)
      })
    )
  })

  it.scopedLive("leaves a client behind that does not read, and nobody else", () =>
    Effect.gen(function* () {
      const { ask, events, socket } = yield* makeRig()
      const slow = yield* socket("/ws")
      const quick = yield* socket("/ws")
      slow.socket.pause()
      const output = "x".repeat(1 << 20)
      let published = 0
      for (const i of range(1, 40)) {
        yield* events.publish(chunk(output))
        yield* events.publish(exited(String(i)))
        published += 1
        // The quick one has it before the next is published: the slow one holds up nobody.
        yield* quick.until((frames) => frames.length === 2 * i)
      }
      assert.deepStrictEqual(seqs(quick.frames), range(1, published))
      assert.strictEqual(((yield* ask("GET", "/health")).body as { wsConnections: number }).wsConnections, 2)
      slow.socket.resume()
      yield* slow.until((frames) => seqs(frames).at(-1) === published)
      assert.deepStrictEqual(seqs(slow.frames), range(1, published), "every durable event, once, in order")
      const notices = slow.frames.filter((frame) => frame["kind"] === "replay_gap")
      const chunks = slow.frames.filter((frame) => frame["kind"] === "worker_stream").length
      const missed = notices.reduce((sum, notice) => sum + (notice["missedStreamChunks"] as number), 0)
      assert.isAtLeast(missed, 1)
      assert.isAtMost(chunks, 25)
      assert.strictEqual(chunks + missed, published)
      assert.isTrue(notices.every((notice) => notice["missedEvents"] === 0))
      // And it is a client like any other again.
      yield* events.publish(chunk("live"))
      yield* slow.until((frames) => frames.at(-1)?.["chunk"] === "live")
    })
  )

  it.scopedLive("tells a client that was left behind for too long what is lost", () =>
    Effect.gen(function* () {
      const { events, socket } = yield* makeRig()
      const slow = yield* socket("/ws")
      slow.socket.pause()
      const long = "x".repeat(20_000)
      for (const _ of range(1, 3000)) yield* events.publish(exited(long))
      slow.socket.resume()
      yield* slow.until((frames) => seqs(frames).at(-1) === 3000)
      const at = slow.frames.findIndex((frame) => frame["kind"] === "replay_gap")
      const gap = slow.frames[at] ?? {}
      const before = at
      const oldest = gap["oldestAvailable"] as number
      assert.isAtLeast(at, 1)
      assert.strictEqual(gap["requestedSinceSeq"], before)
      assert.strictEqual(gap["missedEvents"], oldest - 1 - before)
      assert.deepStrictEqual(seqs(slow.frames), [...range(1, before), ...range(oldest, 3000)])
    })
  )

  it.scoped("pings at once and every 30 s, and drops a client that is gone", () =>
    Effect.gen(function* () {
      const { socket } = yield* makeRig()
      const client = yield* socket("/ws")
      yield* client.pinged(1)
      yield* TestClock.adjust("30 seconds")
      yield* client.pinged(2)
      yield* TestClock.adjust("30 seconds")
      yield* client.pinged(3)
      const deaf = yield* socket("/ws")
      yield* deaf.pinged(1)
      deaf.socket.pong = () => {}
      yield* TestClock.adjust("1 minute")
      yield* deaf.pinged(3)
      assert.strictEqual(deaf.socket.readyState, deaf.socket.OPEN)
      deaf.socket.pause()
      yield* TestClock.adjust("5 minutes")
      deaf.socket.resume()
      assert.strictEqual(yield* deaf.closed, 1006)
    })
  )

  it.scopedLive("is forgotten when it leaves, whatever it says", () =>
    Effect.gen(function* () {
      const { ask, socket } = yield* makeRig()
      const client = yield* socket("/ws")
      client.socket.send("anything")
      client.socket.send(Buffer.from([1, 2, 3]))
      client.socket.close()
      yield* client.closed
      const count = Effect.map(ask("GET", "/health"), ({ body }) => (body as { wsConnections: number }).wsConnections)
      yield* Effect.repeat(count, { until: (n) => n === 0 })
    })
  )

  it.scopedLive("refuses before the upgrade as a plain request would be", () =>
    Effect.gen(function* () {
      const { url } = yield* makeRig()
      const key = { "x-api-key": apiKey }
      for (const headers of [{}, { "x-api-key": "wrong" }]) {
        const answer = yield* refusedUpgrade(url, "/ws", headers)
        assert.deepStrictEqual([answer.status, JSON.parse(answer.body).error.code], [401, "unauthorized"])
      }
      const query = yield* refusedUpgrade(url, "/ws?sinceSeq=-1", key)
      assert.deepStrictEqual([query.status, query.type], [400, "text/plain; charset=utf-8"])
      assert.isTrue(query.body.startsWith("Failed to deserialize query string: "))
      assert.strictEqual((yield* refusedUpgrade(url, "/nowhere", key)).status, 404)
      assert.strictEqual((yield* refusedUpgrade(url, "/nowhere", {})).status, 401)
      // Some clients offer an upgrade with every request: it is answered.
      const offered = yield* refusedUpgrade(url, "/health", { upgrade: "h2c" })
      assert.deepStrictEqual([offered.status, JSON.parse(offered.body).status], [200, "ok"])
    })
  )

  it.scopedLive("refuses a plain GET, and a bad number on both event routes", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      assert.strictEqual((yield* ask("GET", "/ws")).status, 400)
      for (const path of ["/ws?sinceSeq=x", "/api/events/replay?sinceSeq=x", "/api/events/replay?since_seq=1.5"]) {
        const answer = yield* ask("GET", path)
        assert.strictEqual(answer.status, 400)
        assert.isTrue(answer.text.startsWith("Failed to deserialize query string: "), answer.text)
      }
    })
  )

  it.scopedLive("offers further sockets behind the same key", () =>
    Effect.gen(function* () {
      const sockets = new Map([
        ["/api/later/ws", () => (socket: import("ws").WebSocket) => socket.send('{"hello":true}')]
      ])
      const { socket, url } = yield* makeRig({ sockets })
      const client = yield* socket("/api/later/ws")
      yield* client.until((frames) => frames.length === 1)
      assert.deepStrictEqual(client.frames, [{ hello: true }])
      assert.strictEqual((yield* refusedUpgrade(url, "/api/later/ws", {})).status, 401)
    })
  )
})

describe("the end", () => {
  it.scopedLive("says goodbye to clients, ends those that do not answer, and is not held up", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { socket, url } = yield* Scope.extend(makeRig(), scope)
      const polite = yield* socket("/ws")
      const open = yield* Effect.async<ReturnType<typeof netConnect>>((resume) => {
        const raw = netConnect(Number(new URL(url).port), "127.0.0.1", () => {
          raw.write(
            `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-API-Key: ${apiKey}\r\n` +
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
          )
          raw.once("data", () => resume(Effect.succeed(raw)))
        })
      })
      const ended = new Promise<void>((done) => open.on("close", () => done()))
      open.on("error", () => {})
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* polite.closed, 1001)
      yield* Effect.promise(() => ended)
    })
  )
})
