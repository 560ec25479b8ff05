import { randomUUID } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { MessageId } from "../../../src/domain/Ids.ts"
import type { Batch, Channel, ChannelContext, Program, Signal } from "../../../src/harness/Channel.ts"
import { attachTo, channel, type Wanted } from "../../../src/harness/opencode/Channel.ts"
import { dataOf, freePort, make as makeServer, ownerOf } from "../../../src/harness/opencode/Server.ts"
import { freshId, relay, specOf } from "../rig.ts"
import { screen } from "../screens.ts"
import { type FakeOpencode, fakeOpencode, password } from "./fakeServer.ts"

const batch = (text: string): Batch => ({ id: randomUUID(), messages: [], text })
const nothing: Wanted = { id: undefined, latest: false, model: undefined, agent: undefined }

interface Heard {
  readonly channel: Channel
  readonly told: ReadonlyArray<Signal>
  /** The first signal that is so, told already or later. */
  readonly until: (isIt: (signal: Signal) => boolean) => Effect.Effect<Signal>
}

const heard = (fake: FakeOpencode, wanted: Partial<Wanted> = {}, view = () => screen("opencode/session-idle")) =>
  Effect.gen(function* () {
    const told: Array<Signal> = []
    const waiting = new Set<() => void>()
    const program: Program = { pid: process.pid, environment: {}, view }
    const server = makeServer({ port: fake.port, password })
    const attached = yield* attachTo(server, fake.port, { ...nothing, ...wanted })(program, (signal) => {
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
    const both: Heard = { channel: attached, told, until }
    return both
  })

const isState = (tag: string) => (signal: Signal) => signal._tag === "State" && signal.state._tag === tag
const isOf = (tag: Signal["_tag"], id: string) => (signal: Signal) =>
  signal._tag === tag && "which" in signal && "id" in signal.which && signal.which.id === id

const put = ({ channel }: Heard, one: Batch) => channel.put?.(one) ?? Effect.die("it has no put")

describe("opencode 1.18.33, its channel on a scripted server", () => {
  it.scopedLive("makes a session, says so, and proves a message by its id", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode()
      const agent = yield* heard(fake, { model: { providerID: "a", modelID: "b/c" } })
      assert.deepStrictEqual(yield* agent.until(({ _tag }) => _tag === "Session"), {
        _tag: "Session",
        id: "ses_new0",
        resumed: false
      })
      const one = batch("hello\nyou")
      yield* put(agent, one)
      yield* agent.until(isOf("Taken", one.id))
      assert.deepInclude(fake.prompts[0], { text: "hello\nyou", model: { providerID: "a", modelID: "b/c" } })
      // Without the password nothing is asked, and nothing before it is known whose the server is.
      assert.isTrue(fake.requests.every((request) => !request.startsWith("-")))
    })
  )

  it.scopedLive("goes on with its session; a lost one is said, and a new one made", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode(["ses_old"])
      const resumed = yield* heard(fake, { id: "ses_old" })
      assert.deepInclude(yield* resumed.until(({ _tag }) => _tag === "Session"), { id: "ses_old", resumed: true })
      const lost = yield* heard(fake, { id: "ses_gone" })
      assert.deepInclude(yield* lost.until(({ _tag }) => _tag === "Session"), { resumed: false })
      assert.deepInclude(lost.told[0], { _tag: "SessionLost", id: "ses_gone" })
    })
  )

  it.scopedLive("a message in a turn is taken when the turn has it, not before", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode(["ses_1"])
      const agent = yield* heard(fake, { id: "ses_1" })
      yield* agent.until(isState("Idle"))
      fake.busy.add("ses_1")
      fake.send("session.status", { sessionID: "ses_1", status: { type: "busy" } })
      yield* agent.until(isState("Busy"))
      const one = batch("meanwhile")
      yield* agent.channel.steer?.(one) ?? Effect.die("it has no steer")
      yield* agent.until(isOf("Queued", one.id))
      assert.isUndefined(agent.told.find(isOf("Taken", one.id)))
      const parentID = fake.prompts[0]?.messageID
      fake.send("message.updated", { sessionID: "ses_1", info: { id: "msg_z", role: "assistant", parentID } })
      yield* agent.until(isOf("Taken", one.id))
    })
  )

  it.scopedLive("what an aborted turn left is taken out of the session and told as returned, once", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode(["ses_1"])
      const agent = yield* heard(fake, { id: "ses_1" })
      yield* agent.until(isState("Idle"))
      fake.busy.add("ses_1")
      fake.send("session.status", { sessionID: "ses_1", status: { type: "busy" } })
      yield* agent.until(isState("Busy"))
      const one = batch("meanwhile")
      yield* put(agent, one)
      yield* agent.until(isOf("Queued", one.id))
      yield* agent.channel.interrupt ?? Effect.void
      yield* agent.until(isOf("Returned", one.id))
      assert.deepStrictEqual(fake.sessions.get("ses_1"), [])
      assert.strictEqual(agent.told.filter(isOf("Returned", one.id)).length, 1)
    })
  )

  it.scopedLive("a message whose turn begins after the end of the one before is left alone", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode(["ses_1"])
      const agent = yield* heard(fake, { id: "ses_1" })
      yield* agent.until(isState("Idle"))
      fake.busy.add("ses_1")
      fake.send("session.status", { sessionID: "ses_1", status: { type: "busy" } })
      yield* agent.until(isState("Busy"))
      const one = batch("late")
      yield* put(agent, one)
      // The program goes on at once: its status stays busy although the stream said idle between two turns.
      fake.send("session.status", { sessionID: "ses_1", status: { type: "idle" } })
      fake.send("session.status", { sessionID: "ses_1", status: { type: "busy" } })
      fake.send("message.updated", {
        sessionID: "ses_1",
        info: { id: "msg_z", role: "assistant", parentID: fake.prompts[0]?.messageID }
      })
      yield* agent.until(isOf("Taken", one.id))
      assert.isFalse(fake.requests.some((request) => request.startsWith("DELETE")))
    })
  )

  it.scopedLive("refused is not taken; an answer that never came is not known", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode(["ses_1"])
      const agent = yield* heard(fake, { id: "ses_1" })
      yield* agent.until(isState("Idle"))
      fake.refuse.set("POST /session/ses_1/prompt_async", 400)
      const refused = yield* Effect.either(put(agent, batch("x")))
      assert.strictEqual(Either.isLeft(refused) && refused.left._tag, "NotTaken")
      fake.refuse.set("POST /session/ses_1/prompt_async", 500)
      const failed = yield* Effect.either(put(agent, batch("x")))
      assert.strictEqual(Either.isLeft(failed) && failed.left._tag, "PutUncertain")
    })
  )

  it.scopedLive("a stream that breaks off is taken up again, and what is asked meanwhile counts", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode(["ses_1"])
      const agent = yield* heard(fake, { id: "ses_1" })
      yield* agent.until(isState("Idle"))
      fake.busy.add("ses_1")
      fake.breakOff()
      yield* agent.until(isState("Busy"))
      const sessions = agent.told.filter(({ _tag }) => _tag === "Session")
      assert.strictEqual(sessions.length, 1)
    })
  )

  it.scopedLive("after a crash it knows which messages its session holds", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode(["ses_1"])
      fake.sessions
        .get("ses_1")
        ?.push(
          { id: "msg_1", role: "user", text: "Relay message from bob [dm / m-1]: hello" },
          { id: "msg_2", role: "assistant", text: "Relay message from eve [dm / m-2]: quoted" }
        )
      const agent = yield* heard(fake, { id: "ses_1" })
      const ids = ["m-1", "m-2", "m-3"].map((id) => MessageId.make(id))
      const looked = yield* agent.channel.lookup?.(ids) ?? Effect.die("it has no lookup")
      assert.isTrue(looked.answered)
      assert.deepStrictEqual([...looked.found], ["m-1"])
    })
  )

  it.scopedLive("the terminal is made to show the session once it runs, and not again", () =>
    Effect.gen(function* () {
      const fake = yield* fakeOpencode(["ses_1"])
      const selects = () => fake.requests.filter((request) => request === "POST /tui/select-session").length
      const agent = yield* heard(fake, { id: "ses_1" }, () =>
        screen(selects() === 0 ? "opencode/home" : "opencode/session-idle")
      )
      yield* agent.until(isState("Idle"))
      yield* Effect.promise(async () => {
        while (selects() === 0) await new Promise((resolve) => setImmediate(resolve))
      })
      assert.strictEqual(selects(), 1)
    })
  )
})

