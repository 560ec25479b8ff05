import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import { MessageId } from "../../../src/domain/Ids.ts"
import type { Channel, ChannelContext, Signal } from "../../../src/harness/Channel.ts"
import { channel } from "../../../src/harness/gemini/Channel.ts"
import { hookCommands, signalsOf, spoolVariable } from "../../../src/harness/gemini/hooks.ts"
import type { ScreenView } from "../../../src/pty/ScreenView.ts"
import { freshId, relay, specOf } from "../rig.ts"
import { screenOf } from "../screens.ts"

const session = "7374335a-fa4b-4f56-b912-045ae2bfae3d"
/** As gemini 0.61.0 gives them to its hooks. */
const base = { session_id: session, transcript_path: "/t.jsonl", cwd: "/work", timestamp: "2026-11-30T18:34:54.167Z" }
const started = (source: string) => ({ ...base, hook_event_name: "SessionStart", source })
const beforeAgent = (prompt: string) => ({ ...base, hook_event_name: "BeforeAgent", prompt })
const afterAgent = {
  ...base,
  hook_event_name: "AfterAgent",
  prompt: "x",
  prompt_response: "ok",
  stop_hook_active: false
}
const tool = { ...base, hook_event_name: "AfterTool", tool_name: "run_shell_command", tool_response: {} }

const home = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-gemini-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** What a hook prints, run as the program runs it. */
const hook = (event: keyof typeof hookCommands, env: Readonly<Record<string, string>>, input: unknown) =>
  Effect.promise(
    () =>
      new Promise<string>((resolve, reject) => {
        const child = execFile(
          "/bin/sh",
          ["-c", hookCommands[event]],
          { env: { PATH: process.env["PATH"], ...env } },
          (error, stdout, stderr) => (error === null && stderr === "" ? resolve(stdout) : reject(error ?? stderr))
        )
        child.stdin?.on("error", () => {}).end(JSON.stringify(input))
      })
  )

const isWorking = screenOf([], 50, "✦  Working… (work)")
const isReady = screenOf([], 50, "◇  Ready (work)")

interface Running {
  readonly channel: Channel
  readonly env: Readonly<Record<string, string>>
  readonly told: ReadonlyArray<Signal>
  readonly until: (isIt: (signal: Signal) => boolean) => Effect.Effect<Signal>
  show: ScreenView
}

const running = (directory: string, context: Partial<ChannelContext> = {}) =>
  Effect.gen(function* () {
    const opened = yield* channel.open({
      spec: specOf(),
      line: { command: "gemini", args: [] },
      environment: { ...relay, HOME: directory },
      mcp: undefined,
      directory: join(directory, "launch"),
      freshId,
      resumed: false,
      findings: {},
      channel: undefined,
      hooks: undefined,
      ...context
    })
    const told: Array<Signal> = []
    const waiting = new Set<() => void>()
    const state: { show: ScreenView } = { show: isReady }
    const program = { pid: 1, environment: {}, view: () => state.show }
    const attached = yield* opened.attach(program, (signal) => {
      told.push(signal)
      for (const look of waiting) look()
    })
    const until = (isIt: (signal: Signal) => boolean) =>
      Effect.async<Signal>((resume) => {
        const look = () => {
          const found = told.find(isIt)
          if (found === undefined) return
          waiting.delete(look)
          resume(Effect.succeed(found))
        }
        waiting.add(look)
        look()
      })
    const all: Running = Object.assign(state, { channel: attached, env: opened.launch.env ?? {}, told, until })
    return { all, opened }
  })

const saysTaken = (text: string) => (signal: Signal) =>
  signal._tag === "Taken" && "text" in signal.which && signal.which.text === text

describe("gemini 0.61.0: its hooks", () => {
  it.scopedLive("say which session it has and which text began a turn, in order and exactly", () =>
    Effect.gen(function* () {
      const { all } = yield* running(yield* home)
      assert.strictEqual(yield* hook("SessionStart", all.env, started("startup")), "")
      yield* all.until(({ _tag }) => _tag === "Session")
      const text = `Relay message from bob [dm / m-1]: "quoted" \\@a\tb\n'$HOME' \`x\` ${"é✅".repeat(40_000)}`
      yield* hook("BeforeAgent", all.env, beforeAgent(text))
      yield* all.until(saysTaken(text))
      assert.deepStrictEqual(all.told[0], { _tag: "Session", id: session, resumed: false })
      assert.deepStrictEqual(readdirSync(all.env[spoolVariable] ?? ""), [])
    })
  )

  it.scopedLive("do nothing, and no harm, in a session that is not of the relay", () =>
    Effect.gen(function* () {
      for (const event of ["BeforeAgent", "AfterTool"] as const) {
        assert.strictEqual(yield* hook(event, {}, beforeAgent("mine")), "")
        assert.strictEqual(yield* hook(event, { [spoolVariable]: "/nowhere" }, beforeAgent("mine")), "")
      }
    })
  )

  it("a session that should go on and did not is said", () => {
    const tags = (source: string, expected: string | undefined) =>
      signalsOf(started(source), expected).map(({ _tag }) => _tag)
    assert.deepStrictEqual(tags("resume", session), ["Session"])
    assert.deepStrictEqual(tags("startup", "another"), ["SessionLost", "Session"])
    assert.deepStrictEqual(tags("clear", "another"), ["Session"])
    assert.deepStrictEqual(tags("startup", undefined), ["Session"])
    assert.deepStrictEqual(signalsOf(afterAgent, undefined), [{ _tag: "Sign" }])
  })

  it.scopedLive("what comes while nobody looks is told later; only its user may look into the directory", () =>
    Effect.gen(function* () {
      const directory = yield* home
      const { opened } = yield* running(directory)
      yield* hook("BeforeAgent", opened.launch.env ?? {}, beforeAgent("early"))
      const spool = opened.launch.env?.[spoolVariable] ?? ""
      assert.strictEqual(statSync(spool).mode & 0o777, 0o700)
      const told: Array<Signal> = []
      yield* opened.attach({ pid: 1, environment: {}, view: () => isReady }, (signal) => void told.push(signal))
      // Either of the two that follow it has told it.
      yield* Effect.promise(async () => {
        while (readdirSync(spool).length > 0) await new Promise((resolve) => setImmediate(resolve))
      })
    })
  )
})

