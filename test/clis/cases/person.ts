/** A person at the keyboard: drafts, menus, views, first starts. */
import * as Effect from "effect/Effect"
import type { FirstStart } from "../homes.ts"
import type { Stage } from "../Stage.ts"
import type { Family } from "../versions.ts"
import { Problem } from "../World.ts"
import type { Case } from "./Case.ts"

/** Longer than any deadline after which 0.1.0 typed all the same. */
const holdMillis = 28_000

/** Sends a message into a state in which nothing may be typed, and watches for so long that no clock is left. */
const heldBack = (stage: Stage, what: string, millis = holdMillis) =>
  Effect.gen(function* () {
    const before = yield* stage.screen()
    const sent = yield* stage.send("not now", { expect: "withheld" })
    const wrong = yield* stage.world
      .until(
        "it is typed or acked",
        Effect.gen(function* () {
          const screen = yield* Effect.orElseSucceed(stage.screen(), () => "(the agent is gone)")
          return screen.includes(sent.marker) || sent.ackedAt !== undefined || screen === "(the agent is gone)"
            ? screen
            : undefined
        }),
        millis
      )
      .pipe(Effect.orElseSucceed(() => undefined))
    const after = yield* Effect.orElseSucceed(stage.screen(), () => "(the agent is gone)")
    if (wrong !== undefined)
      stage.found({
        fault: "typed into an asking screen",
        detail: `${what}; acked: ${sent.ackedAt !== undefined}\n${before}\n→\n${after}`
      })
    return { sent, before, after, wrong }
  })

const isTold = (stage: Stage, what: string) =>
  Effect.gen(function* () {
    const row = yield* stage.agent()
    const alerts = (yield* stage.get("/api/alerts")) as { alerts: ReadonlyArray<{ code: string }> }
    const isAlerted = alerts.alerts.some(({ code }) => code === "AgentNeedsPerson")
    if (!isAlerted)
      stage.found({
        fault: "not as promised",
        detail: `${what}: no alert AgentNeedsPerson; the agent: ${JSON.stringify(row)}`
      })
  })

const draft: ReadonlyArray<Case> = [
  {
    name: "draft.before",
    about: "a person's draft stands in the composer: the message waits until it is gone",
    fixed: ["claude", "opencode", "qwen"],
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        yield* stage.type("my own words")
        yield* stage.shows(/my own words/)
        const { after, sent, wrong } = yield* heldBack(
          stage,
          "a draft stands there",
          stage.family === "codex" || stage.family === "opencode" ? 100 : 15_000
        ).pipe(
          // A channel that needs no composer may go beside the draft.
          Effect.tap(({ sent: each }) =>
            Effect.sync(() => {
              each.expect = "due"
            })
          )
        )
        if (wrong === undefined) {
          yield* stage.require(/my own words/.test(after), `the draft is gone:\n${after}`)
          for (let i = 0; i < 14; i++) yield* stage.type("\u007f")
        }
        stage.note(`received after ${yield* stage.received(sent, 60_000)} ms`)
        const mixed = stage.world.model.exchanges.some(({ texts }) =>
          texts.some(({ text }) => text.includes("my own words"))
        )
        yield* stage.require(!mixed, "the person's draft was sent")
      })
  },
  {
    name: "draft.during",
    about: "a person types during the turn after which the message is to go in",
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        const first = yield* stage.send("do:stream=4000")
        const began = yield* stage.exchange(
          "the turn began",
          ({ isTurn, texts }) => isTurn && texts.some(({ text }) => text.includes(first.marker))
        )
        const second = yield* stage.send("after the turn", { mode: "wait" })
        yield* stage.type("my own words")
        yield* stage.world.until(
          "the turn ended",
          Effect.sync(() => (began.outcome === "open" ? undefined : true)),
          20_000
        )
        yield* stage.shows(/my own words/)
        for (let i = 0; i < 14; i++) yield* stage.type("\u007f")
        stage.note(`received after ${yield* stage.received(second, 60_000)} ms`)
        const mixed = stage.world.model.exchanges.some(({ texts }) =>
          texts.some(({ text }) => text.includes("my own words"))
        )
        yield* stage.require(!mixed, "the person's draft was sent")
      })
  },
  {
    name: "draft.submitted",
    about: "the person sends the draft; the message is a turn of its own",
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        yield* stage.type("my own words")
        yield* stage.shows(/my own words/)
        const sent = yield* stage.send("after the draft")
        yield* stage.type("\r")
        yield* stage.exchange(
          "the person's turn",
          ({ isTurn, texts }) => isTurn && texts.some(({ text }) => text.trim() === "my own words")
        )
        stage.note(`received after ${yield* stage.received(sent, 60_000)} ms`)
      })
  },
  {
    name: "draft.api",
    about: "a draft that came by the API, not marked as a person's",
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        yield* stage.type("my own words", { human: false })
        const sent = yield* stage.send("beside the draft")
        yield* stage.shows(/my own words/)
        for (let i = 0; i < 14; i++) yield* stage.type("\u007f", { human: false })
        stage.note(`received after ${yield* stage.received(sent, 60_000)} ms`)
        const mixed = stage.world.model.exchanges.some(({ texts }) =>
          texts.some(({ text }) => text.includes("my own words"))
        )
        yield* stage.require(!mixed, "the draft was sent")
      })
  }
]

