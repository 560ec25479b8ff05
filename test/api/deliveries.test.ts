import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { QueueFull, UnknownWorker } from "../../src/domain/Errors.ts"
import { AgentId, AgentName, DeliveryId, MessageId } from "../../src/domain/Ids.ts"
import { letterOf, notYet, pendingOf, traceOf } from "./data.ts"
import { apiKey, fakeWorker, makeRig } from "./rig.ts"

const at = (millis: number) => ({ at: new Date(millis).toISOString(), at_ms: millis })

const acked = {
  delivery_id: "d1",
  event_id: "msg_1",
  name: "w1",
  agent_id: "agent_1",
  seq: 7,
  origin: "engine",
  from: "alice",
  target: "#general",
  state: "acked",
  waiting: null,
  evidence: "echo",
  channel: "screen",
  unproven: null,
  dead_reason: null,
  steps: [
    { step: "received", ...at(1000) },
    { step: "typing", ...at(2000) },
    { step: "submitted", ...at(3000) },
    { step: "acked", ...at(4000) }
  ]
}

describe("GET /api/deliveries/{id}", () => {
  it.scopedLive("shows every step with its time, and the text", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.traces = [traceOf("d1")]
      assert.deepStrictEqual((yield* ask("GET", "/api/deliveries/d1")).body, {
        deliveries: [{ ...acked, body: "text of d1" }]
      })
    })
  )

  it.scopedLive("says why a message waits, and null for a text that is no longer kept", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.traces = [traceOf("d1", { ...notYet, state: "waiting", message: undefined }, "asking")]
      assert.deepStrictEqual((yield* ask("GET", "/api/deliveries/d1")).body, {
        deliveries: [
          {
            ...acked,
            state: "waiting",
            waiting: "asking",
            evidence: null,
            steps: [{ step: "received", ...at(1000) }],
            body: null
          }
        ]
      })
    })
  )

  it.scopedLive("finds all deliveries of a message id", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.traces = [traceOf("d2", { messageId: MessageId.make("m/2 ?") }), traceOf("d1"), traceOf("d0")]
      const idsOf = (path: string) =>
        Effect.map(ask("GET", path), ({ body }) =>
          (body as { deliveries: Array<{ delivery_id: string }> }).deliveries.map((each) => each.delivery_id)
        )
      assert.deepStrictEqual(yield* idsOf("/api/deliveries/msg_1"), ["d1", "d0"])
      assert.deepStrictEqual(yield* idsOf(`/api/deliveries/${encodeURIComponent("m/2 ?")}`), ["d2"])
    })
  )

  it.scopedLive("takes the time of death from the dead letter, and null when that was purged", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.traces = [traceOf("d1", { ...notYet, state: "dead", deadReason: "agent_released", ackedAtMillis: 6000 })]
      script.deadLetters = [letterOf("d1", { atMillis: 5000 })]
      const steps = Effect.map(ask("GET", "/api/deliveries/d1"), ({ body }) => {
        const [first] = (body as { deliveries: Array<Record<string, unknown>> }).deliveries
        assert.deepStrictEqual([first?.["state"], first?.["dead_reason"]], ["dead", "agent_released"])
        return first?.["steps"]
      })
      const [received, end] = [
        { step: "received", ...at(1000) },
        { step: "acked", ...at(6000) }
      ]
      assert.deepStrictEqual(yield* steps, [received, { step: "dead", ...at(5000) }, end])
      script.deadLetters = []
      assert.deepStrictEqual(yield* steps, [received, { step: "dead", at: null, at_ms: null }, end])
    })
  )

  it.scopedLive("is 404 for an id that nobody knows", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      const answer = yield* ask("GET", "/api/deliveries/ghost")
      assert.deepStrictEqual(
        [answer.status, answer.body],
        [404, { code: "delivery_not_found", message: "no delivery and no message 'ghost'" }]
      )
    })
  )
})

describe("GET /api/deliveries", () => {
  it.scopedLive("lists the newest first, without their texts", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.traces = [traceOf("d1")]
      const answer = yield* ask("GET", "/api/deliveries")
      assert.deepStrictEqual(answer.body, { deliveries: [acked] })
      assert.notInclude(answer.text, "text of")
      script.traces = []
      assert.deepStrictEqual((yield* ask("GET", "/api/deliveries")).body, { deliveries: [] })
    })
  )

  it.scopedLive("keeps to the agent and the limit; 100 without one", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      const other = AgentName.make("w2")
      script.traces = Array.from({ length: 1100 }, (_, i) => traceOf(`d${i}`, i % 2 === 0 ? {} : { agent: other }))
      const idsOf = (query: string) =>
        Effect.map(ask("GET", `/api/deliveries${query}`), ({ body }) =>
          (body as { deliveries: Array<{ delivery_id: string }> }).deliveries.map((each) => each.delivery_id)
        )
      assert.strictEqual((yield* idsOf("")).length, 100)
      assert.strictEqual((yield* idsOf("?limit=1000")).length, 1000)
      assert.deepStrictEqual(yield* idsOf("?limit=2&agent=w2"), ["d1", "d3"])
      assert.deepStrictEqual(yield* idsOf("?limit=2&agent="), ["d0", "d1"])
      assert.deepStrictEqual(yield* idsOf("?agent=nobody"), [])
    })
  )

  it.scopedLive("refuses a limit that it would not keep to", () =>
    Effect.gen(function* () {
      const { ask } = yield* makeRig()
      for (const limit of ["0", "1001", "-1", "1.5", "many", "", "99999999"]) {
        const answer = yield* ask("GET", `/api/deliveries?limit=${limit}`)
        assert.deepStrictEqual(
          [answer.status, answer.body],
          [400, { code: "invalid_request", message: "limit: expected a whole number from 1 to 1000" }],
          limit
        )
      }
    })
  )
})

