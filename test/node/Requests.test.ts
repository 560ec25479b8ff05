/** A reply goes to the request whose id it carries, whatever else is waiting and in whichever order they come. */
import { assert, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { LinkLost, NodeRequestRefused } from "../../src/domain/Errors.ts"
import { Requests } from "../../src/node/Requests.ts"

const ask = (requests: Requests, subject: string) =>
  Effect.gen(function* () {
    const sentAs = yield* Deferred.make<string>()
    const answer = yield* Effect.fork(
      requests.run({
        type: "agent.register",
        subject,
        deadlineMillis: 10_000,
        transmit: (id) => Effect.asVoid(Deferred.succeed(sentAs, id))
      })
    )
    return { answer, id: yield* Deferred.await(sentAs) }
  })

const replyTo = (requests: Requests, id: string, data: string) =>
  Effect.suspend(() => {
    const matched = requests.match({ type: "reply", id, data })
    return matched._tag === "Pending" ? matched.complete : Effect.die(`${id} is ${matched._tag}`)
  })

it.effect("two of one kind, answered in the other order", () =>
  Effect.gen(function* () {
    const requests = new Requests()
    const one = yield* ask(requests, "w1")
    const two = yield* ask(requests, "w2")
    assert.notStrictEqual(one.id, two.id)
    yield* replyTo(requests, two.id, "for two")
    yield* replyTo(requests, one.id, "for one")
    assert.deepStrictEqual([yield* Fiber.join(one.answer), yield* Fiber.join(two.answer)], ["for one", "for two"])
  })
)

it.effect("an id that nobody has, or that was answered, is nobody's, also while others wait", () =>
  Effect.gen(function* () {
    const requests = new Requests()
    const { answer, id } = yield* ask(requests, "w1")
    const match = (id: string) => requests.match({ type: "reply", id, data: "x" })._tag
    assert.strictEqual(match("other"), "Unmatched")
    assert.strictEqual(requests.unanswered("agent.register"), 1)
    yield* replyTo(requests, id, "mine")
    assert.strictEqual(match(id), "Unmatched")
    assert.strictEqual(yield* Fiber.join(answer), "mine")
  })
)

it.effect("a refusal fails the one it names, the loss of the link all that wait", () =>
  Effect.gen(function* () {
    const requests = new Requests()
    const one = yield* ask(requests, "w1")
    const two = yield* ask(requests, "w2")
    const refusal = { type: "error", id: one.id, code: "invalid_name", message: "no" } as const
    const matched = requests.match(refusal)
    assert(matched._tag === "Pending")
    yield* matched.complete
    assert.deepStrictEqual(
      yield* Effect.flip(Fiber.join(one.answer)),
      new NodeRequestRefused({ request: "agent.register", code: "invalid_name", reason: "no" })
    )
    const lost = new LinkLost({ reason: "gone", code: 1006 })
    yield* requests.failAll(lost)
    assert.strictEqual(yield* Effect.flip(Fiber.join(two.answer)), lost)
  })
)
