/** The channel over real files in a home of its own, with a scripted client for its hooks: no Claude runs here. */
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Mailbox from "effect/Mailbox"
import { MessageId } from "../../../src/domain/Ids.ts"
import type { ChannelContext, Signal } from "../../../src/harness/Channel.ts"
import { channel } from "../../../src/harness/claude/Channel.ts"
import type { HookHandler } from "../../../src/harness/Hooks.ts"
import { freshId, specOf } from "../rig.ts"
import { screenOf } from "../screens.ts"

const pid = 4711
const cwd = "/home/dev/p"

const makeStage = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "claude-channel-"))),
    (path) => Effect.promise(() => rm(path, { recursive: true }))
  )
  const claude = join(home, ".claude")
  const sessions = join(claude, "sessions")
  const project = join(claude, "projects", "-home-dev-p")
  yield* Effect.promise(() => mkdir(sessions, { recursive: true }))
  const transcript = (id: string) => join(project, `${id}.jsonl`)
  let handler: HookHandler | undefined
  const hooks: NonNullable<ChannelContext["hooks"]> = {
    url: "http://127.0.0.1:1/hooks/h",
    token: "tok_secret",
    listen: (given) =>
      Effect.sync(() => {
        handler = given
      })
  }
  const contextOf = (o: Partial<ChannelContext> = {}): ChannelContext => ({
    spec: specOf({ cli: "claude", cwd, ...o.spec }),
    line: { command: "claude", args: [] },
    environment: { HOME: home },
    mcp: undefined,
    directory: join(home, "launch"),
    freshId,
    resumed: false,
    findings: {},
    channel: undefined,
    hooks,
    ...o
  })
  const signals = yield* Mailbox.make<Signal>()
  const attach = (o: Partial<ChannelContext> = {}) =>
    Effect.gen(function* () {
      const context = contextOf(o)
      const opened = yield* channel.open(context).pipe(Effect.orDie)
      return yield* opened.attach({ pid, environment: context.environment, view: () => screenOf([]) }, (signal) =>
        signals.unsafeOffer(signal)
      )
    })
  const post = (hook_event_name: string, more: object, id = freshId) =>
    Effect.suspend(() =>
      handler === undefined
        ? Effect.die("nobody listens")
        : handler({ hook_event_name, session_id: id, transcript_path: transcript(id), ...more })
    )
  /** As Claude does: new by a rename, later in place. */
  const session = (o: {
    readonly status?: string
    readonly id?: string
    readonly at?: number
    readonly more?: object
  }) =>
    Effect.promise(async () => {
      const path = join(sessions, `${o.at ?? pid}.json`)
      const text = JSON.stringify({ pid: o.at ?? pid, sessionId: o.id ?? freshId, status: o.status, ...o.more })
      await writeFile(`${path}.tmp`, text)
      await rename(`${path}.tmp`, path)
    })
  const write = (id: string, ...entries: ReadonlyArray<object>) =>
    Effect.promise(async () => {
      await mkdir(project, { recursive: true })
      await appendFile(transcript(id), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""))
    })
  /** The next one that is no mere sign of life. */
  const heard: Effect.Effect<Signal> = Effect.orDie(signals.take).pipe(
    Effect.repeat({ until: ({ _tag }) => _tag !== "Sign" }),
    Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => "nothing was told" }),
    Effect.orDie
  )
  return { attach, contextOf, heard, post, session, signals, transcript, write }
})

const user = (text: string) => ({ type: "user", message: { role: "user", content: text } })
const own = { _tag: "Session", id: freshId, resumed: false } as const
const idle = { _tag: "State", state: { _tag: "Idle" } } as const
const busy = { _tag: "State", state: { _tag: "Busy" } } as const
const taken = (text: string) => ({ _tag: "Taken", which: { text }, proof: "taken_with_text" }) as const