describe("GET /api/node-delivery", () => {
  it.scopedLive("says where messages are and why they wait", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.counters = { frames: 9, dead_worker_exited: 1 }
      script.mailboxes = [
        {
          agent: AgentName.make("w1"),
          agentId: AgentId.make("agent_1"),
          received: 9,
          confirmed: 7,
          acked: 6,
          waiting: 2,
          held: 1,
          hosted: true
        }
      ]
      const typed = { ...pendingOf("d4"), state: "handed" as const, waiting: undefined }
      script.pending = [
        pendingOf("d1"),
        { ...pendingOf("d2"), waiting: "asking" },
        { ...pendingOf("d3"), waiting: "asking" },
        typed
      ]
      script.session = {
        ...script.session,
        state: { _tag: "Waiting", reason: "engine_refused", detail: "HTTP 404", untilMillis: 1 }
      }
      assert.deepStrictEqual((yield* ask("GET", "/api/node-delivery")).body, {
        session: {
          state: "waiting",
          reason: "engine_refused: HTTP 404",
          connected: false,
          since: "1970-01-01T00:00:00.001Z",
          until: "1970-01-01T00:00:00.001Z",
          attempt: 0,
          lost: { link_lost: 1 },
          capabilities: [],
          history: [
            { at: "1970-01-01T00:00:00.001Z", from: "registering", to: "ready", event: "Registered", reason: null }
          ],
          node_id: "node_1",
          node_name: "host",
          sessions: 1,
          frames_in: { deliver: 3 },
          frames_out: {},
          malformed_frames: 0
        },
        counters: { frames: 9, dead_worker_exited: 1 },
        mailboxes: [
          {
            name: "w1",
            agent_id: "agent_1",
            received: 9,
            confirmed: 7,
            acked: 6,
            waiting: 2,
            held: 1,
            hosted: true
          }
        ],
        waiting_reasons: { no_worker: 1, asking: 2 }
      })
    })
  )

  it.scopedLive("and the traces are readable while a spawn, a send and a terminal hang", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      const stuck = yield* Effect.makeSemaphore(0)
      const hang = Effect.zipRight(stuck.release(1), Effect.never)
      script.spawn = () => hang
      script.send = () => hang
      script.redeliver = () => hang
      script.workers = [fakeWorker(seen, { write: () => hang })]
      script.traces = [traceOf("d1", { ...notYet, state: "waiting" }, "dead")]
      script.deadLetters = [letterOf("d0")]
      const asked = yield* Effect.forEach(
        [
          ["/api/spawn", { name: "n" }],
          ["/api/send", { to: "w1", text: "x" }],
          ["/api/dead-letters/d0/redeliver", undefined],
          ["/api/input/w1", { data: "x" }]
        ] as const,
        ([path, json]) => Effect.fork(ask("POST", path, { json }))
      )
      yield* stuck.take(asked.length)
      for (const path of ["/api/node-delivery", "/api/deliveries", "/api/deliveries/d1", "/api/dead-letters"]) {
        assert.strictEqual((yield* ask("GET", path)).status, 200, path)
      }
      yield* Effect.forEach(asked, Fiber.interruptFork)
    })
  )
})

