import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fileNameOf, mayHoldCommand, readCommand, withContext } from "../../src/agents/Continuity.ts"
import { AgentName, DeliveryId, MessageId } from "../../src/domain/Ids.ts"
import { makeRig } from "../api/rig.ts"
import { until } from "../support/until.ts"

const name = AgentName.make("w1")
const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-continuity-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
const saving = "done\r\nKIND: continuity\r\nACTION: save\r\n\r\nhalf of it\r\nis written\r\n\r\n> "

const kept = {
  ...{ agent_name: "w0", cli: "claude", initial_task: "write it", released_at: null, lifetime_seconds: null },
  ...{ message_history: [{ from: "ann", text: "hurry" }], summary: "half of it" }
}

describe("a block in the output", () => {
  it("is two keys on lines of their own, and a body up to the next empty line", () => {
    assert.deepStrictEqual(readCommand(saving), { action: "save", body: "half of it\nis written" })
    assert.deepStrictEqual(readCommand("kind: CONTINUITY\naction: Load\n"), { action: "load", body: "" })
    assert.deepStrictEqual(readCommand("KIND: continuity\nACTION: uncertain\nwhat was it?"), {
      action: "uncertain",
      body: "what was it?"
    })
    for (const other of [
      "KIND: continuity",
      "KIND: continuity\nACTION: burn",
      "say KIND: continuity\nACTION: save",
      ""
    ]) {
      assert.isUndefined(readCommand(other), other)
    }
    assert.isFalse(mayHoldCommand("talk about KIND: continuity"))
  })

  it("is given to the successor before its task", () => {
    assert.strictEqual(
      withContext(kept, "go on"),
      "## Continuity Context (from previous session as 'w0')\n\n### Previous Task\n\nwrite it\n\n### Summary\n\nhalf of it\n\n### Recent Messages\n\n- ann: hurry\n\n## Current Task\n\ngo on"
    )
    assert.notInclude(withContext(kept, " "), "Current Task")
  })

  it("S20 is kept under no name that leads elsewhere", () => {
    for (const evil of ["../evil", "a/b", "a\\b", "..", ".", "", "a\0b"]) assert.isUndefined(fileNameOf(evil), evil)
    assert.strictEqual(fileNameOf("w1"), "w1.json")
  })
})

describe("continuity", () => {
  const printed = (chunk: string) =>
    ({ kind: "worker_stream", name, stream: "stdout", chunk, position: chunk.length }) as const

  it.scopedLive("is kept in a private file when an agent prints it, and put before a successor's task", () =>
    Effect.gen(function* () {
      const continuityDir = yield* directory
      const { ask, events, seen } = yield* makeRig({ continuityDir })
      for (const part of [saving.slice(0, 12), saving.slice(12, 40), saving.slice(40)])
        yield* events.publish(printed(part))
      yield* until(() => readdirSync(continuityDir).includes("w1.json"))
      const file = join(continuityDir, "w1.json")
      assert.include(JSON.parse(readFileSync(file, "utf8")), {
        agent_name: "w1",
        cli: "claude",
        summary: "half of it\nis written"
      })
      assert.strictEqual(statSync(file).mode & 0o077, 0)
      yield* ask("POST", "/api/spawn", { json: { name: "w2", task: "go on", continueFrom: "w1" } })
      const task = seen.spawned.pop()?.spec.task ?? ""
      assert.match(task, /^## Continuity Context \(from previous session as 'w1'\)/)
      assert.match(task, /## Current Task\n\ngo on$/)
    })
  )

  it.scopedLive("is not what is being typed into an agent", () =>
    Effect.gen(function* () {
      const continuityDir = yield* directory
      const { events } = yield* makeRig({ continuityDir })
      const step = { name, delivery_id: DeliveryId.make("d"), event_id: MessageId.make("m") }
      yield* events.publish({ kind: "delivery_typing", ...step, timestamp: 1 })
      yield* events.publish(printed(saving))
      yield* events.publish({
        kind: "delivery_verified",
        ...step,
        verification: "echo",
        reason: null,
        evidence: "echo",
        channel: "terminal"
      })
      // What it prints itself afterwards is kept.
      yield* events.publish(printed(saving.replace("half of it", "all of it")))
      yield* until(() => readdirSync(continuityDir).includes("w1.json"))
      const { summary } = JSON.parse(readFileSync(join(continuityDir, "w1.json"), "utf8"))
      assert.strictEqual(summary, "all of it\nis written")
    })
  )

  it.scopedLive("that is missing or no JSON changes nothing", () =>
    Effect.gen(function* () {
      const continuityDir = yield* directory
      writeFileSync(join(continuityDir, "bad.json"), "{")
      const { ask, seen } = yield* makeRig({ continuityDir })
      for (const continue_from of ["ghost", "bad", "../bad"]) {
        const answer = yield* ask("POST", "/api/spawn", { json: { name: "w2", task: "go on", continue_from } })
        assert.strictEqual(answer.status, 200)
        assert.strictEqual(seen.spawned.pop()?.spec.task, "go on")
      }
    })
  )
})