describe("opencode: how it is opened", () => {
  const context = (args: ReadonlyArray<string>): ChannelContext => ({
    spec: specOf(),
    line: { command: "opencode", args },
    environment: relay,
    mcp: undefined,
    directory: "/state/launches/w1",
    freshId,
    resumed: false,
    findings: {},
    channel: undefined,
    hooks: undefined
  })
  it.scopedLive("a free port of loopback and a password that no argument shows", () =>
    Effect.gen(function* () {
      const { launch } = yield* channel.open(context([]))
      const { args = [], env = {} } = launch
      const word = env["OPENCODE_SERVER_PASSWORD"] ?? ""
      assert.match(word, /^[\w-]{32}$/)
      assert.deepStrictEqual(args.slice(2), ["--hostname", "127.0.0.1"])
      assert.notInclude(args.join(" "), word)
      const again = yield* channel.open(context([]))
      assert.notStrictEqual(again.launch.env?.["OPENCODE_SERVER_PASSWORD"], word)
    })
  )
  it.scopedLive("the user's own port stays, and commands that show no session have no channel", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* channel.open(context(["--port", "4321"]))).launch.args, [])
      const run = yield* Effect.either(channel.open(context(["run", "x"])))
      assert.isTrue(Either.isLeft(run))
    })
  )
})

describe("whose a listener is", () => {
  it.scopedLive("ours, nobody's, a stranger's", () =>
    Effect.gen(function* () {
      if (process.platform !== "linux") return
      const { port } = yield* fakeOpencode()
      assert.strictEqual(yield* ownerOf(port, process.pid), "ours")
      assert.strictEqual(yield* ownerOf(yield* Effect.orDie(freePort), process.pid), "nobody")
      // Process 1 is no child of ours, and does not listen there.
      assert.strictEqual(yield* ownerOf(port, 2 ** 22 + 1), "stranger")
    })
  )
})

describe("server-sent events", () => {
  it("are complete at an empty line, however the chunks fall", () => {
    const text = 'data: {"a":1}\n\n: comment\n\ndata: {"b":\ndata: 2}\n\ndata: {"c"'
    const seen: Array<string> = []
    let rest = ""
    for (const character of text) {
      const [left, data] = dataOf(rest, character)
      rest = left
      seen.push(...data)
    }
    assert.deepStrictEqual(seen, ['{"a":1}', '{"b":\n2}'])
    assert.strictEqual(rest, 'data: {"c"')
  })
})