describe("the channel of Claude Code", () => {
  it.scopedLive("tells what session file, hooks and transcript say, and answers hooks with nothing", () =>
    Effect.gen(function* () {
      const { attach, heard, post, session, write } = yield* makeStage
      yield* attach()
      yield* session({})
      assert.deepStrictEqual(yield* heard, own)
      yield* session({ status: "idle" })
      assert.deepStrictEqual(yield* heard, idle)
      assert.isUndefined(yield* post("UserPromptSubmit", { prompt: "hello", prompt_id: "p1" }))
      yield* session({ status: "busy" })
      assert.deepStrictEqual(yield* heard, busy)
      yield* write(freshId, user("hello"))
      assert.deepStrictEqual(yield* heard, taken("hello"))
      yield* post("UserPromptSubmit", { prompt: "more", prompt_id: "p1" })
      assert.deepStrictEqual(yield* heard, { _tag: "Queued", which: { text: "more" } })
      yield* write(freshId, { type: "queue-operation", operation: "popAll", content: "more" })
      assert.deepStrictEqual(yield* heard, { _tag: "Returned", which: { text: "more" } })
      yield* session({ status: "waiting", more: { waitingFor: "dialog open" } })
      assert.deepStrictEqual(yield* heard, { _tag: "State", state: { _tag: "Asking", what: "menu" } })
    })
  )

  it.scopedLive("proves by the transcript alone where the user has disabled all hooks, or there is no API", () =>
    Effect.gen(function* () {
      const { attach, heard, session, write } = yield* makeStage
      yield* attach({ hooks: undefined })
      yield* session({ status: "idle" })
      assert.deepStrictEqual([yield* heard, yield* heard], [own, idle])
      yield* write(freshId, user("hello"))
      yield* session({ status: "busy" })
      const both = [yield* heard, yield* heard]
      assert.deepInclude(both, busy)
      assert.deepInclude(both, taken("hello"))
    })
  )

  it.scopedLive("does not take what stood in a session before it went on for something new", () =>
    Effect.gen(function* () {
      const { attach, heard, session, write } = yield* makeStage
      yield* write("old", user("Relay message from a [m1]: before"))
      yield* attach({ resumed: true, findings: { resumable: true }, spec: specOf({ cwd, sessionRef: "old" }) })
      yield* session({ status: "idle", id: "old" })
      assert.deepStrictEqual([yield* heard, yield* heard], [{ _tag: "Session", id: "old", resumed: true }, idle])
      yield* write("old", user("Relay message from a [m2]: after"))
      assert.deepStrictEqual(yield* heard, taken("Relay message from a [m2]: after"))
    })
  )

  it.scopedLive("follows Claude into another session", () =>
    Effect.gen(function* () {
      const { attach, heard, post, session, write } = yield* makeStage
      yield* attach()
      yield* session({ status: "idle" })
      assert.deepStrictEqual([yield* heard, yield* heard], [own, idle])
      yield* write("cleared", user("first"))
      yield* post("UserPromptSubmit", { prompt: "first", prompt_id: "p1" }, "cleared")
      assert.deepStrictEqual(yield* heard, { _tag: "Session", id: "cleared", resumed: false })
      assert.deepStrictEqual(yield* heard, taken("first"))
      yield* write(freshId, user("of the former one"))
      yield* write("cleared", user("second"))
      assert.deepStrictEqual(yield* heard, taken("second"))
    })
  )

  it.scopedLive("finds the file of a Claude that runs below a wrapper by its session, and no other's", () =>
    Effect.gen(function* () {
      const { attach, heard, session } = yield* makeStage
      yield* session({ status: "busy", id: "somebody", at: 99 })
      yield* session({ status: "busy", more: { startedAt: Date.now() - 3_600_000 } })
      yield* attach()
      yield* session({ status: "waiting", id: "somebody", at: 99 })
      yield* session({ status: "idle", at: 5000 })
      assert.deepStrictEqual([yield* heard, yield* heard], [own, idle])
      yield* session({ status: "busy", at: 5000 })
      assert.deepStrictEqual(yield* heard, busy)
    })
  )

  it.scopedLive("says that a session was lost", () =>
    Effect.gen(function* () {
      const { attach, heard } = yield* makeStage
      yield* attach({ resumed: true, findings: { resumable: false }, spec: specOf({ cwd, sessionRef: "old" }) })
      assert.deepStrictEqual(yield* heard, {
        _tag: "SessionLost",
        id: "old",
        reason: "Claude Code has no transcript of it"
      })
    })
  )

  it.scopedLive("looks messages up in the session, as a user's or as queued ones that were taken", () =>
    Effect.gen(function* () {
      const { attach, write } = yield* makeStage
      const ids = ["m1", "m2", "m3", "m4"].map((id) => MessageId.make(id))
      const resumed = { resumed: true, findings: { resumable: true }, spec: specOf({ cwd, sessionRef: "old" }) }
      const early = yield* attach(resumed)
      const before = yield* early.lookup?.(ids) ?? Effect.die("none")
      assert.deepStrictEqual([before.answered, before.found.size], [false, 0])
      yield* write(
        "old",
        user(
          "<system-reminder>\nx\n</system-reminder>\nRelay message from bob [ws / m1]: one\nRelay message from b [m2]: two"
        ),
        { type: "attachment", attachment: { type: "queued_command", prompt: "Relay message from b [m3]: three" } },
        { type: "queue-operation", operation: "enqueue", content: "Relay message from b [m4]: only queued" }
      )
      const { answered, found } = yield* early.lookup?.(ids) ?? Effect.die("none")
      assert.deepStrictEqual([answered, [...found]], [true, ["m1", "m2", "m3"]])
    })
  )
})