interface View {
  readonly name: string
  readonly about: string
  readonly families: ReadonlyArray<Family>
  readonly keys: ReadonlyArray<string>
  readonly shows: RegExp
  readonly leave: ReadonlyArray<string>
  readonly fixed?: true
}

/** Views in which keys mean something else than a message. */
const views: ReadonlyArray<View> = [
  {
    name: "shell-mode",
    about: "the shell mode of the composer",
    families: ["claude"],
    keys: ["!"],
    shows: /^! ?/m,
    leave: ["\u001b"],
    fixed: true
  },
  {
    name: "model-menu",
    about: "the menu of models",
    families: ["claude", "codex"],
    keys: ["/model", "\r"],
    shows: /Select [Mm]odel/,
    leave: ["\u001b"]
  },
  {
    name: "transcript",
    about: "the transcript",
    families: ["claude"],
    keys: ["\u000f"],
    shows: /Showing detailed transcript/,
    leave: ["\u000f"]
  },
  {
    name: "search",
    about: "the search of the history",
    families: ["claude"],
    keys: ["\u0012"],
    shows: /search prompts|Search/,
    leave: ["\u001b"]
  },
  {
    name: "agents",
    about: "the list of agents, where a text begins a session of its own",
    families: ["claude"],
    keys: ["\u001b[D"],
    shows: /describe a task for a new session/,
    leave: ["\u001b"]
  }
]

const viewCases = views.map(
  (view): Case => ({
    name: `view.${view.name}`,
    about: `${view.about} is open: nothing is typed; then it is left`,
    families: view.families,
    ...(view.fixed === undefined ? {} : { fixed: true }),
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        for (const key of view.keys) {
          yield* stage.type(key)
          yield* Effect.sleep(600)
        }
        yield* stage.shows(view.shows)
        // What needs no key may go in beside it.
        const beside = stage.family === "codex" || stage.family === "opencode"
        const { sent } = beside ? { sent: yield* stage.send("not now") } : yield* heldBack(stage, view.about)
        if (!beside) yield* isTold(stage, view.about)
        sent.expect = "due"
        for (const key of view.leave) yield* stage.type(key)
        stage.note(`received after ${yield* stage.received(sent, 60_000)} ms`)
      })
  })
)

interface First {
  readonly name: FirstStart
  readonly families: ReadonlyArray<Family>
  readonly shows: RegExp
  /** The broker answers it itself: the message comes without a person. */
  readonly answered?: true
  readonly fixed?: Case["fixed"]
}

const firsts: ReadonlyArray<First> = [
  { name: "login", families: ["codex"], shows: /Sign in with ChatGPT/, fixed: true },
  { name: "login", families: ["gemini"], shows: /How would you like to authenticate|Get started/, fixed: true },
  { name: "key", families: ["gemini"], shows: /API [Kk]ey/ },
  { name: "login", families: ["qwen"], shows: /[Aa]uth|Get started|Select|API/ },
  { name: "theme", families: ["claude"], shows: /text style|theme|Let's get started/i, fixed: true },
  { name: "key", families: ["claude"], shows: /Detected a custom API key/ },
  { name: "trust", families: ["claude", "codex", "gemini"], shows: /trust/i, answered: true, fixed: ["claude"] },
  { name: "bypass", families: ["claude"], shows: /Bypass Permissions mode/, answered: true }
]

const firstCases = firsts.map(
  (first): Case => ({
    name: `first.${first.name}`,
    about:
      first.answered === true
        ? `the ${first.name} question of a first start: the broker answers it, the message comes`
        : `the ${first.name} screen of a first start: nothing is typed, and people are told`,
    families: first.families,
    ...(first.fixed === undefined ? {} : { fixed: first.fixed }),
    world: { firstStart: first.name },
    agent: "no-agent",
    run: (stage) =>
      Effect.gen(function* () {
        const spawned = yield* Effect.either(stage.spawn("worker"))
        if (first.answered === true) {
          const sent = yield* stage.send("the first message")
          stage.note(`received after ${yield* stage.received(sent, 60_000)} ms`)
          return
        }
        if (spawned._tag === "Left") {
          // 0.1.0 took it for a failed start where the program waited for a person.
          return yield* new Problem({ reason: `the spawn failed: ${spawned.left.reason}` })
        }
        yield* stage.shows(first.shows, 60_000)
        const { after, before } = yield* heldBack(stage, `the ${first.name} screen`)
        yield* isTold(stage, `the ${first.name} screen`)
        if (!first.shows.test(after))
          stage.found({ fault: "typed into an asking screen", detail: `it went on:\n${before}\n→\n${after}` })
      })
  })
)

export const personCases: ReadonlyArray<Case> = [...draft, ...viewCases, ...firstCases]
