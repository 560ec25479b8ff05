/** What every `Store` promises; run by the one in a file and by the one in memory. */
import { assert, it } from "@effect/vitest"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { describe } from "vitest"
import { AgentName } from "../../src/domain/Ids.ts"
import type { Limits } from "../../src/store/Limits.ts"
import { Store } from "../../src/store/Store.ts"
import { agentRecord, cursor, delivery, deliveryId, idOfAgent, invocationId, letter, type Named } from "./data.ts"

/** A place that outlives its stores: each time the layer is built, a new run finds what the former one left. */
export type Place = (limits?: Partial<Limits>) => Effect.Effect<Layer.Layer<Store>, never, Scope.Scope>

const day = 24 * 60 * 60_000

const receive = (o: Named & { readonly atMillis?: number }) =>
  Effect.flatMap(Store, (store) =>
    store.received(delivery(o), { numbered: (o.seq ?? 0) > 0, atMillis: o.atMillis ?? 1_000 })
  )

const one = (id: string) =>
  Effect.flatMap(Store, (store) =>
    Effect.map(store.find(id), (found) => {
      assert.lengthOf(found, 1)
      return found[0]!
    })
  )

const state = (id: string) => Effect.map(one(id), (record) => record.state)

const submit = (id: string, atMillis = 3_000) =>
  Effect.flatMap(Store, (store) =>
    store.submitted({ deliveryId: deliveryId(id), evidence: "composer_emptied", channel: "screen", atMillis })
  )

const load = Effect.flatMap(Store, (store) => store.load)
const ids = (records: ReadonlyArray<{ readonly deliveryId: string }>) => records.map((record) => record.deliveryId)

