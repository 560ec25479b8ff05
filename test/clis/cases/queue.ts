/** Several messages, and messages in every phase of a turn. */
import * as Effect from "effect/Effect"
import type { Stage } from "../Stage.ts"
import { Problem } from "../World.ts"
import type { Case } from "./Case.ts"

const many = (count: number, within: number): Case => ({
  name: `queue.${count}`,
  about: `${count} messages at once, while idle: each once, in order`,
  shared: true,
  ...(count === 10 ? { fixed: true as const } : {}),
  run: (stage) =>
    Effect.gen(function* () {
      yield* stage.idle()
      const sent = yield* Effect.forEach(Array.from({ length: count }), (_, i) => stage.send(`number ${i}`))
      const times = yield* Effect.forEach(sent, (each) => stage.received(each, within))
      stage.note(`all received after ${Math.max(...times)} ms`)
    })
})

interface Phase {
  readonly name: string
  readonly about: string
  readonly asks?: true
  readonly families?: Case["families"]
  /** Brings the agent there; gives what ends the phase, when a person has to. */
  readonly enter: (stage: Stage) => Effect.Effect<Effect.Effect<void, Problem> | undefined, Problem>
}

const firstRequest = (stage: Stage, marker: string) =>
  stage.exchange(
    `the turn of ${marker} began`,
    ({ isTurn, texts, who }) => isTurn && who === stage.family && texts.some(({ text }) => text.includes(marker))
  )

const busyWith = (directive: string) => (stage: Stage) =>
  Effect.gen(function* () {
    const sent = yield* stage.send(directive)
    yield* firstRequest(stage, sent.marker)
    return undefined
  })

const phases: ReadonlyArray<Phase> = [
  { name: "thinking", about: "before the first token", enter: busyWith("do:think=6000") },
  { name: "streaming", about: "while the answer streams", enter: busyWith("do:stream=6000") },
  {
    name: "tool",
    about: "while a tool runs",
    enter: (stage) =>
      Effect.gen(function* () {
        const sent = yield* stage.send("do:run=sleep 5")
        const began = yield* firstRequest(stage, sent.marker)
        yield* stage.world.until(
          "the tool runs",
          Effect.sync(() =>
            stage.world.processes().some(({ command }) => /^sleep 5$/.test(command)) ? true : undefined
          ),
          15_000
        )
        void began
        return undefined
      })
  },
  {
    name: "permission",
    about: "while a permission dialog is open",
    asks: true,
    enter: (stage) =>
      Effect.gen(function* () {
        const sent = yield* stage.send("do:shell=touch /var/tmp/relay-judge")
        yield* firstRequest(stage, sent.marker)
        yield* stage.shows(stage.facts.permission)
        return stage.type(stage.facts.allow)
      })
  },
  {
    name: "question",
    about: "while the agent asks the person a question",
    families: ["claude", "opencode"],
    enter: (stage) =>
      Effect.gen(function* () {
        const sent = yield* stage.send("do:ask")
        yield* firstRequest(stage, sent.marker)
        yield* stage.shows(/Which colour shall it be/)
        return stage.type(stage.facts.answer)
      })
  },
  {
    name: "retry",
    about: "while the program waits to try again after HTTP 529",
    enter: (stage) =>
      Effect.gen(function* () {
        const sent = yield* stage.send("do:status=529*2")
        yield* stage.exchange(
          "the model refused",
          ({ status, texts }) => status === 529 && texts.some(({ text }) => text.includes(sent.marker))
        )
        return undefined
      })
  },
  {
    name: "compacting",
    about: "while the program compacts",
    enter: (stage) =>
      Effect.gen(function* () {
        const first = yield* stage.send("something to compact")
        yield* stage.received(first)
        yield* stage.idle()
        const before = stage.world.model.exchanges.length
        yield* stage.type(stage.facts.compact)
        yield* stage.shows(new RegExp(stage.facts.compact))
        // Its menu of commands opens first.
        yield* Effect.sleep(700)
        yield* stage.type("\r")
        yield* stage.world.until(
          "the program asks for a summary",
          Effect.sync(() => (stage.world.model.exchanges.length > before ? true : undefined)),
          15_000
        )
        return undefined
      })
  }
]

/** Longer than any deadline after which 0.1.0 typed all the same. */
const holdMillis = 28_000

