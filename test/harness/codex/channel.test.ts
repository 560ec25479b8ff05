/** Codex by its app-server: what is told and what is not. The servers behave as codex 0.171.0 was recorded. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { MessageId } from "../../../src/domain/Ids.ts"
import type * as Fake from "../../../src/testing/FakeCodexServer.ts"
import { batch, connect, isOf, isState, put, rig, start, steer } from "./rig.ts"

const methods = (server: Fake.FakeCodexServer) => server.received.map(({ method }) => method)
const tagOf = (one: { readonly _tag: string }) => one._tag

describe("a message for codex 0.171.0", () => {
  it.scoped("begins a turn in the thread the screen shows, and is taken when its item says so", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { threadId } = yield* start(r.path)
      yield* r.signal(isState("Idle"))
      const one = batch("hello\\")
      yield* put(r.channel, one)
      assert.deepStrictEqual(yield* r.signal(isOf(one)), {
        _tag: "Taken",
        which: { id: one.id },
        proof: "taken_with_id"
      })
      assert.deepInclude(r.server().received.at(-1)?.params, { threadId, clientUserMessageId: one.id })
      assert.deepStrictEqual(r.signals.map(tagOf), ["Session", "State", "State", "Taken"])
      assert.deepStrictEqual(r.signals[0], { _tag: "Session", id: threadId, resumed: false })
      r.server().endTurn()
      yield* r.signal((signal) => signal._tag === "State" && signal.state._tag === "Idle" && r.signals.length > 4)
    })
  )
  it.scoped("waits for a thread, and is withdrawn before there is one", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const withdrawn = yield* Effect.fork(put(r.channel, batch("never")))
      const waiting = batch("later")
      const kept = yield* Effect.fork(put(r.channel, waiting))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(withdrawn)
      const { screen } = yield* start(r.path)
      yield* Fiber.join(kept)
      yield* r.signal(isOf(waiting))
      assert.deepStrictEqual(methods(r.server()), ["initialize", "thread/start", "turn/start"])
      // The answer to our own request is not the screen's.
      assert.isFalse(screen.received.some(({ id }) => typeof id === "string"))
      assert.isTrue(screen.received.some(({ method }) => method === "item/completed"))
    })
  )
  it.scoped("a refusal is not taken; nothing is told of it", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      yield* r.signal(isState("Idle"))
      r.server().compact()
      yield* r.signal(isState("Busy"))
      const one = batch("too early")
      const failed = yield* Effect.flip(put(r.channel, one))
      assert.strictEqual(failed._tag, "NotTaken")
      assert.match(failed.message, /NotSteerable/)
      assert.isFalse(r.signals.some(isOf(one)))
    })
  )
})

describe("the relay's tools", () => {
  const tools = (status: string) => ({ threadId: "t", name: "agent-relay", status, error: null })
  it.scoped("are waited for by the first message, when codex has begun to start them", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const screen = yield* connect(r.path)
      yield* screen.call("initialize")
      r.server().notify("mcpServer/startupStatus/updated", tools("starting"))
      yield* screen.call("thread/start", { ephemeral: false })
      const one = yield* Effect.fork(put(r.channel, batch("with tools")))
      yield* TestClock.adjust("9 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(one)))
      r.server().notify("mcpServer/startupStatus/updated", { ...tools("ready"), name: "another" })
      assert.notInclude(methods(r.server()), "turn/start")
      r.server().notify("mcpServer/startupStatus/updated", tools("ready"))
      yield* Fiber.join(one)
    })
  )
  it.scoped("that never say how it went hold a message for 10 s, once", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const screen = yield* connect(r.path)
      yield* screen.call("initialize")
      r.server().notify("mcpServer/startupStatus/updated", tools("starting"))
      yield* screen.call("thread/start", { ephemeral: false })
      const one = yield* Effect.fork(put(r.channel, batch("without")))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(one)
      r.server().endTurn()
      yield* put(r.channel, batch("at once"))
    })
  )
})

describe("steer", () => {
  it.scoped("goes into the running turn, and is taken when its item says so", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      yield* put(r.channel, batch("first"))
      yield* r.signal(isState("Busy"))
      const one = batch("now this")
      yield* steer(r.channel, one)
      yield* r.signal(isOf(one))
      assert.deepInclude(r.server().received.at(-1)?.params, { expectedTurnId: "turn-1", clientUserMessageId: one.id })
    })
  )
  it.scoped("behind an open question it is taken once that is answered, not before", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { screen } = yield* start(r.path)
      yield* put(r.channel, batch("first"))
      const id = r.server().ask("item/commandExecution/requestApproval", { command: "rm -r /" })
      yield* r.signal(isState("Asking"))
      const one = batch("now this")
      yield* steer(r.channel, one)
      assert.isFalse(r.signals.some(isOf(one)))
      yield* screen.send({ id, result: { decision: "accept" } })
      yield* r.signal(isOf(one))
    })
  )
  it.scoped("that an interrupt dropped is given back", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      yield* put(r.channel, batch("first"))
      r.server().ask("item/commandExecution/requestApproval")
      yield* r.signal(isState("Asking"))
      const one = batch("dropped")
      yield* steer(r.channel, one)
      yield* r.channel.interrupt!
      assert.deepStrictEqual(yield* r.signal(isOf(one)), { _tag: "Returned", which: { id: one.id } })
    })
  )
  it.scoped("that went in before the interrupt is not given back", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      yield* put(r.channel, batch("first"))
      yield* r.signal(isState("Busy"))
      const one = batch("in time")
      yield* steer(r.channel, one)
      yield* r.channel.interrupt!
      yield* r.signal(isState("Idle"))
      assert.deepStrictEqual(r.signals.filter(isOf(one)).map(tagOf), ["Taken"])
    })
  )
  it.scoped("without a turn is not taken", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      yield* r.signal(isState("Idle"))
      assert.strictEqual((yield* Effect.flip(steer(r.channel, batch("x"))))._tag, "NotTaken")
      assert.notInclude(methods(r.server()), "turn/steer")
    })
  )
  it.scoped("into a compaction waits for its end, and is then not taken", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      yield* r.signal(isState("Idle"))
      r.server().compact()
      yield* r.signal(isState("Busy"))
      const one = yield* Effect.fork(Effect.flip(steer(r.channel, batch("x"))))
      yield* TestClock.adjust("1 hour")
      assert.isTrue(Option.isNone(yield* Fiber.poll(one)))
      r.server().endTurn()
      assert.strictEqual((yield* Fiber.join(one))._tag, "NotTaken")
    })
  )
  it.scoped("a turn that a person began at the same moment takes the message, too; what it drops is given back", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { screen, threadId } = yield* start(r.path)
      yield* screen.call("turn/start", { threadId, clientUserMessageId: "a person's", input: [] })
      r.server().ask("item/tool/requestUserInput", { questions: [{ question: "Which?" }] })
      const one = batch("joins")
      yield* put(r.channel, one)
      yield* r.channel.interrupt!
      assert.strictEqual((yield* r.signal(isOf(one)))._tag, "Returned")
    })
  )
  it.scoped("a turn of its own that failed is not given back: nobody knows what the model had", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      const one = batch("fails")
      yield* put(r.channel, one)
      r.home.threads.clear()
      r.server().endTurn("failed")
      yield* r.signal(isState("Idle"))
      assert.deepStrictEqual(r.signals.filter(isOf(one)).map(tagOf), ["Taken"])
    })
  )
})

describe("what is asked", () => {
  it.scoped.each<readonly [string, Record<string, unknown>, string, string | undefined]>([
    ["item/commandExecution/requestApproval", { command: "touch  /x" }, "permission", "touch /x"],
    ["item/fileChange/requestApproval", { reason: "write outside" }, "permission", "write outside"],
    ["item/permissions/requestApproval", {}, "permission", undefined],
    ["item/tool/requestUserInput", { questions: [{ question: "Which one?" }] }, "question", "Which one?"],
    ["mcpServer/elicitation/request", { message: "Sign in" }, "question", "Sign in"]
  ])("%s is told, with what it is about, and is the screen's to answer", ([method, params, what, detail]) =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { screen } = yield* start(r.path)
      yield* put(r.channel, batch("first"))
      const id = r.server().ask(method, params)
      const signal = yield* r.signal(isState("Asking"))
      assert.deepStrictEqual(signal, {
        _tag: "State",
        state: { _tag: "Asking", what, ...(detail === undefined ? {} : { detail }) }
      } as never)
      yield* screen.until((message) => message.id === id && message.method === method)
      // Nothing but the screen answers it.
      assert.deepStrictEqual(
        r.server().received.filter((message) => message.method === undefined),
        []
      )
      yield* screen.send({ id, result: {} })
      yield* screen.until((message) => message.method === "serverRequest/resolved")
      assert.deepStrictEqual(r.signals.at(-1), { _tag: "State", state: { _tag: "Busy" } })
    })
  )
  it.scoped.each<readonly [string, Record<string, unknown>]>([
    ["item/tool/call", { tool: "list_threads" }],
    ["attestation/generate", {}],
    ["item/tool/requestUserInput", { isBlocking: false, questions: [] }]
  ])("%s %j is no question to a person", ([method, params]) =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { screen } = yield* start(r.path)
      yield* put(r.channel, batch("first"))
      r.server().ask(method, params)
      yield* screen.until((message) => message.method === method)
      assert.isFalse(r.signals.some(isState("Asking")))
    })
  )
  it.scoped("is over with its turn", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      yield* put(r.channel, batch("first"))
      r.server().ask("item/commandExecution/requestApproval")
      yield* r.signal(isState("Asking"))
      r.server().endTurn()
      assert.deepStrictEqual(r.signals.at(-1), { _tag: "State", state: { _tag: "Idle" } })
    })
  )
})

describe("threads", () => {
  it.scoped("a person's new one is the agent's from then on; titles and sub-agents are not", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { screen, threadId } = yield* start(r.path)
      yield* screen.call("thread/start", { ephemeral: true })
      const { result } = yield* screen.call("thread/start", { ephemeral: false })
      const next = result?.thread?.id ?? ""
      yield* r.signal((signal) => signal._tag === "Session" && signal.id === next)
      yield* put(r.channel, batch("to the new one"))
      assert.strictEqual(r.server().received.at(-1)?.params?.["threadId"], next)
      assert.deepStrictEqual(
        r.signals.flatMap((signal) => (signal._tag === "Session" ? [signal.id] : [])),
        [threadId, next]
      )
    })
  )
  it.scoped("one that is resumed is told as such", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      r.home.threads.set("old", [])
      const screen = yield* connect(r.path)
      yield* screen.call("initialize")
      yield* screen.call("thread/resume", { threadId: "old", excludeTurns: true })
      assert.deepStrictEqual(r.signals[0], { _tag: "Session", id: "old", resumed: true })
    })
  )
  it.scoped("one that should go on and is not there is said to be lost", () =>
    Effect.gen(function* () {
      const r = yield* rig({ lostSession: "gone" })
      assert.strictEqual(r.signals[0]?._tag, "SessionLost")
    })
  )
})

describe("after a crash", () => {
  const line = (id: string) => [{ type: "text", text: `Relay message from bob [${id}]: hello` }]
  const item = (id: string) => ({
    turnId: "t",
    item: { type: "userMessage" as const, clientId: null, content: line(id) }
  })
  it.scoped("what the resumed thread holds is found, on later pages too, and nothing else", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const other = Array.from({ length: 250 }, (_, index) => item(`m${index}`))
      r.home.threads.set("old", [item("wanted"), ...other])
      const asked = yield* Effect.fork(r.channel.lookup!([MessageId.make("wanted"), MessageId.make("absent")]))
      const screen = yield* connect(r.path)
      yield* screen.call("initialize")
      yield* screen.call("thread/resume", { threadId: "old" })
      assert.deepStrictEqual(yield* Fiber.join(asked), { answered: true, found: new Set([MessageId.make("wanted")]) })
    })
  )
  it.scoped("without a thread nothing can be said", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const asked = yield* Effect.fork(r.channel.lookup!([MessageId.make("m1")]))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* Fiber.join(asked), { answered: false, found: new Set<MessageId>() })
    })
  )
})

describe("an app-server that ends", () => {
  it.scoped("is followed by a new one when the screen is back; nothing goes in meanwhile", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { screen, threadId } = yield* start(r.path)
      const first = batch("first")
      yield* put(r.channel, first)
      yield* r.signal(isOf(first))
      r.server().die()
      yield* screen.closed
      const waiting = batch("in between")
      const fiber = yield* Effect.fork(put(r.channel, waiting))
      const again = yield* connect(r.path)
      yield* again.call("initialize")
      assert.lengthOf(r.servers, 2)
      assert.notInclude(methods(r.server()), "turn/start")
      yield* again.call("thread/resume", { threadId })
      yield* Fiber.join(fiber)
      yield* r.signal(isOf(waiting))
      assert.deepStrictEqual(r.signals.filter(isOf(first)).map(tagOf), ["Taken"])
      assert.lengthOf(
        r.signals.filter((signal) => signal._tag === "Session"),
        1
      )
    })
  )
  it.scoped("with a message on its way: uncertain; given back when the saved thread has it not", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { screen, threadId } = yield* start(r.path)
      yield* r.signal(isState("Idle"))
      r.home.threads.set(threadId, [])
      r.server().fallSilent()
      const one = batch("on its way")
      const fiber = yield* Effect.fork(Effect.flip(put(r.channel, one)))
      yield* Effect.yieldNow()
      r.server().die()
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "PutUncertain")
      yield* screen.closed
      const again = yield* connect(r.path)
      yield* again.call("thread/resume", { threadId })
      assert.strictEqual((yield* r.signal(isOf(one)))._tag, "Returned")
    })
  )
  it.scoped("with a message on its way: taken when the saved thread has it", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      const { screen, threadId } = yield* start(r.path)
      yield* r.signal(isState("Idle"))
      r.server().fallSilent()
      const one = batch("on its way")
      const fiber = yield* Effect.fork(Effect.flip(put(r.channel, one)))
      yield* Effect.yieldNow()
      r.home.threads.set(threadId, [{ turnId: "t", item: { type: "userMessage", clientId: one.id, content: [] } }])
      r.server().die()
      yield* Fiber.join(fiber)
      yield* screen.closed
      const again = yield* connect(r.path)
      yield* again.call("thread/resume", { threadId })
      assert.strictEqual((yield* r.signal(isOf(one)))._tag, "Taken")
    })
  )
  it.scoped("five times without a thread: the channel is absent, and says why", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      for (let round = 0; round < 5; round++) {
        const screen = yield* connect(r.path)
        yield* screen.call("initialize")
        r.server().die("bad config")
        yield* screen.closed
      }
      assert.deepStrictEqual(r.signals, [{ _tag: "Absent", reason: "bad config" }])
      const refused = yield* connect(r.path)
      yield* refused.closed
      assert.lengthOf(r.servers, 5)
    })
  )
  it.scoped("a second screen is refused while one is connected", () =>
    Effect.gen(function* () {
      const r = yield* rig()
      yield* start(r.path)
      assert.match(String(yield* Effect.flip(connect(r.path))), /409/)
      yield* put(r.channel, batch("to the first"))
    })
  )
})
