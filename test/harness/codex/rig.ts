/** A channel of Codex over app-servers in memory and a screen of the test's own, which connects as `codex --remote` does. */
import { mkdtempSync, rmSync } from "node:fs"
import { connect as connectTo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { WebSocket } from "ws"
import type { Batch, Channel, Program, Signal } from "../../../src/harness/Channel.ts"
import { type CodexChannelOptions, open } from "../../../src/harness/codex/channel.ts"
import * as Fake from "../../../src/testing/FakeCodexServer.ts"
import { screenOf } from "../screens.ts"

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: { readonly thread?: { readonly id: string } }
  readonly error?: { readonly message: string }
}

/** Things that come, and who waits for one of them. */
const makeSeen = <A>() => {
  const all: Array<A> = []
  const waiting = new Set<{ readonly test: (one: A) => boolean; readonly found: Deferred.Deferred<A> }>()
  return {
    all,
    add: (one: A) => {
      all.push(one)
      for (const wait of waiting) {
        if (!wait.test(one)) continue
        waiting.delete(wait)
        Deferred.unsafeDone(wait.found, Effect.succeed(one))
      }
    },
    /** The first one of all, or the next to come. */
    until: (test: (one: A) => boolean): Effect.Effect<A> =>
      Effect.suspend(() => {
        const known = all.find(test)
        if (known !== undefined) return Effect.succeed(known)
        return Effect.flatMap(Deferred.make<A>(), (found) => {
          waiting.add({ test, found })
          return Deferred.await(found)
        })
      })
  }
}

export const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "codex-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export const connect = (path: string) =>
  Effect.gen(function* () {
    const seen = makeSeen<Message>()
    const closed = yield* Deferred.make<number>()
    const socket = yield* Effect.acquireRelease(
      Effect.async<WebSocket, string>((resume) => {
        const socket = new WebSocket("ws://localhost/rpc", { createConnection: () => connectTo(path) })
        socket.on("message", (data) => seen.add(JSON.parse(String(data)) as Message))
        socket.on("close", (code) => Deferred.unsafeDone(closed, Effect.succeed(code)))
        socket.once("open", () => resume(Effect.succeed(socket)))
        socket.once("error", (error) => resume(Effect.fail(error.message)))
      }),
      (open) => Effect.sync(() => open.terminate())
    )
    let ids = 0
    const send = (message: unknown) => Effect.sync(() => socket.send(JSON.stringify(message)))
    const call = (method: string, params: unknown = {}) =>
      Effect.gen(function* () {
        const id = ++ids
        yield* send({ id, method, params })
        return yield* seen.until((message) => message.id === id && message.method === undefined)
      })
    return {
      received: seen.all,
      until: seen.until,
      send,
      call,
      close: Effect.sync(() => socket.close()),
      closed: Deferred.await(closed)
    }
  })

const program: Program = { pid: 1, environment: {}, view: () => screenOf([]) }

export const rig = (o: Partial<CodexChannelOptions> = {}) =>
  Effect.gen(function* () {
    const home = Fake.makeHome()
    const servers: Array<Fake.FakeCodexServer> = []
    const signals = makeSeen<Signal>()
    const opened = yield* open({
      start: Effect.sync(() => {
        const server = Fake.make(home)
        servers.push(server)
        return server
      }),
      directory: yield* directory,
      toolsServer: "agent-relay",
      lostSession: undefined,
      ...o
    })
    const remote = opened.launch.args?.[1] ?? ""
    const channel = yield* opened.attach(program, signals.add)
    return {
      home,
      servers,
      server: () => servers.at(-1)!,
      opened,
      channel,
      signals: signals.all,
      signal: signals.until,
      path: remote.replace("unix://", "")
    }
  })

export type Rig = Effect.Effect.Success<ReturnType<typeof rig>>

/** The screen starts as it does without a word of a session. */
export const start = (path: string) =>
  Effect.gen(function* () {
    const screen = yield* connect(path)
    yield* screen.call("initialize")
    const { result } = yield* screen.call("thread/start", { ephemeral: false, threadSource: "user" })
    return { screen, threadId: result?.thread?.id ?? "" }
  })

let batches = 0
export const batch = (text: string): Batch => ({ id: `batch-${++batches}`, messages: [], text })

export const put = ({ put }: Channel, one: Batch) => put!(one)
export const steer = ({ steer }: Channel, one: Batch) => steer!(one)
export const isOf = (one: Batch) => (signal: Signal) =>
  "which" in signal && "id" in signal.which && signal.which.id === one.id
export const isState = (tag: string) => (signal: Signal) => signal._tag === "State" && signal.state._tag === tag
export const some = Option.some