describe("gemini 0.61.0: into a running turn", () => {
  const steer = ({ channel }: Running, text: string) =>
    channel.steer?.({ id: freshId, messages: [], text }) ?? Effect.die("it has no steer")

  it.scopedLive("a message is the answer to the next tool's hook, exactly as it is, once", () =>
    Effect.gen(function* () {
      const { all } = yield* running(yield* home)
      all.show = isWorking
      const text = 'mind the "@bob" $HOME\n✅'
      const steered = yield* Effect.fork(steer(all, text))
      yield* waiting(all)
      const printed = yield* hook("AfterTool", all.env, tool)
      assert.deepStrictEqual(JSON.parse(printed), {
        hookSpecificOutput: { hookEventName: "AfterTool", additionalContext: text }
      })
      yield* all.until(saysTaken(text))
      yield* Fiber.join(steered)
      assert.strictEqual(yield* hook("AfterTool", all.env, tool), "")
    })
  )

  it.scopedLive("is not taken when the turn ended before; then no tool gets it", () =>
    Effect.gen(function* () {
      const { all } = yield* running(yield* home)
      all.show = isWorking
      const steered = yield* Effect.fork(Effect.either(steer(all, "late")))
      yield* waiting(all)
      yield* hook("AfterAgent", all.env, afterAgent)
      const outcome = yield* Fiber.join(steered)
      assert.strictEqual(Either.isLeft(outcome) && outcome.left._tag, "NotTaken")
      assert.strictEqual(yield* hook("AfterTool", all.env, tool), "")
    })
  )

  it.scopedLive("a turn that was broken off tells no end: its title does", () =>
    Effect.gen(function* () {
      const { all } = yield* running(yield* home)
      all.show = isWorking
      const steered = yield* Effect.fork(Effect.either(steer(all, "late")))
      yield* waiting(all)
      all.show = isReady
      assert.isTrue(Either.isLeft(yield* Fiber.join(steered)))
      assert.isTrue(Either.isLeft(yield* Effect.either(steer(all, "no turn"))))
    })
  )

  it.scopedLive(
    "a text that would be changed there waits for the end of the turn; a reminder's own signs do not count",
    () =>
      Effect.gen(function* () {
        const { all } = yield* running(yield* home)
        all.show = isWorking
        const changed = yield* Effect.fork(Effect.either(steer(all, "if (a < b && c > d)")))
        assert.strictEqual(yield* hook("AfterTool", all.env, tool), "")
        yield* hook("AfterAgent", all.env, afterAgent)
        assert.isTrue(Either.isLeft(yield* Fiber.join(changed)))
        const plain = yield* Effect.fork(
          steer(all, "<system-reminder>\nx\n</system-reminder>\nRelay message from bob [dm / m-1]: y")
        )
        yield* waiting(all)
        assert.notStrictEqual(yield* hook("AfterTool", all.env, tool), "")
        yield* Fiber.join(plain)
      })
  )

  it.scopedLive("is withdrawn by an interruption", () =>
    Effect.gen(function* () {
      const { all } = yield* running(yield* home)
      all.show = isWorking
      const steered = yield* Effect.fork(steer(all, "never mind"))
      yield* waiting(all)
      yield* Fiber.interrupt(steered)
      assert.strictEqual(yield* hook("AfterTool", all.env, tool), "")
    })
  )

  const waiting = ({ env }: Running) =>
    Effect.promise(async () => {
      while (!readdirSync(env[spoolVariable] ?? "").includes("steer")) {
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
})

describe("gemini 0.61.0: after a crash", () => {
  it.scopedLive("its transcript says which messages the session holds", () =>
    Effect.gen(function* () {
      const directory = yield* home
      const chats = join(directory, ".gemini", "tmp", "work", "chats")
      mkdirSync(chats, { recursive: true })
      const user = (text: string) => JSON.stringify({ id: "a", type: "user", content: [{ text }] })
      const lines = [
        JSON.stringify({ sessionId: session, projectHash: "3c", kind: "main" }),
        user("Relay message from bob [dm / m-1]: one\n\nRelay message from bob [dm / m-2, possible repeat]: two"),
        JSON.stringify({ id: "b", type: "gemini", content: "Relay message from bob [dm / m-3]: quoted" }),
        '{"unfinished'
      ]
      writeFileSync(join(chats, `session-2026-11-30T18-34-${session.slice(0, 8)}.jsonl`), lines.join("\n"))
      const resumed = { spec: specOf({ sessionRef: session }), resumed: true }
      const { all } = yield* running(directory, resumed)
      const ids = ["m-1", "m-2", "m-3"].map((id) => MessageId.make(id))
      const looked = yield* all.channel.lookup?.(ids) ?? Effect.die("it has no lookup")
      assert.deepStrictEqual([looked.answered, [...looked.found]], [true, ["m-1", "m-2"]])
      const { all: fresh } = yield* running(join(directory, "other"), {
        spec: specOf({ sessionRef: freshId }),
        resumed: true
      })
      const nothing = yield* fresh.channel.lookup?.(ids) ?? Effect.die("it has no lookup")
      assert.isFalse(nothing.answered)
    })
  )
})
