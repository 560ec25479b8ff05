/** The relay's tools: there in the first request, and good for a conversation of two different programs. */
import * as Effect from "effect/Effect"
import type { Family } from "../versions.ts"
import type { Case } from "./Case.ts"

const partner: { readonly [family in Family]: Family } = {
  claude: "codex",
  codex: "claude",
  gemini: "codex",
  opencode: "claude",
  qwen: "codex"
}

const isRelayTool = (name: string) => /agent[-_]?relay/i.test(name)

const talk = (family: Family): Case => ({
  name: "tools.talk",
  about: "it writes to an agent of another family, which answers",
  families: [family],
  ...(family === "claude" ? { fixed: true as const } : {}),
  world: { with: [partner[family]] },
  run: (stage) =>
    Effect.gen(function* () {
      const other = partner[family]
      yield* stage.spawn("bob", { cli: other })
      yield* stage.idle()
      yield* stage.shows(stage.factsOf(other).composer, 40_000, "bob")
      const there = stage.marker()
      const back = stage.marker()
      const answer = `do:mcp=send_dm ${JSON.stringify({ to: "worker", text: `${back} the answer` })}`
      const question = `do:mcp=send_dm ${JSON.stringify({ to: "bob", text: `${there} ${answer}` })}`
      const sent = yield* stage.send(question)
      yield* stage.received(sent)
      const arrived = yield* stage.exchange(
        `${other} received what ${family} wrote`,
        ({ isTurn, texts, who }) =>
          isTurn && who === other && texts.some(({ isNew, text }) => isNew && text.includes(there)),
        60_000
      )
      stage.note(`there after ${arrived.at - sent.sentAt} ms`)
      const returned = yield* stage.exchange(
        `${family} received the answer`,
        // Its own words are in the history; the answer is a new text from bob.
        ({ isTurn, texts, who }) =>
          isTurn &&
          who === family &&
          texts.some(({ isNew, text }) => isNew && text.includes(`${back} the answer`) && !text.includes(there)),
        60_000
      )
      stage.note(`and back after ${returned.at - sent.sentAt} ms`)
    })
})

export const toolCases: ReadonlyArray<Case> = [
  {
    name: "tools.first",
    about: "the first request offers the relay's tools, however soon the message comes",
    fixed: true,
    run: (stage) =>
      Effect.gen(function* () {
        const sent = yield* stage.send("the first message")
        const turn = yield* stage.exchange(
          "the first turn",
          ({ isTurn, texts, who }) =>
            isTurn && who === stage.family && texts.some(({ text }) => text.includes(sent.marker)),
          90_000
        )
        stage.note(`received after ${turn.at - sent.sentAt} ms`)
        yield* stage.require(
          turn.tools.some(isRelayTool),
          `the first request has no relay tools: ${turn.tools.join(" ").slice(0, 300)}`
        )
      })
  },
  ...(["claude", "codex", "gemini", "opencode", "qwen"] as const).map(talk)
]