describe("the settings of the channel", () => {
  const open = (context: ChannelContext) => Effect.scoped(Effect.either(channel.open(context)))
  const launchOf = (context: ChannelContext) =>
    Effect.map(Effect.flatten(open(context)), ({ launch }) => ({
      launch,
      settings: JSON.parse(launch.files?.[0]?.content(undefined) ?? "null")
    })).pipe(Effect.orDie)
  const ours = {
    type: "http",
    url: "http://127.0.0.1:1/hooks/h",
    headers: { Authorization: "Bearer $RELAY_AGENT_HOOK_TOKEN" },
    allowedEnvVars: ["RELAY_AGENT_HOOK_TOKEN"],
    timeout: 2
  }
  const theirs = { hooks: [{ type: "command", command: "./mine" }], matcher: "x" }

  it.scopedLive("name the hooks in a private file and hold the token in the environment only", () =>
    Effect.gen(function* () {
      const { contextOf } = yield* makeStage
      const context = contextOf()
      const { launch, settings } = yield* launchOf(context)
      assert.deepStrictEqual(Object.keys(settings), ["hooks"])
      assert.deepStrictEqual(settings.hooks.UserPromptSubmit, [{ hooks: [ours] }])
      assert.deepStrictEqual(launch.env, { RELAY_AGENT_HOOK_TOKEN: "tok_secret" })
      assert.deepStrictEqual(launch.args, [`--settings=${join(context.directory, "settings.json")}`])
      assert.notInclude(JSON.stringify([launch.args, settings]), "tok_secret")
    })
  )

  it.scopedLive.each(["file", "json", "equals"])("keep what the user's own --settings say (%s)", (kind) =>
    Effect.gen(function* () {
      const { contextOf } = yield* makeStage
      const user = { disableAllHooks: true, model: "opus", hooks: { Stop: [theirs], PreCompact: [theirs] } }
      const context = contextOf()
      const path = join(context.environment["HOME"] ?? "", "mine.json")
      yield* Effect.promise(() => writeFile(path, JSON.stringify(user)))
      const args = kind === "file" ? ["--settings", path] : ["--settings", JSON.stringify(user)]
      const line = { command: "claude", args: kind === "equals" ? [args.join("=")] : args }
      const { settings } = yield* launchOf({ ...context, line })
      assert.strictEqual(settings.disableAllHooks, true)
      assert.strictEqual(settings.model, "opus")
      assert.deepStrictEqual(settings.hooks.PreCompact, [theirs])
      assert.deepStrictEqual(settings.hooks.Stop, [theirs, { hooks: [ours] }])
    })
  )

  it.scopedLive("are not added to what cannot be read: then there is no channel, and it is said why", () =>
    Effect.gen(function* () {
      const { contextOf } = yield* makeStage
      for (const given of ["/nowhere/settings.json", "{broken", '{"hooks":7}', '{"hooks":{"Stop":{}}}']) {
        const opened = yield* open(contextOf({ line: { command: "claude", args: ["--settings", given] } }))
        assert.isTrue(Either.isLeft(opened), given)
        if (Either.isLeft(opened)) assert.match(opened.left.message, /--settings cannot be added to: ./)
      }
    })
  )
})