const untouched = (stage: Stage, before: string, marker: string) =>
  stage.world
    .until(
      "the message is typed",
      Effect.map(stage.screen(), (now) => (now.includes(marker) ? now : undefined)),
      holdMillis
    )
    .pipe(
      Effect.matchEffect({
        onSuccess: (now) =>
          Effect.sync(() => stage.found({ fault: "typed into an asking screen", detail: `${before}\n→\n${now}` })),
        onFailure: () => Effect.void
      })
    )

const inPhase = (phase: Phase, mode: "wait" | "steer"): Case => ({
  name: `${mode}.${phase.name}`,
  about: `mode ${mode}, ${phase.about}`,
  ...(phase.families === undefined ? {} : { families: phase.families }),
  ...(phase.name === "streaming" ? { fixed: true as const } : {}),
  ...(phase.name === "permission" && mode === "wait" ? { fixed: ["claude", "qwen"] as const } : {}),
  ...(phase.asks === true ? { agent: "asks" as const } : {}),
  run: (stage) =>
    Effect.gen(function* () {
      yield* stage.idle()
      const end = yield* phase.enter(stage)
      const open = stage.world.model.exchanges.at(-1)
      const second = yield* stage.send("the second message", { mode })
      if (end !== undefined) {
        const asking = phase.name === "permission" ? stage.facts.permission : /Which colour shall it be/
        const before = yield* stage.screen()
        yield* untouched(stage, before, second.marker)
        const still = yield* stage.screen()
        if (!asking.test(still))
          stage.found({ fault: "typed into an asking screen", detail: `the dialog is gone:\n${still}` })
        else if (second.ackedAt !== undefined && !stage.isReceived(second))
          stage.found({ fault: "acked but not received", detail: `${second.marker}, while the program asked` })
        yield* end
      }
      const millis = yield* stage.received(second, 60_000)
      stage.note(`received after ${millis} ms`)
      if (mode === "wait" && (phase.name === "thinking" || phase.name === "streaming") && open?.outcome === "left")
        yield* new Problem({ reason: "the message was to wait, and the turn was cut off" })
    })
})

export const queueCases: ReadonlyArray<Case> = [
  many(10, 60_000),
  many(100, 120_000),
  {
    name: "queue.10-busy",
    about: "ten messages during a turn: each once, in order, after it",
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const first = yield* stage.send("do:stream=4000")
        const began = yield* firstRequest(stage, first.marker)
        const sent = yield* Effect.forEach(Array.from({ length: 10 }), (_, i) =>
          stage.send(`number ${i}`, { mode: "wait" })
        )
        const times = yield* Effect.forEach(sent, (each) => stage.received(each, 60_000))
        stage.note(`all received after ${Math.max(...times)} ms`)
        yield* stage.require(began.outcome === "answered", "the messages were to wait, and the turn was cut off")
      })
  },
  ...phases.flatMap((phase) => [inPhase(phase, "wait"), inPhase(phase, "steer")]),
  {
    name: "error.500",
    about: "the model refuses for good; the message after it",
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const first = yield* stage.send("do:status=400*99")
        yield* stage.exchange(
          "the model refused",
          ({ status, texts }) => status === 400 && texts.some(({ text }) => text.includes(first.marker))
        )
        const second = yield* stage.send("after the error")
        stage.note(`received after ${yield* stage.received(second, 60_000)} ms`)
      })
  },
  {
    name: "stopped",
    about: "a program that does not run at all has taken nothing: no ack before it goes on",
    fixed: ["claude", "codex", "gemini"],
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const pids = stage.world.processes().map(({ pid }) => pid)
        for (const pid of pids) process.kill(pid, "SIGSTOP")
        const sent = yield* stage.send("while you are stopped")
        const acked = yield* stage.world
          .until(
            "the ack",
            Effect.sync(() => (sent.ackedAt === undefined ? undefined : true)),
            8_000
          )
          .pipe(Effect.orElseSucceed(() => false))
        for (const pid of pids) process.kill(pid, "SIGCONT")
        if (acked)
          stage.found({
            fault: "acked but not received",
            detail: `${sent.marker}: acked while the program was stopped`
          })
        stage.note(`received after ${yield* stage.received(sent, 60_000)} ms`)
      })
  }
]