describe("dead letters", () => {
  const entry = {
    delivery_id: "d1",
    name: "w1",
    agent_id: "agent_1",
    event_id: "msg_1",
    seq: 4,
    reason: "worker_exited",
    ...at(1000),
    from: "alice",
    target: "#general",
    redeliverable: true,
    redelivered_as: null
  }
  const unreadable = letterOf("d2", {
    messageId: undefined,
    message: undefined,
    reason: "undecodable",
    raw: '{"seq":4}'
  })
  const unreadableEntry = {
    ...entry,
    delivery_id: "d2",
    event_id: null,
    reason: "undecodable",
    from: null,
    target: null,
    redeliverable: false
  }

  it.scopedLive("are listed without their texts, and shown with them", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      script.deadLetters = [letterOf("d1"), unreadable, letterOf("d3", { redeliveredAs: DeliveryId.make("d9") })]
      const list = yield* ask("GET", "/api/dead-letters")
      assert.deepStrictEqual(list.body, {
        dead_letters: [entry, unreadableEntry, { ...entry, delivery_id: "d3", redelivered_as: "d9" }]
      })
      assert.notInclude(list.text, "text of")
      assert.deepStrictEqual((yield* ask("GET", "/api/dead-letters/d1")).body, {
        ...entry,
        body: "text of d1",
        raw: null
      })
      assert.deepStrictEqual((yield* ask("GET", "/api/dead-letters/d2")).body, {
        ...unreadableEntry,
        body: null,
        raw: '{"seq":4}'
      })
      const ghost = yield* ask("GET", "/api/dead-letters/ghost")
      assert.deepStrictEqual(
        [ghost.status, ghost.body],
        [404, { code: "dead_letter_not_found", message: "no dead letter 'ghost'" }]
      )
    })
  )

  it.scopedLive("are sent again under a new delivery id, with an event", () =>
    Effect.gen(function* () {
      const { ask, script, seen, socket } = yield* makeRig()
      const client = yield* socket("/ws")
      const odd = "d/1 ?"
      script.deadLetters = [letterOf(odd)]
      const answer = yield* ask("POST", `/api/dead-letters/${encodeURIComponent(odd)}/redeliver`)
      assert.deepStrictEqual(
        [answer.status, answer.body],
        [200, { success: true, delivery_id: `again_${odd}`, redelivered_from: odd }]
      )
      assert.deepStrictEqual(seen.redelivered, [odd])
      yield* client.until((frames) => frames.length === 1)
      const { timestamp, ...event } = client.frames[0]!
      assert.isAbove(timestamp as number, 0)
      assert.deepStrictEqual(event, {
        kind: "dead_letter_redelivered",
        delivery_id: odd,
        redelivered_as: `again_${odd}`,
        seq: 1
      })
    })
  )

  it.scopedLive("that cannot be sent again say why, without an event", () =>
    Effect.gen(function* () {
      const { ask, events, script } = yield* makeRig()
      const published: Array<string> = []
      yield* events.listen(({ kind }) => published.push(kind))
      const refused = (status: number, code: string, message: string) =>
        Effect.map(ask("POST", "/api/dead-letters/d1/redeliver"), (answer) =>
          assert.deepStrictEqual([answer.status, answer.body], [status, { code, message }])
        )
      yield* refused(404, "dead_letter_not_found", "no dead letter 'd1' that can be sent again")
      script.redeliver = () => Effect.fail(new UnknownWorker({ agent: "w1" }))
      yield* refused(404, "agent_not_found", "unknown worker 'w1'")
      script.redeliver = () => Effect.fail(new QueueFull({ agent: "w1", limit: 1000 }))
      yield* refused(429, "queue_full", "inbox of 'w1' is full (1000 messages)")
      assert.deepStrictEqual(published, [])
    })
  )

  it.scopedLive("are sent again to the end when the caller leaves", () =>
    Effect.gen(function* () {
      const { script, url } = yield* makeRig()
      const begun = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const noted = yield* Deferred.make<void>()
      script.redeliver = () =>
        Deferred.succeed(begun, undefined).pipe(
          Effect.zipRight(Deferred.await(goOn)),
          Effect.zipRight(Deferred.succeed(noted, undefined)),
          Effect.as(DeliveryId.make("d9"))
        )
      const leave = new AbortController()
      const call = fetch(`${url}/api/dead-letters/d1/redeliver`, {
        method: "POST",
        headers: { "x-api-key": apiKey },
        signal: leave.signal
      }).catch(() => "left")
      yield* Deferred.await(begun)
      leave.abort()
      yield* Effect.promise(() => call)
      yield* Deferred.succeed(goOn, undefined)
      yield* Deferred.await(noted)
    })
  )

  it.scopedLive("are purged one by one or all at once, with an event when there were any", () =>
    Effect.gen(function* () {
      const { ask, events, script, seen } = yield* makeRig()
      const published: Array<object> = []
      yield* events.listen((event) => {
        if (event.kind !== "dead_letters_purged") return
        const { timestamp, ...rest } = event
        published.push(rest)
      })
      script.deadLetters = [letterOf("d1"), letterOf("d2"), letterOf("d3")]
      const purged = (path: string) => Effect.map(ask("DELETE", path), ({ body }) => body)
      assert.deepStrictEqual(yield* purged("/api/dead-letters/d1"), { purged: 1 })
      assert.deepStrictEqual(yield* purged("/api/dead-letters/d1"), { purged: 0 })
      assert.deepStrictEqual(yield* purged("/api/dead-letters"), { purged: 2 })
      assert.deepStrictEqual(yield* purged("/api/dead-letters"), { purged: 0 })
      assert.deepStrictEqual(seen.purged, ["d1", "d1", undefined, undefined])
      const kind = "dead_letters_purged"
      assert.deepStrictEqual(published, [
        { kind, delivery_id: "d1", count: 1 },
        { kind, delivery_id: null, count: 2 }
      ])
    })
  )

  it.scopedLive("are not all purged by an id that is empty", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      script.deadLetters = [letterOf("d1")]
      assert.strictEqual((yield* ask("DELETE", "/api/dead-letters/")).status, 404)
      assert.strictEqual((yield* ask("POST", "/api/dead-letters//redeliver")).status, 404)
      assert.deepStrictEqual([seen.purged, seen.redelivered], [[], []])
    })
  )
})
