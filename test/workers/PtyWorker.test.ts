/** A worker on a fake terminal, time by the test clock. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { PtyBacklogFull, PtyClosed } from "../../src/domain/Errors.ts"
import { MessageId } from "../../src/domain/Ids.ts"
import { families } from "../../src/harness/families.ts"
import type { FakeProcess, FakePty } from "../../src/testing/FakePty.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"
import * as rig from "./rig.ts"

const test = (title: string, body: Effect.Effect<void, unknown, FakePty | WorkerRegistry | rig.Recorded>) =>
  it.effect(title, () => Effect.provide(body, rig.fakeLayer()))

describe("typing", () => {
  test(
    "an echoing program: text in one write, Enter alone, echo as evidence, events in order",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.echoing)
      const sent = yield* rig.send(worker, { id: MessageId.make("msg_1"), text: "do it", workspace: "ws" })
      yield* rig.settle
      assert.lengthOf(process.writes, 2)
      assert.include(process.writes[0], "Relay message from Alice [ws / msg_1]: do it")
      assert.include(process.writes[0], "<system-reminder>\n")
      assert.strictEqual(process.writes[1], "\r")
      rig.assertSubmitted(yield* sent.outcomeNow, "echo")
      assert.deepStrictEqual(sent.hooks, ["typing", "Submitted"])
      assert.deepStrictEqual(rig.kindsOf(events, "delivery_"), [
        "delivery_queued",
        "delivery_injected",
        "delivery_ack",
        "delivery_verified"
      ])
      const verified = events.find((event) => event.kind === "delivery_verified")
      assert.deepInclude(verified, { verification: "echo", reason: null, evidence: "echo" })
    })
  )

  test(
    "a command gets its Enter although whoever asked for it leaves in between; before its first byte nothing is typed",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      const asked = yield* Effect.fork(worker.setModel("opus"))
      yield* TestClock.adjust("50 millis")
      assert.deepStrictEqual(process.writes, ["/model opus"])
      const leaving = yield* Effect.fork(Fiber.interrupt(asked))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(leaving)
      assert.deepStrictEqual(process.writes, ["/model opus", "\r"])
      yield* worker.write("draft", { human: true })
      const later = yield* Effect.fork(worker.setModel("sonnet"))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(later)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(process.writes, ["/model opus", "\r", "draft"])
    })
  )

  test(
    "a silent program: Enter after 30 ms, unconfirmed 500 ms later",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      const sent = yield* rig.send(worker)
      yield* TestClock.adjust("29 millis")
      assert.lengthOf(process.writes, 1)
      yield* TestClock.adjust("1 millis")
      assert.lengthOf(process.writes, 2)
      yield* TestClock.adjust("499 millis")
      assert.isUndefined(yield* sent.outcomeNow)
      yield* TestClock.adjust("1 millis")
      rig.assertSubmitted(yield* sent.outcomeNow, "unconfirmed")
      const verified = events.find((event) => event.kind === "delivery_verified")
      assert.deepInclude(verified, { verification: "timeout_fallback", evidence: "unconfirmed" })
    })
  )

  test(
    "evidence may come in pieces, wrapped and coloured, and after Enter",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      const sent = yield* rig.send(worker, { id: MessageId.make("msg_123456") })
      yield* TestClock.adjust("100 millis")
      yield* process.emit("\x1b[1mmsg_12")
      yield* process.emit("3\x1b[0m \r\n45")
      yield* process.emit("\x1b")
      yield* rig.settle
      assert.isUndefined(yield* sent.outcomeNow)
      yield* process.emit("[32m6")
      yield* rig.settle
      rig.assertSubmitted(yield* sent.outcomeNow, "echo")
    })
  )

  test(
    "an id that was on screen before typing is no evidence",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* process.emit("earlier: msg_77\r\n$ ")
      yield* rig.settle
      const sent = yield* rig.send(worker, { id: MessageId.make("msg_77") })
      yield* TestClock.adjust("1 seconds")
      rig.assertSubmitted(yield* sent.outcomeNow, "unconfirmed")
    })
  )

  test(
    "brackets only while the program asks for them",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.echoing)
      yield* process.emit("\x1b[?20")
      yield* process.emit("04h$ ")
      yield* rig.settle
      yield* rig.send(worker)
      yield* rig.settle
      assert.match(process.writes[0]!, /^\x1b\[200~[\s\S]*\x1b\[201~$/)
      yield* rig.cooked(process)
      yield* process.emit("\x1b[?1;2004l")
      yield* rig.settle
      yield* rig.send(worker)
      yield* TestClock.adjust("1900 millis")
      assert.lengthOf(process.writes, 2, "its line editor may come back")
      yield* TestClock.adjust("600 millis")
      assert.notInclude(process.writes[2], "\x1b")
    })
  )

  test(
    "what queued up meanwhile goes out as one paste, in order, each with its own outcome",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      const number = (i: number) => rig.send(worker, { text: `number ${i}.` })
      const first = yield* number(0)
      yield* rig.settle
      const sent = [first, ...(yield* Effect.forEach(Array.from({ length: 19 }), (_, i) => number(i + 1)))]
      assert.strictEqual((yield* worker.status).queued, 20)
      yield* TestClock.adjust("2 seconds")
      assert.lengthOf(process.writes, 4)
      const lines = rig.relayLines(process.writes.join("\n"))
      assert.deepStrictEqual(
        lines.map((line) => /number \d+/.exec(line)?.[0]),
        sent.map((_, i) => `number ${i}`)
      )
      for (const one of sent) rig.assertSubmitted(yield* one.outcomeNow, "unconfirmed")
      assert.strictEqual((yield* worker.status).queued, 0)
    })
  )

  test(
    "steer overtakes what waits, not what is being typed",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* rig.send(worker, { text: "first" })
      yield* rig.settle
      yield* rig.send(worker, { text: "second" })
      yield* rig.send(worker, { text: "urgent", mode: "steer" })
      yield* TestClock.adjust("5 seconds")
      const bodies = rig.relayLines(process.writes.join("\n")).map((line) => line.split("]: ")[1])
      assert.deepStrictEqual(bodies, ["first", "urgent", "second"])
    })
  )

  test(
    "the reminder is full once, then short; none for agents that are not told of the relay",
    Effect.gen(function* () {
      const told = yield* rig.startFake(rig.specOf("x"), rig.echoing)
      for (let i = 0; i < 2; i++) {
        yield* rig.send(told.worker)
        yield* rig.settle
      }
      assert.include(told.process.writes[0], "Self-termination is not automatic")
      assert.include(told.process.writes[2], "<system-reminder>Reply via Agent Relay MCP")
      assert.notInclude(told.process.writes[2], "Self-termination")
      const untold = yield* rig.startFake(rig.specOf("y", { skipRelayPrompt: true }), rig.echoing)
      yield* rig.send(untold.worker)
      yield* rig.settle
      assert.match(untold.process.writes[0]!, /^Relay message from Alice \[[^\n]+\]: hi $/)
    })
  )
})

describe("gates", () => {
  test(
    "nothing is typed before readiness; the initial task is first, steer or not, and worker_ready comes before it",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), (p) =>
        Effect.all([rig.cooked(p), p.onWrite(p.emit), p.emit("booting\r\n")], { discard: true })
      )
      yield* rig.send(worker, { text: "normal" })
      yield* rig.send(worker, { text: "urgent", mode: "steer" })
      const task = yield* rig.message({
        id: MessageId.make("init_7f"),
        from: "broker",
        target: "x",
        text: "start here"
      })
      yield* worker.submit({ ...task.item, delivery: { ...task.item.delivery, origin: "initial_task" } })
      yield* rig.settle
      assert.deepStrictEqual(process.writes, [])
      assert.deepInclude(yield* worker.status, { readiness: "starting", queued: 3, waiting: "not_ready" })
      yield* process.emit("ready\r\n> ")
      yield* TestClock.adjust("3 seconds")
      const lines = rig.relayLines(process.writes.join("\n"))
      assert.match(lines[0]!, /^Relay message from broker \[[^\]]*init_7f\]: start here$/)
      assert.deepStrictEqual(
        lines.slice(1).map((line) => line.split("]: ")[1]),
        ["urgent", "normal"]
      )
      assert.notInclude(process.writes[0], "system-reminder")
      const kinds = events.map((event) => event.kind)
      assert.isBelow(kinds.indexOf("worker_ready"), kinds.indexOf("delivery_injected"))
      assert.deepInclude(yield* worker.status, { readiness: "ready", queued: 0, waiting: undefined })
    })
  )

  test(
    "a person's keystrokes hold typing for two seconds after the last one",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.echoing)
      yield* worker.write("l", { human: true })
      yield* TestClock.adjust("1500 millis")
      yield* worker.write("s", { human: true })
      const sent = yield* rig.send(worker)
      yield* TestClock.adjust("1999 millis")
      assert.deepStrictEqual(process.writes, ["l", "s"])
      assert.strictEqual((yield* worker.status).waiting, "human_typing")
      yield* TestClock.adjust("1 millis")
      yield* rig.settle
      rig.assertSubmitted(yield* sent.outcomeNow, "echo")
    })
  )

  test(
    "no keystroke comes between a text and its Enter",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* rig.send(worker)
      yield* TestClock.adjust("10 millis")
      const keys = yield* Effect.fork(Effect.zipRight(worker.write("a"), worker.write("b")))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(keys)
      assert.deepStrictEqual(process.writes.slice(1), ["\r", "a", "b"])
    })
  )

  test(
    "must not fire: an unknown program that prints without end and takes nothing over is not typed to",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.cooked)
      const noise = yield* Effect.fork(Effect.forever(Effect.delay(process.emit("."), "100 millis")))
      yield* rig.send(worker)
      yield* TestClock.adjust("1 minute")
      assert.deepInclude(yield* worker.status, { readiness: "starting", waiting: "not_ready" })
      assert.deepStrictEqual(process.writes, [])
      yield* Fiber.interrupt(noise)
    })
  )
})

describe("failure", () => {
  test(
    "a program that stops reading holds up its own messages only, and takes the rest when it reads again",
    Effect.gen(function* () {
      const stuck = yield* rig.startFake(rig.specOf("stuck"), rig.echoing)
      const fine = yield* rig.startFake(rig.specOf("fine"), rig.echoing)
      yield* stuck.process.stopReading
      const held = yield* rig.send(stuck.worker)
      const other = yield* rig.send(fine.worker)
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(yield* held.outcomeNow)
      rig.assertSubmitted(yield* other.outcomeNow, "echo")
      yield* stuck.process.readAgain
      yield* rig.settle
      rig.assertSubmitted(yield* held.outcomeNow, "echo")
    })
  )

  test(
    "an exit gives up what is being typed and what waits, once each",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      const first = yield* rig.send(worker)
      yield* rig.settle
      const second = yield* rig.send(worker)
      yield* process.exit({ exitCode: 3 })
      const exit = yield* worker.exit
      assert.deepInclude(exit, { exitCode: 3, signal: null, reason: "child_exited" })
      for (const sent of [first, second]) {
        assert.deepStrictEqual(yield* sent.outcomeNow, { _tag: "NotSubmitted", reason: "worker_exited" })
      }
      assert.deepStrictEqual(first.hooks, ["typing", "NotSubmitted"])
      assert.deepStrictEqual(second.hooks, ["NotSubmitted"])
      assert.lengthOf(rig.kindsOf(events, "delivery_failed"), 2)
      assert.strictEqual((yield* Effect.flip(worker.submit(first.item)))._tag, "UnknownWorker")
    })
  )

  test(
    "a refused write gives everything up when no exit follows",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* process.refuseWrites(new PtyClosed({ written: 0, total: 1 }))
      const sent = yield* rig.send(worker)
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* sent.outcomeNow, { _tag: "NotSubmitted", reason: "pty_write_failed" })
      yield* Effect.fork(worker.end("released"))
      yield* rig.settle
      assert.deepInclude(yield* worker.exit, { reason: "released" })
    })
  )

  test(
    "a text that no terminal would take is given up, the next one is typed",
    Effect.gen(function* () {
      const { worker } = yield* rig.startFake(rig.specOf("x"), rig.echoing)
      const huge = yield* rig.send(worker, { text: "x".repeat(9 * 1024 * 1024) })
      const next = yield* rig.send(worker)
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* huge.outcomeNow, { _tag: "GivenUp", reason: "pty_write_failed" })
      rig.assertSubmitted(yield* next.outcomeNow, "echo")
    })
  )

  test(
    "a backlog of keystrokes is waited for",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.echoing)
      yield* process.refuseWrites(new PtyBacklogFull({ limitBytes: 8 * 1024 * 1024 }))
      const sent = yield* rig.send(worker)
      yield* TestClock.adjust("10 seconds")
      assert.isUndefined(yield* sent.outcomeNow)
      yield* process.refuseWrites(undefined)
      yield* TestClock.adjust("1 seconds")
      rig.assertSubmitted(yield* sent.outcomeNow, "echo")
      assert.deepStrictEqual(sent.hooks, ["typing", "Submitted"])
    })
  )

  test(
    "a hook that dies is logged and costs the next message nothing",
    Effect.gen(function* () {
      const { worker } = yield* rig.startFake(rig.specOf("x"), rig.echoing)
      const bad = yield* rig.message({}, { onOutcome: () => Effect.dieMessage("bug") })
      yield* worker.submit(bad.item)
      const good = yield* rig.send(worker)
      yield* rig.settle
      rig.assertSubmitted(yield* good.outcomeNow, "echo")
    })
  )

  test(
    "a full queue refuses the newest; what is being typed counts",
    Effect.gen(function* () {
      const { worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* Effect.replicateEffect(rig.send(worker), 1_000, { discard: true })
      const error = yield* Effect.flip(rig.send(worker))
      assert.strictEqual(error._tag, "QueueFull")
      const big = yield* rig.startFake(rig.specOf("y"), rig.silent)
      const text = "x".repeat(9 * 1024 * 1024)
      yield* rig.send(big.worker, { text })
      assert.strictEqual((yield* Effect.flip(rig.send(big.worker, { text })))._tag, "QueueFull")
    })
  )
})

describe("end", () => {
  test(
    "exit by itself: last output, agent_exit, agent_exited; out of the table before; one entry in exits",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const registry = yield* WorkerRegistry
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* process.emit("more")
      yield* process.emit(" last words")
      yield* process.exit({ signal: 11 })
      const { exit, worker: ended } = yield* registry.exits.take
      assert.strictEqual(ended, worker)
      assert.deepInclude(exit, { exitCode: null, signal: 11 })
      assert.match(exit.lastOutput, /last words$/)
      assert.strictEqual((yield* registry.find("x"))._tag, "None")
      const kinds = events.map((event) => event.kind)
      assert.deepStrictEqual(kinds.slice(-3), ["worker_stream", "agent_exit", "agent_exited"])
      assert.deepInclude(events.at(-1), { code: null, signal: "11", reason: "child_exited" })
    })
  )

  test(
    "release: TERM, then KILL after 2 s; unfinished messages are given up; no exit events; idempotent",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* process.ignoreSignals("SIGTERM", "SIGHUP")
      const sent = yield* rig.send(worker)
      yield* rig.settle
      const ending = yield* Effect.fork(Effect.all([worker.end("released"), worker.end("shutdown")]))
      yield* TestClock.adjust("1999 millis")
      assert.isTrue((yield* Fiber.poll(ending))._tag === "None")
      assert.deepStrictEqual(yield* sent.outcomeNow, { _tag: "NotSubmitted", reason: "agent_released" })
      yield* TestClock.adjust("1 millis")
      const [first, second] = yield* Fiber.join(ending)
      assert.deepInclude(first, { reason: "released", signal: 9 })
      assert.strictEqual(second, first)
      assert.strictEqual(process.signals[0], "SIGTERM")
      assert.deepStrictEqual(rig.kindsOf(events, "agent_"), [])
    })
  )

  test(
    "release goes on when the caller is interrupted",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* process.ignoreSignals("SIGTERM", "SIGHUP")
      const ending = yield* Effect.fork(worker.end("released"))
      yield* rig.settle
      yield* Fiber.interrupt(ending)
      yield* TestClock.adjust("3 seconds")
      assert.deepInclude(yield* worker.exit, { reason: "released" })
    })
  )

  test(
    "at shutdown all workers end at once and their messages get no outcome",
    Effect.gen(function* () {
      const registry = yield* WorkerRegistry
      const a = yield* rig.startFake(rig.specOf("a"), rig.silent)
      const b = yield* rig.startFake(rig.specOf("b"), rig.silent)
      yield* b.process.ignoreSignals("SIGTERM")
      const sent = yield* Effect.forEach([a.worker, b.worker], (worker) => rig.send(worker))
      yield* rig.settle
      const ending = yield* Effect.fork(registry.endAll)
      yield* TestClock.adjust("500 millis")
      yield* Fiber.join(ending)
      assert.deepStrictEqual(
        sent.map(({ hooks }) => hooks),
        [["typing"], ["typing"]]
      )
      assert.deepStrictEqual(yield* registry.list, [])
    })
  )
})

describe("output", () => {
  test(
    "events are put together for 16 ms or 4 KiB, and nothing is lost or reordered",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process } = yield* rig.startFake(rig.specOf("x"))
      const chunks = () => events.flatMap((event) => (event.kind === "worker_stream" ? [event.chunk] : []))
      for (const text of ["a", "b", "c"]) {
        yield* process.emit(text)
        yield* rig.settle
      }
      assert.deepStrictEqual(chunks(), ["a"])
      yield* TestClock.adjust("16 millis")
      assert.deepStrictEqual(chunks(), ["a", "bc"])
      yield* process.emit("é".repeat(2_048))
      yield* rig.settle
      assert.strictEqual(chunks()[2], "é".repeat(2_048))
    })
  )

  test(
    "idle once per quiet period, working again with output; a queued message keeps it working",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const idles = () => rig.kindsOf(events, "agent_idle").length
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* TestClock.adjust("29 seconds")
      yield* process.emit(".")
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(idles(), 0)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(idles(), 1)
      assert.strictEqual((yield* worker.status).currentState, "idle")
      assert.deepInclude(
        events.find((event) => event.kind === "agent_idle"),
        { idle_secs: 30, since: new Date(29_250).toISOString() }
      )
      yield* process.stopReading
      yield* rig.send(worker)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(idles(), 1)
      assert.strictEqual((yield* worker.status).currentState, "blocked_on_send")
      yield* process.readAgain
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(idles(), 2)
    })
  )

  test(
    "a message that waits for 120 s without output is told once per quiet period",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const told = () => events.filter((event) => event.kind === "agent_blocked_on_send")
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* process.stopReading
      yield* rig.send(worker)
      yield* TestClock.adjust("119 seconds")
      assert.lengthOf(told(), 0)
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(told(), [
        { kind: "agent_blocked_on_send", name: worker.name, blocked_secs: 120, pending_delivery_count: 1 }
      ])
      assert.strictEqual(rig.kindsOf(events, "agent_idle").length, 0)
      yield* process.emit(".")
      yield* TestClock.adjust("10 minutes")
      assert.lengthOf(told(), 2)
    })
  )

  test(
    "low context is told; must not fire: a line `/exit` in what a program prints ends nobody",
    Effect.gen(function* () {
      const events = yield* rig.Recorded
      const { process, worker } = yield* rig.startFake(rig.specOf("x"), rig.silent)
      yield* process.emit("Context 8% left\r\n/exit\r\n")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(process.signals, [])
      assert.deepInclude(events, { kind: "agent_context_low", name: worker.name, pct: 8 })
      assert.notInclude(rig.kindsOf(events, "agent_exit"), "agent_exited")
    })
  )
})

describe("an end that was asked for", () => {
  const prompting = (process: FakeProcess) => process.emit("hello\r\n> ")
  const withFamilies = (title: string, body: Effect.Effect<void, unknown, FakePty | WorkerRegistry | rig.Recorded>) =>
    it.effect(title, () => Effect.provide(body, rig.fakeLayer({ harnesses: families })))
  const ready = TestClock.adjust("2 seconds")

  withFamilies(
    "types what ends the family's program, and sends no signal to one that takes it",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x", { cli: "aider" }), prompting)
      yield* ready
      yield* process.onWrite((text) => (text === "/exit\r" ? process.exit({ exitCode: 0 }) : Effect.void))
      yield* Effect.fork(worker.end("released"))
      yield* rig.settle
      assert.deepStrictEqual(process.writes, ["/exit\r"])
      assert.deepInclude(yield* worker.exit, { reason: "released", exitCode: 0, signal: null })
    })
  )

  withFamilies(
    "does not wait for a program that ignores it",
    Effect.gen(function* () {
      const { process, worker } = yield* rig.startFake(rig.specOf("x", { cli: "aider" }), prompting)
      yield* ready
      yield* Effect.fork(worker.end("released"))
      yield* rig.settle
      assert.deepStrictEqual(process.writes, ["/exit\r"])
      assert.deepStrictEqual(process.signals, [])
      yield* TestClock.adjust("1 seconds")
      assert.isNotEmpty(process.signals)
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* worker.exit, { reason: "released" })
    })
  )

  withFamilies(
    "types nothing into a program that is still starting, nor into one of no known family",
    Effect.gen(function* () {
      const starting = yield* rig.startFake(rig.specOf("x", { cli: "aider" }))
      yield* Effect.fork(starting.worker.end("released"))
      const unknown = yield* rig.startFake(rig.specOf("y"), rig.silent)
      yield* ready
      yield* Effect.fork(unknown.worker.end("released"))
      yield* rig.settle
      assert.deepStrictEqual([...starting.process.writes, ...unknown.process.writes], [])
      assert.isNotEmpty(unknown.process.signals)
    })
  )
})
