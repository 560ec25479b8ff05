/** A registry on fake terminals, every event it publishes, and messages whose outcome can be awaited. */
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import type { AgentSpec } from "../../src/domain/AgentSpec.ts"
import { AgentId, AgentName, DeliveryId, MessageId, Seq } from "../../src/domain/Ids.ts"
import type { RelayMessage } from "../../src/domain/Message.ts"
import type { Evidence, InjectionOutcome } from "../../src/domain/Receipt.ts"
import type { BrokerEvent } from "../../src/events/Event.ts"
import { Events } from "../../src/events/Events.ts"
import type { InjectionItem, Worker } from "../../src/injection/Worker.ts"
import { HeadlessScreen } from "../../src/pty/HeadlessScreen.ts"
import type { Pty } from "../../src/pty/Pty.ts"
import { type FakeProcess, FakePty } from "../../src/testing/FakePty.ts"
import { LiveWorkerRegistry, type LiveWorkerRegistryOptions } from "../../src/workers/LiveWorkerRegistry.ts"
import { WorkerRegistry } from "../../src/workers/WorkerRegistry.ts"

export type Services = FakePty | WorkerRegistry | Recorded

/** Every event since the layer was built. */
export class Recorded extends Context.Tag("test/Recorded")<Recorded, ReadonlyArray<BrokerEvent>>() {}

export const recorded = Layer.scoped(
  Recorded,
  Effect.gen(function* () {
    const events: Array<BrokerEvent> = []
    yield* (yield* Events).listen((event) => void events.push(event))
    return events
  })
)

export const layerOn = <R>(pty: Layer.Layer<Pty | R>, options: Partial<LiveWorkerRegistryOptions> = {}) =>
  LiveWorkerRegistry.layer({ baseEnv: { PATH: process.env["PATH"] }, ...options }).pipe(
    Layer.provideMerge(pty),
    Layer.provideMerge(HeadlessScreen.layer),
    Layer.provideMerge(recorded),
    Layer.provideMerge(Events.layer)
  )

/** Known programs count as started by time, so that a test sees their start. */
export const fakeLayer = (options: Partial<LiveWorkerRegistryOptions> = {}) =>
  layerOn(FakePty.layer, { knownMillis: 250, ...options })

export const specOf = (name: string, spec: Partial<AgentSpec> = {}): AgentSpec => ({
  name: AgentName.make(name),
  cli: "agent",
  args: [],
  channels: [],
  cwd: "/",
  ...spec
})

export const start = (spec: AgentSpec) =>
  Effect.gen(function* () {
    const registry = yield* WorkerRegistry
    const reservation = yield* registry.reserve(spec.name)
    return yield* registry.start({ reservation, spec, agentId: AgentId.make(`id-${spec.name}`), env: {} })
  })

/** Starts a worker on a fake terminal and lets the stability window pass. */
export const startFake = (spec: AgentSpec, play: (process: FakeProcess) => Effect.Effect<void> = () => Effect.void) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(start(spec))
    const process = yield* (yield* FakePty).next
    yield* play(process)
    yield* TestClock.adjust("250 millis")
    const worker = yield* Fiber.join(fiber)
    yield* settle
    return { worker, process }
  })

/** A program that shows a prompt at once and echoes what it is sent. */
export const echoing = (process: FakeProcess) =>
  Effect.zipRight(process.onWrite(process.emit), process.emit("hello\r\n$ "))

/** A program that shows a prompt and then nothing. */
export const silent = (process: FakeProcess) => process.emit("hello\r\n$ ")

/** The kernel edits its lines and prints what is typed. */
export const cooked = (process: FakeProcess) => process.setLineMode({ canonical: true, echo: true, endOfFile: "\x04" })

/** Everything that can happen without time passing has happened. */
export const settle = Effect.zipRight(TestClock.adjust(0), Effect.repeatN(Effect.yieldNow(), 20))

export interface Sent {
  readonly item: InjectionItem
  readonly outcome: Effect.Effect<InjectionOutcome>
  readonly outcomeNow: Effect.Effect<InjectionOutcome | undefined>
  readonly hooks: Array<string>
}

let lastId = 0

export const message = (message: Partial<RelayMessage> = {}, item: Partial<InjectionItem> = {}): Effect.Effect<Sent> =>
  Effect.map(Deferred.make<InjectionOutcome>(), (done) => {
    const id = message.id ?? MessageId.make(`msg_${++lastId}_x`)
    const hooks: Array<string> = []
    return {
      hooks,
      outcome: Deferred.await(done),
      outcomeNow: Effect.flatMap(
        Deferred.poll(done),
        (polled): Effect.Effect<InjectionOutcome | undefined> =>
          polled._tag === "None" ? Effect.succeed(undefined) : polled.value
      ),
      item: {
        delivery: {
          deliveryId: DeliveryId.make(`del_${id}`),
          agentId: AgentId.make("id-x"),
          agent: AgentName.make("x"),
          seq: Seq.make(1),
          origin: "engine",
          message: { id, from: "Alice", target: "x", text: "hi", mode: "wait", ...message }
        },
        onTyping: Effect.sync(() => void hooks.push("typing")),
        onOutcome: (outcome) => {
          hooks.push(outcome._tag)
          return Effect.asVoid(Deferred.succeed(done, outcome))
        },
        ...item
      }
    }
  })

/** Submits a message and gives it back. */
export const send = (worker: Worker, text: Partial<RelayMessage> = {}) =>
  Effect.tap(message(text), (sent) => worker.submit(sent.item))

export const kindsOf = (events: ReadonlyArray<BrokerEvent>, prefix: string) =>
  events.map((event) => event.kind).filter((kind) => kind.startsWith(prefix))

export const relayLines = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.startsWith("Relay message from"))
    .map((line) => line.replace(/ (?:\x1b\[201~)?$/, ""))

export const assertSubmitted = (outcome: InjectionOutcome | undefined, evidence: Evidence) =>
  assert.strictEqual(outcome?._tag === "Submitted" ? outcome.evidence : outcome, evidence)
