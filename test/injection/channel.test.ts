/** Channels by the test clock: a fake program with a composer, and what it says of itself. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { ChannelName } from "../../src/domain/Receipt.ts"
import { type Batch, type Channel, NotTaken, type OpenedChannel, type Signal } from "../../src/harness/Channel.ts"
import { readBox } from "../../src/harness/Composer.ts"
import { menu } from "../../src/harness/Dialog.ts"
import { Generic } from "../../src/harness/Generic.ts"
import type { Harness } from "../../src/harness/Harness.ts"
import { commandLinesOnly, type Launcher, openChannel } from "../../src/harness/Launcher.ts"
import { composerDefaults, guardOf, type TerminalRules } from "../../src/harness/TerminalRules.ts"
import { textOf } from "../../src/pty/ScreenView.ts"
import type { FakeProcess } from "../../src/testing/FakePty.ts"
import * as workers from "../workers/rig.ts"
import { conformance, type Subject } from "./conformance.ts"

const rule = "─".repeat(40)
const composer = {
  read: readBox({ prompt: /^❯(?: |$)/u, top: /^─{10,}/u, end: /^─{10,}/u, indent: /^ {0,2}/u }),
  chip: undefined
}
const terminal: TerminalRules = {
  ...composerDefaults,
  readiness: {
    isPrompt: () => false,
    isReady: (view) => composer.read(view)._tag === "Shown",
    promptMillis: 100,
    silentMillis: undefined
  },
  composer,
  dialogs: [
    {
      name: "permission",
      asks: "permission",
      phase: "any",
      isShown: menu({ composer, says: [], options: [/Yes\b/, /No\b/] }),
      answer: undefined
    }
  ],
  isBusy: (view) => textOf(view).some((row) => row.startsWith("✻ working")),
  enterGuard: guardOf(100, 0),
  interrupt: { keys: "\x1b", gapMillis: 1_000 }
}

/** How the fake program is spoken to: by its calls, by its hooks beside the terminal, or by its terminal alone. */
type Kind = "calls" | "hooks" | "silent"
const channelOf: Record<Kind, ChannelName> = { calls: "app_server", hooks: "hooks", silent: "screen" }

class Program {
  readonly turns: Array<string> = []
  tell: (signal: Signal) => void = () => {}
  process: FakeProcess | undefined
  text = ""
  busy = false
  asking = false
  holds = false
  ids: Array<string> = []
  readonly kind: Kind
  constructor(kind: Kind) {
    this.kind = kind
  }

