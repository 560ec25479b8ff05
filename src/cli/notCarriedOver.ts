/** Words of `agent-relay-broker` 9.1.6 that this program does not have, and what to do instead. */
import * as Schema from "effect/Schema"

const alternatives: Readonly<Record<string, string>> = {
  swarm: "spawn the agents with `relay-broker spawn` and write to their channel with `relay-broker send`",
  wrap: "run the program with `relay-broker spawn` and use its terminal with `relay-broker attach`",
  pty: "a worker is no process of its own here: use `relay-broker spawn`",
  headless: "a worker is no process of its own here: use `POST /api/spawn` with `transport: headless`",
  "app-server": "a worker is no process of its own here: use `POST /api/spawn` with a `harnessConfig`"
}

export class NotCarriedOver extends Schema.TaggedError<NotCarriedOver>()("NotCarriedOver", { word: Schema.String }) {
  override get message() {
    return `${this.word} is not carried over from agent-relay-broker`
  }
  get wayOut() {
    return alternatives[this.word] ?? "see `relay-broker --help`"
  }
}

export const isNotCarriedOver = (word: string): boolean => Object.hasOwn(alternatives, word)
