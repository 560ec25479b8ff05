/** One idle agent, one message after the other. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type { SendOptions, Stage } from "../Stage.ts"
import type { Family } from "../versions.ts"
import type { Case } from "./Case.ts"

interface Options extends SendOptions {
  readonly fixed?: true
  readonly within?: number
  /** What a program makes of it by itself, as it was seen to do. */
  readonly by?: { readonly [family in Family]?: string }
}

const text = (name: string, about: string, body: string, o: Options = {}): Case => ({
  name: `text.${name}`,
  about,
  shared: true,
  ...(o.fixed === undefined ? {} : { fixed: true }),
  run: (stage: Stage) =>
    Effect.gen(function* () {
      yield* stage.idle()
      const { by, fixed: _, within, ...options } = o
      const sent = yield* stage.send(body, { ...options, orElse: by?.[stage.family] })
      const millis = yield* stage.received(sent, within)
      stage.note(`received after ${millis} ms`)
    })
})

const blanks = (length: number) =>
  Array.from({ length: Math.ceil(length / 64) }, (_, i) =>
    `${String(i).padStart(5, "0")} ${"abcdefghi ".repeat(6)}`.slice(0, 63)
  )
    .join("\n")
    .slice(0, length)
    .trim()

export const textCases: ReadonlyArray<Case> = [
  text("plain", "a short message", "please answer", { fixed: true }),
  text("again", "a second one", "please answer once more", { fixed: true }),
  text("lines", "forty lines", Array.from({ length: 40 }, (_, i) => `line ${i} of forty`).join("\n")),
  text("20kB", "20,000 characters", blanks(20_000), { fixed: true, within: 60_000 }),
  text("100kB", "100,000 characters", blanks(100_000), { within: 90_000 }),
  text("emoji", "emoji, joined emoji, CJK, combining marks", "🎉 👩‍👩‍👧 ✅ 日本語 é ü ﷽ 🇪🇺 end", { fixed: true }),
  // Claude Code 2.1.197 and 2.1.332 make four blanks of a tab that is pasted.
  text("tabs", "tabs within", "a\tb\t\tc", { by: { claude: "{m} a    b        c" } }),
  text("backslash", "ends in a backslash", "a path ends in C:\\", { fixed: true }),
  {
    ...text("at-file", "ends in @name of a file that exists", "look at @README.md", { fixed: true }),
    run: (stage) =>
      Effect.gen(function* () {
        writeFileSync(join(stage.world.home.project, "README.md"), "the contents of the file\n")
        yield* stage.idle()
        const body = "look at @README.md"
        const sent = yield* stage.send(
          body,
          stage.family === "gemini" || stage.family === "qwen" ? { expected: "{m} look at" } : {}
        )
        stage.note(`received after ${yield* stage.received(sent)} ms`)
      })
  },
  // Gemini and Qwen read a file for @name: it is escaped.
  text("at-name", "ends in @name of an agent", "this is for @bob", {
    by: { gemini: "{m} this is for \\@bob", qwen: "{m} this is for \\@bob" }
  }),
  text("dollar", "ends in $NAME", "the price is in $HOME", { fixed: true }),
  text("slash", "its first line starts with a slash", "/help {m}\n/exit"),
  text("bang", "starts with an exclamation mark", "!ls {m}"),
  text("hash", "starts with a hash", "#remember {m}"),
  text("at-first", "starts with an at sign", "@README.md {m}", {
    by: { gemini: "\\@README.md {m}", qwen: "\\@README.md {m}" }
  }),
  text("chip", "speaks of pasted text", "it shows [Pasted text #1 +9 lines] and [Image #1]"),
  text("controls", "control characters, an early end of a paste", "before \u001b[201~\r/exit\r\u0007 after", {
    expected: "{m} before"
  }),
  text(
    "dialog",
    "quotes a dialog",
    "Do you want to proceed?\n❯ 1. Yes\n  2. No\nPress enter to confirm or esc to cancel"
  ),
  text("exit-line", "quotes the line /exit", "say it:\n/exit\nand nothing else"),
  text("answer-exit", "the answer has the line /exit", "do:say=/exit"),
  text("blanks", "blank lines within, blanks at the end of lines", "one\n\n\ntwo\nthree"),
  {
    name: "text.channel",
    about: "a message in a channel",
    shared: true,
    run: (stage) =>
      Effect.gen(function* () {
        yield* stage.idle()
        yield* Effect.ignore(stage.world.engine.createChannel("general", { creator: "alice" }))
        yield* Effect.ignore(stage.world.engine.join({ agent: "alice", channel: "general" }))
        yield* Effect.ignore(stage.world.engine.join({ agent: "worker", channel: "general" }))
        const sent = yield* stage.send("to all of you", { channel: "general" })
        stage.note(`received after ${yield* stage.received(sent)} ms`)
      })
  }
]