  draw() {
    const said = this.turns.flatMap((turn) => turn.trimEnd().split("\n").slice(-6)).slice(-12)
    const rows = this.asking
      ? [...said, "Run this?", "❯ 1. Yes", "  2. No"]
      : [
          ...said.map((row) => `  ${row}`),
          ...(this.busy ? ["✻ working"] : []),
          rule,
          ...this.text
            .split("\n")
            .slice(-20)
            .map((row, index) => `${index === 0 ? "❯" : " "} ${row}`),
          rule
        ]
    return this.process?.emit(`\x1b[?2004h\x1b[H\x1b[2J${rows.join("\r\n")}`) ?? Effect.void
  }
  said() {
    if (this.kind === "silent") return
    this.tell({
      _tag: "State",
      state: this.asking ? { _tag: "Asking", what: "permission" } : { _tag: this.busy ? "Busy" : "Idle" }
    })
  }
  begin(text: string, id?: string) {
    this.turns.push(text)
    this.busy = true
    this.said()
    if (this.kind !== "silent") {
      const which = id === undefined ? { text } : { id }
      this.tell({ _tag: "Taken", which, proof: id === undefined ? "taken_with_text" : "taken_with_id" })
    }
    if (this.holds) return this.draw()
    return Effect.zipRight(this.draw(), Effect.delay(this.end(), "400 millis"))
  }
  end() {
    return Effect.suspend(() => {
      this.busy = false
      this.said()
      return this.draw()
    })
  }
  onWrite(data: string): Effect.Effect<void> {
    if (this.asking) return Effect.void
    if (data === "\x1b") return this.end()
    if (data === "\r") {
      const sent = this.text
      this.text = ""
      return sent === "" ? this.draw() : Effect.asVoid(Effect.forkDaemon(this.begin(sent)))
    }
    this.text += data.replace(/\x1b\[20[01]~/g, "")
    return this.draw()
  }
}

const harnessOf = (program: Program, refuse: () => boolean = () => false): Harness => {
  const put = (batch: Batch) =>
    Effect.suspend(() =>
      refuse()
        ? Effect.fail(new NotTaken({ reason: "not now" }))
        : Effect.asVoid(Effect.forkDaemon(program.begin(batch.text, batch.id)))
    )
  const calls = program.kind === "calls" ? { put, steer: put } : {}
  const channel: Channel = { name: channelOf[program.kind], ...calls }
  const opened: OpenedChannel = {
    launch: {},
    attach: (_running, tell) =>
      Effect.sync(() => {
        program.tell = tell
        if (program.kind !== "silent") tell({ _tag: "Sign" })
        return channel
      })
  }
  return {
    ...Generic,
    family: "fake",
    terminal,
    channel: { name: channel.name, open: () => Effect.succeed(opened) }
  }
}

/** Command lines only, and channels. */
const launcher: Launcher = {
  ...commandLinesOnly,
  launch: (request) =>
    Effect.gen(function* () {
      const launch = yield* commandLinesOnly.launch(request)
      const context = {
        ...{ spec: request.spec, line: request.line, environment: request.environment, mcp: undefined },
        ...{ directory: "/", freshId: "id", resumed: false, findings: {}, channel: undefined }
      }
      return { ...launch, channel: yield* openChannel(request.harness, context, Effect.succeed(undefined)) }
    })
}

const layerOf = (harness: Harness) =>
  workers.fakeLayer({ launcher, harnesses: [{ matches: (name) => name === "fake", harness }] })

const hosted = (program: Program) =>
  Effect.map(
    workers.startFake(workers.specOf("x", { cli: "fake" }), (process) => {
      program.process = process
      return Effect.zipRight(
        process.onWrite((data) => program.onWrite(data)),
        program.draw()
      )
    }),
    ({ process, worker }) => ({ process, worker })
  )

const advance = (millis: number) => Effect.zipRight(TestClock.adjust(millis), workers.settle)

for (const kind of ["calls", "hooks", "silent"] as const) {
  const program = { current: new Program(kind) }
  conformance<workers.Services>({
    channel: channelOf[kind],
    steersInto: kind === "calls",
    provide: (body) =>
      Effect.suspend(() => {
        program.current = new Program(kind)
        return Effect.provide(body, layerOf(harnessOf(program.current)))
      }),
    subject: Effect.gen(function* () {
      const of = program.current
      const { worker } = yield* hosted(of)
      yield* advance(300)
      const subject: Subject = {
        worker,
        turns: () => of.turns.map((turn) => turn.trimEnd()),
        advance,
        holdTurns: Effect.sync(() => {
          of.holds = true
        }),
        endTurn: of.end(),
        ask: () =>
          Effect.suspend(() => {
            of.asking = true
            of.said()
            return of.draw()
          }),
        answer: Effect.suspend(() => {
          of.asking = false
          of.said()
          return of.draw()
        })
      }
      return subject
    })
  })
}

describe("when a channel counts", () => {
  const test = (
    title: string,
    kind: Kind,
    body: (program: Program) => Effect.Effect<void, unknown, workers.Services>
  ) =>
    it.effect(title, () =>
      Effect.suspend(() => {
        const program = new Program(kind)
        return Effect.provide(body(program), layerOf(harnessOf(program)))
      })
    )

  test(
    "before its first signal the screen counts; a turn that is seen while it is silent for 5 s makes it absent",
    "silent",
    (program) =>
      Effect.gen(function* () {
        const events = yield* workers.Recorded
        const { worker } = yield* hosted(program)
        yield* advance(300)
        assert.strictEqual((yield* worker.status).channel.standing, "silent")
        const sent = yield* workers.send(worker)
        yield* advance(1_000)
        workers.assertSubmitted(yield* sent.outcomeNow, "turn_started")
        assert.strictEqual((yield* worker.status).channel.standing, "silent")
        yield* advance(5_000)
        assert.deepInclude((yield* worker.status).channel, { standing: "absent", name: "screen" })
        assert.lengthOf(
          events.filter((event) => event.kind === "agent_channel" && event.standing === "absent"),
          1
        )
      })
  )

  test(
    "must not fire: once it is live, what the screen shows proves nothing; a late word of its own does",
    "hooks",
    (program) =>
      Effect.gen(function* () {
        const { worker } = yield* hosted(program)
        yield* advance(300)
        const { tell } = program
        program.tell = () => {}
        const sent = yield* workers.send(worker)
        yield* advance(60_000)
        assert.lengthOf(program.turns, 1)
        assert.isUndefined(yield* sent.outcomeNow)
        assert.strictEqual((yield* worker.status).waiting, "unproven")
        tell({ _tag: "Taken", which: { text: program.turns[0] ?? "" }, proof: "taken_with_text" })
        yield* workers.settle
        workers.assertSubmitted(yield* sent.outcomeNow, "taken_with_text")
      })
  )

  test(
    "must not fire: what the program only queues is not had before it leaves the queue, and is not unproven either",
    "hooks",
    (program) =>
      Effect.gen(function* () {
        const events = yield* workers.Recorded
        const { worker } = yield* hosted(program)
        yield* advance(300)
        const { tell } = program
        program.tell = (signal) => {
          if (signal._tag === "Taken") tell({ _tag: "Queued", which: signal.which })
        }
        const sent = yield* workers.send(worker)
        yield* advance(4_000)
        assert.isUndefined(yield* sent.outcomeNow)
        tell({ _tag: "Taken", which: { text: program.turns[0] ?? "" }, proof: "taken_with_text" })
        yield* workers.settle
        workers.assertSubmitted(yield* sent.outcomeNow, "taken_with_text")
        assert.notInclude(workers.kindsOf(events, "delivery_unproven"), "delivery_unproven")
      })
  )

  test("must not fire: another one's text, or one that quotes ours, is no proof", "hooks", (program) =>
    Effect.gen(function* () {
      const { worker } = yield* hosted(program)
      yield* advance(300)
      const { tell } = program
      program.tell = () => {}
      const sent = yield* workers.send(worker)
      yield* advance(1_000)
      const quoted = `look at this:\n> ${(program.turns[0] ?? "").split("\n").at(-1)}`
      tell({ _tag: "Taken", which: { text: quoted }, proof: "taken_with_text" })
      tell({ _tag: "Taken", which: { text: "Relay message from Bob [msg_other]: hi" }, proof: "taken_with_text" })
      tell({ _tag: "Taken", which: { id: "another-batch" }, proof: "taken_with_id" })
      yield* workers.settle
      assert.isUndefined(yield* sent.outcomeNow)
    })
  )
})

describe("a call of the program's own", () => {
  it.effect("what it did not take waits and is put in again, once it takes it", () =>
    Effect.suspend(() => {
      const program = new Program("calls")
      let refuses = true
      return Effect.gen(function* () {
        const { process, worker } = yield* hosted(program)
        yield* advance(300)
        const sent = yield* workers.send(worker)
        yield* advance(3_000)
        assert.isUndefined(yield* sent.outcomeNow)
        refuses = false
        yield* advance(3_000)
        workers.assertSubmitted(yield* sent.outcomeNow, "taken_with_id")
        assert.lengthOf(program.turns, 1)
        assert.deepStrictEqual(process.writes, [], "no key was pressed")
      }).pipe(Effect.provide(layerOf(harnessOf(program, () => refuses))))
    })
  )

  it.effect("a person's draft is neither touched nor waited for", () =>
    Effect.suspend(() => {
      const program = new Program("calls")
      return Effect.gen(function* () {
        const { process, worker } = yield* hosted(program)
        yield* advance(300)
        yield* worker.write("my own words", { human: true })
        const sent = yield* workers.send(worker)
        yield* workers.settle
        workers.assertSubmitted(yield* sent.outcomeNow, "taken_with_id")
        assert.deepStrictEqual(process.writes, ["my own words"])
      }).pipe(Effect.provide(layerOf(harnessOf(program))))
    })
  )
})
