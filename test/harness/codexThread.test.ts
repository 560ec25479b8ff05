/** What Codex is asked before its start, against answers of a test's own. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import type { Ask } from "../../src/harness/Ask.ts"
import { Codex } from "../../src/harness/Codex.ts"
import type { LaunchContext } from "../../src/harness/Launch.ts"
import { relay, specOf } from "./rig.ts"

const context = (o: Partial<LaunchContext> = {}): LaunchContext => ({
  spec: specOf({ cwd: "/project" }),
  line: { command: "codex", args: [] },
  environment: relay,
  mcp: undefined,
  directory: "/d",
  freshId: "f",
  resumed: false,
  findings: {},
  channel: undefined,
  ...o
})

interface Request {
  readonly id?: number
  readonly method: string
  readonly params?: unknown
}

/** A helper that answers each request with these lines; `said` is what it was asked. */
const helper = (answer: (request: Request) => ReadonlyArray<unknown> | "end") => {
  const said: Array<Request> = []
  let asked: ReadonlyArray<string> = []
  const ask: Ask = {
    output: () => Effect.succeed(Option.none()),
    fileBelow: () => Effect.succeed(false),
    converse: ({ args }) =>
      Effect.gen(function* () {
        asked = args
        const lines = yield* Mailbox.make<string>()
        return {
          say: (line) =>
            Effect.gen(function* () {
              const request = JSON.parse(line) as Request
              said.push(request)
              const answers = answer(request)
              if (answers === "end") return yield* Effect.asVoid(lines.end)
              for (const each of answers) yield* lines.offer(typeof each === "string" ? each : JSON.stringify(each))
            }),
          hear: Effect.option(lines.take)
        }
      })
  }
  return { ask, said, asked: () => asked }
}

const inquire = (ask: Ask, o: Partial<LaunchContext> = {}) => Codex.launch.inquire!(context(o), ask)

describe("a thread for Codex", () => {
  it.effect("is started in the agent's directory, made durable, and among other messages", () =>
    Effect.gen(function* () {
      const { ask, asked, said } = helper(({ id, method }) =>
        id === undefined
          ? []
          : [
              "not JSON",
              { method: "thread/started" },
              { id: 77, result: {} },
              { id, result: method === "thread/start" ? { thread: { id: "t-1" } } : {} }
            ]
      )
      const line = { command: "codex", args: ["-p", "work"] }
      assert.deepStrictEqual(yield* inquire(ask, { line }), { sessionId: "t-1" })
      assert.deepStrictEqual(asked(), ["-p", "work", "app-server", "--listen", "stdio://"])
      assert.deepStrictEqual(
        said.map(({ method }) => method),
        ["initialize", "initialized", "thread/start", "thread/inject_items"]
      )
      assert.deepStrictEqual(said[2]?.params, { cwd: "/project", ephemeral: false })
      assert.deepNestedInclude(said[3], { "params.threadId": "t-1", "params.items[0].role": "assistant" })
    })
  )
  it.effect.each<readonly [string, (request: Request) => ReadonlyArray<unknown> | "end"]>([
    ["a refusal", ({ id }) => [{ id, error: { message: "not logged in" } }]],
    ["an answer without a thread", ({ id }) => [{ id, result: {} }]],
    ["its end", () => "end"]
  ])("%s is no thread, and no failure", ([, answer]) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* inquire(helper(answer).ask), {})
    })
  )
  it.effect("is waited for 15 s", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(inquire(helper(() => []).ask))
      yield* TestClock.adjust("14 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), {})
    })
  )
  it.effect.each([
    [{ line: { command: "codex", args: ["exec"] } }],
    [{ line: { command: "codex", args: ["resume", "x"] } }],
    [{ spec: specOf({ sessionRef: "x" }) }]
  ])("is not made for %j", ([o]) =>
    Effect.gen(function* () {
      const { ask, asked } = helper(() => "end")
      assert.deepStrictEqual(yield* inquire(ask, o), {})
      assert.deepStrictEqual(asked(), [])
    })
  )
})