export const suite = (name: string, place: Place) => {
  /** One run over a new place. */
  const test = (title: string, body: Effect.Effect<void, never, Store>, limits?: Partial<Limits>) =>
    it.scoped(title, () => Effect.flatMap(place(limits), (layer) => Effect.provide(body, layer)))

  /** Several runs, one after the other, over the same place. */
  const runs = (title: string, bodies: ReadonlyArray<Effect.Effect<void, never, Store>>, limits?: Partial<Limits>) =>
    it.scoped(title, () =>
      Effect.flatMap(place(limits), (layer) =>
        Effect.forEach(bodies, (body) => Effect.provide(body, layer), { discard: true })
      )
    )

  describe(name, () => {
    runs("what waits is there at the next start, whole and in order", [
      Effect.gen(function* () {
        yield* receive({ id: "d1", seq: 1 })
        yield* receive({ id: "d2", seq: 2, agent: "bob" })
        yield* receive({ id: "d3", seq: 2 })
        yield* (yield* Store).typing([deliveryId("d3")], 2_000)
      }),
      Effect.gen(function* () {
        const { open, recent, submitted } = yield* load
        assert.deepStrictEqual(ids(open), ["d1", "d2", "d3"])
        assert.deepStrictEqual(
          open.map((record) => record.state),
          ["waiting", "waiting", "typing"]
        )
        assert.deepStrictEqual(open[0], {
          deliveryId: deliveryId("d1"),
          agentId: idOfAgent("ada"),
          agent: delivery({ id: "d1" }).agent,
          seq: 1,
          numbered: true,
          origin: "engine",
          messageId: delivery({ id: "d1" }).message.id,
          from: "human:kim",
          target: "ada",
          state: "waiting",
          message: delivery({ id: "d1" }).message,
          receivedAtMillis: 1_000,
          typingAtMillis: undefined,
          submittedAtMillis: undefined,
          evidence: undefined,
          channel: undefined,
          unproven: undefined,
          ackedAtMillis: undefined,
          deadReason: undefined
        })
        assert.strictEqual(open[2]!.typingAtMillis, 2_000)
        assert.deepStrictEqual(submitted, [])
        assert.deepStrictEqual(recent, [
          { agentId: idOfAgent("ada"), deliveryId: deliveryId("d1"), seq: 1 },
          { agentId: idOfAgent("bob"), deliveryId: deliveryId("d2"), seq: 2 },
          { agentId: idOfAgent("ada"), deliveryId: deliveryId("d3"), seq: 2 }
        ])
      })
    ])

    runs("a submitted delivery is told to the engine after a crash, and is not typed again", [
      Effect.gen(function* () {
        yield* receive({ id: "d1", seq: 1 })
        yield* (yield* Store).typing([deliveryId("d1")], 2_000)
        yield* submit("d1")
      }),
      Effect.gen(function* () {
        const { open, submitted } = yield* load
        assert.deepStrictEqual(open, [])
        assert.deepStrictEqual(ids(submitted), ["d1"])
        const { evidence, receivedAtMillis, submittedAtMillis, typingAtMillis } = submitted[0]!
        assert.deepStrictEqual(
          [receivedAtMillis, typingAtMillis, submittedAtMillis, evidence],
          [1_000, 2_000, 3_000, "composer_emptied"]
        )
      })
    ])

    test(
      "an ack covers the numbers of its agent up to it, sets the cursor and lets the text go",
      Effect.gen(function* () {
        const store = yield* Store
        for (const seq of [1, 2, 3]) yield* receive({ id: `a${seq}`, seq })
        yield* receive({ id: "b1", seq: 1, agent: "bob" })
        for (const id of ["a1", "a2", "a3", "b1"]) yield* submit(id)
        yield* store.acked(cursor("ada", 2, 3), 4_000)
        assert.deepStrictEqual(yield* Effect.forEach(["a1", "a2", "a3", "b1"], state), [
          "acked",
          "acked",
          "submitted",
          "submitted"
        ])
        const acked = yield* one("a2")
        assert.strictEqual(acked.ackedAtMillis, 4_000)
        assert.isUndefined(acked.message)
        assert.isDefined((yield* one("a3")).message)
        assert.deepStrictEqual((yield* load).cursors, [cursor("ada", 2, 3)])
      })
    )

    test(
      "what has no number needs no ack",
      Effect.gen(function* () {
        const store = yield* Store
        yield* receive({ id: "local" })
        yield* submit("local")
        const record = yield* one("local")
        assert.strictEqual(record.state, "acked")
        assert.isUndefined(record.ackedAtMillis)
        assert.isUndefined(record.message)
        yield* receive({ id: "waiting" })
        yield* store.acked(cursor("ada", 7), 4_000)
        assert.strictEqual(yield* state("waiting"), "waiting")
      })
    )

    test(
      "states go forward only, and only the worker's giving back goes back",
      Effect.gen(function* () {
        const store = yield* Store
        yield* receive({ id: "d1", seq: 1 })
        yield* store.typing([deliveryId("d1")], 2_000)
        yield* store.waiting([deliveryId("d1")])
        const given = yield* one("d1")
        assert.deepStrictEqual([given.state, given.typingAtMillis], ["waiting", undefined])
        yield* submit("d1")
        yield* store.waiting([deliveryId("d1")])
        yield* store.typing([deliveryId("d1")], 9_000)
        yield* submit("d1", 9_000)
        yield* receive({ id: "d1", seq: 1, text: "again" })
        yield* store.buried(letter("d1"))
        const record = yield* one("d1")
        assert.deepStrictEqual(
          [record.state, record.submittedAtMillis, record.message?.text],
          ["submitted", 3_000, "text of d1"]
        )
        yield* store.typing([deliveryId("unknown")], 1)
        yield* submit("unknown")
        assert.deepStrictEqual(yield* store.find("unknown"), [])
      })
    )

    test(
      "a dead letter leaves the inbox, keeps its text, can be sent again and be purged",
      Effect.gen(function* () {
        const store = yield* Store
        yield* receive({ id: "d1", seq: 1 })
        yield* receive({ id: "d2", seq: 2 })
        yield* store.buried(letter("d1"))
        yield* store.buried(letter("frame", { raw: '{"seq":3,"\0":"\ud800"}' }))
        assert.deepStrictEqual(ids((yield* load).open), ["d2"])
        const dead = yield* one("d1")
        assert.deepStrictEqual([dead.state, dead.deadReason, dead.message], ["dead", "agent_released", undefined])
        assert.isTrue(Option.isNone(yield* store.message(deliveryId("d1"))))
        assert.deepStrictEqual(yield* store.deadLetters, [
          letter("frame", { raw: '{"seq":3,"\0":"\ud800"}' }),
          letter("d1")
        ])
        yield* store.redelivered({ deliveryId: deliveryId("d1"), as: deliveryId("d9") })
        assert.deepStrictEqual(
          yield* store.deadLetter("d1"),
          Option.some({ ...letter("d1"), redeliveredAs: deliveryId("d9") })
        )
        assert.isTrue(Option.isNone(yield* store.deadLetter("d2")))
        assert.strictEqual(yield* store.purgeDeadLetters("d2"), 0)
        assert.strictEqual(yield* store.purgeDeadLetters("d1"), 1)
        assert.strictEqual(yield* store.purgeDeadLetters(undefined), 1)
        assert.deepStrictEqual(yield* store.deadLetters, [])
      })
    )

    test(
      "the last number of an event is 0 at first, and then what was said last",
      Effect.gen(function* () {
        const store = yield* Store
        assert.strictEqual(yield* store.lastEventNumber, 0)
        for (const upTo of [10_000, 7]) {
          yield* store.eventsNumbered(upTo)
          assert.strictEqual(yield* store.lastEventNumber, upTo)
        }
      })
    )

    test(
      "crashes are kept in order, the latest ones",
      Effect.gen(function* () {
        const store = yield* Store
        const crash = (n: number) => ({
          agent: AgentName.make("ada"),
          exitCode: n % 2 === 0 ? n : null,
          signal: n % 2 === 0 ? null : 9,
          atMillis: n,
          uptimeMillis: n * 10
        })
        const all = Array.makeBy(505, crash)
        yield* Effect.forEach(all, store.crashed, { discard: true })
        assert.deepStrictEqual(yield* store.crashes, all.slice(-500))
      })
    )

    test(
      "reads see every write that was called before them",
      Effect.gen(function* () {
        const store = yield* Store
        const found = yield* Effect.all(
          [
            receive({ id: "d1", seq: 1 }),
            store.message(deliveryId("d1")),
            store.buried(letter("d1")),
            store.message(deliveryId("d1")),
            store.deadLetters
          ],
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(found[1], Option.some(delivery({ id: "d1" }).message))
        assert.deepStrictEqual(found[3], Option.none())
        assert.lengthOf(found[4], 1)
      })
    )

    test(
      "deliveries are found by their id, by their message's id, and by agent, newest first",
      Effect.gen(function* () {
        const store = yield* Store
        yield* receive({ id: "d1", messageId: "m", seq: 1 })
        yield* receive({ id: "d2", messageId: "m", seq: 1, agent: "bob" })
        yield* receive({ id: "d3", seq: 2 })
        assert.deepStrictEqual(ids(yield* store.find("m")), ["d2", "d1"])
        assert.deepStrictEqual(ids(yield* store.find("d1")), ["d1"])
        assert.deepStrictEqual(ids(yield* store.recentDeliveries({ agent: undefined, limit: 2 })), ["d3", "d2"])
        assert.deepStrictEqual(ids(yield* store.recentDeliveries({ agent: "ada", limit: 9 })), ["d3", "d1"])
        assert.deepStrictEqual(yield* store.recentDeliveries({ agent: "eve", limit: 9 }), [])
      })
    )

    runs("agents, cursors and invocations are there at the next start as they were last written", [
      Effect.gen(function* () {
        const store = yield* Store
        yield* store.agent(agentRecord("ada"))
        yield* store.agent(agentRecord("bob"))
        yield* store.agent(agentRecord("ada", { state: "released", generation: 2 }))
        yield* store.cursor(cursor("ada", 1, 3))
        yield* store.cursor(cursor("bob", 5))
        yield* store.cursor(cursor("ada", 2, 4))
        const open = (id: string) =>
          store.invocationOpened({ invocationId: invocationId(id), action: "spawn:codex", atMillis: 1_000 })
        const answer = { output: { deep: [1, null, { "": "\0" }] } }
        yield* open("i1")
        yield* open("i2")
        yield* open("i3")
        yield* store.invocationAnswered({ invocationId: invocationId("i1"), answer, atMillis: 2_000 })
        yield* store.invocationAnswered({ invocationId: invocationId("i3"), answer: { error: "no" }, atMillis: 2_000 })
        yield* open("i1")
      }),
      Effect.gen(function* () {
        const store = yield* Store
        const { agents, cursors, invocations } = yield* load
        assert.deepStrictEqual(agents, [agentRecord("bob"), agentRecord("ada", { state: "released", generation: 2 })])
        assert.deepStrictEqual(yield* store.findAgent("bob"), Option.some(agentRecord("bob")))
        assert.deepStrictEqual(yield* store.findAgent("eve"), Option.none())
        assert.deepStrictEqual(cursors, [cursor("bob", 5), cursor("ada", 2, 4)])
        const about = { action: "spawn:codex", openedAtMillis: 1_000 }
        assert.deepStrictEqual(invocations, [
          { ...about, invocationId: invocationId("i1"), answer: { output: { deep: [1, null, { "": "\0" }] } } },
          { ...about, invocationId: invocationId("i2"), answer: undefined },
          { ...about, invocationId: invocationId("i3"), answer: { error: "no" } }
        ])
      })
    ])

    runs("what is owed to the engine is there at the next start, one per name, and forgotten invocations are not", [
      Effect.gen(function* () {
        const store = yield* Store
        const owe = (agent: string, sinceMillis: number, agentId = idOfAgent(agent)) =>
          store.undoOwed({ name: AgentName.make(agent), agentId, sinceMillis })
        yield* owe("ada", 1)
        yield* owe("bob", 2)
        yield* owe("eve", 3)
        yield* owe("ada", 4)
        yield* store.undoOwed({ name: AgentName.make("bob"), agentId: undefined, sinceMillis: 5 })
        yield* store.undone(AgentName.make("eve"))
        for (const id of ["i1", "i2"]) {
          yield* store.invocationOpened({ invocationId: invocationId(id), action: "spawn:codex", atMillis: 1 })
        }
        yield* store.invocationForgotten(invocationId("i1"))
        yield* store.flush
      }),
      Effect.gen(function* () {
        const { invocations, undos } = yield* load
        assert.deepStrictEqual(undos, [
          { name: AgentName.make("ada"), agentId: idOfAgent("ada"), sinceMillis: 4 },
          { name: AgentName.make("bob"), agentId: undefined, sinceMillis: 5 }
        ])
        assert.deepStrictEqual(
          invocations.map((each) => each.invocationId as string),
          ["i2"]
        )
      })
    ])

    test(
      "any text comes back as it was",
      Effect.gen(function* () {
        const store = yield* Store
        for (const [index, text] of ["a\0b", "\ud800", '"quoted"', '"', "\u2028 é 🙂", " ", "'; DROP"].entries()) {
          const o = { id: `d${text}`, agent: `agent${text}`, from: text, text, seq: index + 1 }
          yield* receive(o)
          const record = yield* one(o.id)
          assert.deepStrictEqual(record.message, delivery(o).message)
          assert.deepStrictEqual([record.agent as string, record.from], [o.agent, text])
          assert.lengthOf(yield* store.recentDeliveries({ agent: o.agent, limit: 5 }), 1)
        }
        assert.lengthOf((yield* load).recent, 7)
      })
    )

    runs(
      "a start reads as much text as it should, and the rest on request",
      [
        Effect.forEach(Array.range(1, 20), (seq) => receive({ id: `d${seq}`, seq, text: "x".repeat(500) }), {
          discard: true
        }),
        Effect.gen(function* () {
          const { open } = yield* load
          const withText = open.filter(({ message }) => message !== undefined)
          assert.deepStrictEqual(ids(withText), ["d1", "d2", "d3", "d4"])
          assert.lengthOf(open, 20)
          const last = yield* (yield* Store).message(deliveryId("d20"))
          assert.strictEqual(Option.getOrThrow(last).text.length, 500)
        })
      ],
      { loadBytes: 2_000 }
    )

    test(
      "ended deliveries are capped per agent; open ones stay",
      Effect.gen(function* () {
        const store = yield* Store
        yield* receive({ id: "open", seq: 1 })
        yield* receive({ id: "bob", agent: "bob" })
        yield* submit("bob")
        for (const index of Array.range(1, 30)) {
          yield* receive({ id: `d${index}` })
          yield* submit(`d${index}`)
        }
        const kept = yield* store.recentDeliveries({ agent: "ada", limit: 100 })
        assert.deepStrictEqual(ids(kept), [...Array.makeBy(10, (index) => `d${30 - index}`), "open"])
        assert.strictEqual(yield* state("bob"), "acked")
      }),
      { deliveriesPerAgent: 10, pruneEvery: 1 }
    )

    test(
      "dead letters and answered invocations are capped",
      Effect.gen(function* () {
        const store = yield* Store
        for (const index of Array.range(1, 8)) {
          yield* store.buried(letter(`l${index}`))
          const id = invocationId(`i${index}`)
          yield* store.invocationOpened({ invocationId: id, action: "release", atMillis: 1 })
          if (index === 2) continue
          yield* store.invocationAnswered({ invocationId: id, answer: { error: "no" }, atMillis: 2 })
        }
        assert.deepStrictEqual(ids(yield* store.deadLetters), ["l8", "l7", "l6"])
        const { invocations } = yield* load
        assert.deepStrictEqual(
          invocations.map((each) => each.invocationId as string),
          ["i2", "i6", "i7", "i8"]
        )
      }),
      { deadLetters: 3, answeredInvocations: 3, pruneEvery: 1 }
    )

    test(
      "what is old goes, but for the latest ids of an agent, what is open, and live agents",
      Effect.gen(function* () {
        const store = yield* Store
        for (const index of Array.range(1, 9)) yield* receive({ id: `d${index}`, atMillis: 0 })
        yield* receive({ id: "open", seq: 1, atMillis: 0 })
        for (const index of Array.range(1, 9)) yield* submit(`d${index}`)
        yield* store.buried(letter("old", { atMillis: 0 }))
        yield* store.agent(agentRecord("ada", { atMillis: 0 }))
        yield* store.agent(agentRecord("bob", { atMillis: 0, state: "exited" }))
        const later = (millis: number) =>
          Effect.gen(function* () {
            yield* TestClock.adjust(millis)
            // Ages are looked at a little in each of the next commits.
            for (const index of Array.range(1, 8)) yield* store.cursor(cursor(`c${index}`, 1))
            yield* Effect.forEach(Array.range(1, 8), (index) => store.buried(letter("new", { atMillis: index })))
            return ids(yield* store.recentDeliveries({ agent: "ada", limit: 100 }))
          })
        assert.lengthOf(yield* later(6 * day), 10)
        assert.deepStrictEqual(yield* later(2 * day), ["open", "d9", "d8", "d7"])
        assert.deepStrictEqual(ids(yield* store.deadLetters), ["new", "old"])
        yield* later(7 * day)
        assert.isTrue(Option.isNone(yield* store.deadLetter("old")))
        assert.lengthOf((yield* load).agents, 2)
        assert.deepStrictEqual(yield* later(16 * day), ["open"])
        assert.deepStrictEqual(
          (yield* load).agents.map((each) => each.name as string),
          ["ada"]
        )
      }),
      { idsPerAgent: 4 }
    )

    test(
      "the latest ids per agent are known at a start, in order of arrival",
      Effect.gen(function* () {
        for (const index of Array.range(1, 6)) {
          yield* receive({ id: `a${index}`, seq: index })
          yield* receive({ id: `b${index}`, seq: index, agent: "bob" })
        }
        assert.deepStrictEqual(ids((yield* load).recent), ["a5", "b5", "a6", "b6"])
      }),
      { idsPerAgent: 2 }
    )

    runs("a flush makes what was not durable so", [
      Effect.gen(function* () {
        yield* receive({ id: "d1", seq: 1 })
        yield* (yield* Store).flush
        assert.strictEqual((yield* (yield* Store).health)._tag, "Ok")
      }),
      Effect.map(load, ({ open }) => assert.deepStrictEqual(ids(open), ["d1"]))
    ])
  })
}
