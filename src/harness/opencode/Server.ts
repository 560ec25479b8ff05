/** What is asked of opencode's server, on loopback and with the password of one agent; and its stream of events. */
import { readdir, readFile, readlink } from "node:fs/promises"
import { createServer } from "node:net"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { parsedJson } from "../jsonEntry.ts"
import { Permission, Question } from "./events.ts"

/** `status`: the answer's; undefined: none came. `sent`: the request may have reached the program. */
export class OpencodeFailed extends Schema.TaggedError<OpencodeFailed>()("OpencodeFailed", {
  what: Schema.String,
  reason: Schema.String,
  status: Schema.UndefinedOr(Schema.Number),
  sent: Schema.Boolean
}) {
  override get message() {
    return `${this.what}: ${this.reason}`
  }
}

export interface Prompt {
  readonly messageId: string
  readonly text: string
  readonly model: { readonly providerID: string; readonly modelID: string } | undefined
  readonly agent: string | undefined
}

export interface Server {
  /** It answers. */
  readonly health: Effect.Effect<void, OpencodeFailed>
  /** The session is there. */
  readonly session: (id: string) => Effect.Effect<void, OpencodeFailed>
  /** The newest one of the directory that is nobody's subagent. */
  readonly latest: Effect.Effect<string | undefined, OpencodeFailed>
  /** A new session; comes once the program's MCP servers are connected or given up. */
  readonly create: Effect.Effect<string, OpencodeFailed>
  /** Shows the session in the terminal. */
  readonly show: (id: string) => Effect.Effect<void, OpencodeFailed>
  readonly isBusy: (id: string) => Effect.Effect<boolean, OpencodeFailed>
  readonly permissions: Effect.Effect<ReadonlyArray<typeof Permission.Type>, OpencodeFailed>
  readonly questions: Effect.Effect<ReadonlyArray<typeof Question.Type>, OpencodeFailed>
  readonly prompt: (sessionId: string, prompt: Prompt) => Effect.Effect<void, OpencodeFailed>
  readonly abort: (sessionId: string) => Effect.Effect<void, OpencodeFailed>
  readonly remove: (sessionId: string, messageId: string) => Effect.Effect<void, OpencodeFailed>
  /** Texts of the session's last messages of users. */
  readonly texts: (sessionId: string) => Effect.Effect<ReadonlyArray<string>, OpencodeFailed>
  /** Parsed events, from the moment of the subscription on, until the connection ends. */
  readonly events: Stream.Stream<unknown, OpencodeFailed>
}

/** A request that came while the program starts is never answered: it is asked again soon. */
const healthMillis = 1_000
const callMillis = 10_000
/** Its MCP servers have 30 s each to connect. */
const createMillis = 60_000
/** How many messages are looked through for what a former process may have put in. */
const lookupMessages = 400

const Created = Schema.Struct({ id: Schema.String })
const Sessions = Schema.Array(
  Schema.Struct({ id: Schema.String, parentID: Schema.optionalWith(Schema.String, { exact: true }) })
)
const Statuses = Schema.Record({ key: Schema.String, value: Schema.Struct({ type: Schema.String }) })
const Messages = Schema.Array(
  Schema.Struct({
    info: Schema.Struct({ role: Schema.String }),
    parts: Schema.Array(
      Schema.Struct({ type: Schema.String, text: Schema.optionalWith(Schema.String, { exact: true }) })
    )
  })
)

/** `fetch` hides why behind "fetch failed". */
const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  return String(code ?? (cause instanceof Error ? cause.message : cause))
}

export const make = (o: { readonly port: number; readonly password: string }): Server => {
  const origin = `http://127.0.0.1:${o.port}`
  const headers = { authorization: `Basic ${Buffer.from(`opencode:${o.password}`).toString("base64")}` }

  const call = (
    what: string,
    method: "GET" | "POST" | "DELETE",
    path: string,
    { body, limitMillis = callMillis }: { readonly body?: unknown; readonly limitMillis?: number } = {}
  ): Effect.Effect<string, OpencodeFailed> => {
    const failed = (reason: string, status?: number, sent = true) => new OpencodeFailed({ what, reason, status, sent })
    return Effect.tryPromise({
      try: async (signal) => {
        const response = await fetch(`${origin}${path}`, {
          method,
          signal,
          redirect: "error",
          headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
        return { status: response.status, text: await response.text() }
      },
      catch: (error) => {
        const reason = causeOf(error)
        return failed(reason, undefined, reason !== "ECONNREFUSED")
      }
    }).pipe(
      Effect.timeoutFail({ duration: limitMillis, onTimeout: () => failed(`no answer within ${limitMillis} ms`) }),
      Effect.flatMap(({ status, text }) =>
        status >= 200 && status < 300 ? Effect.succeed(text) : Effect.fail(failed(`HTTP ${status}`, status))
      )
    )
  }
  const read = <A, I>(
    schema: Schema.Schema<A, I>,
    what: string,
    method: "GET" | "POST",
    path: string,
    options?: { readonly body?: unknown; readonly limitMillis?: number }
  ): Effect.Effect<A, OpencodeFailed> =>
    Effect.flatMap(call(what, method, path, options), (text) =>
      Effect.mapError(
        Schema.decodeUnknown(schema)(parsedJson(text)),
        () => new OpencodeFailed({ what, reason: "an answer of an unknown form", status: undefined, sent: true })
      )
    )
  const at = (id: string, rest = "") => `/session/${encodeURIComponent(id)}${rest}`

  return {
    health: Effect.asVoid(call("health", "GET", "/global/health", { limitMillis: healthMillis })),
    session: (id) => Effect.asVoid(call("session", "GET", at(id))),
    latest: Effect.map(
      read(Sessions, "sessions", "GET", "/session"),
      (sessions) => sessions.find(({ parentID }) => parentID === undefined)?.id
    ),
    create: Effect.map(
      read(Created, "new session", "POST", "/session", { body: {}, limitMillis: createMillis }),
      ({ id }) => id
    ),
    show: (id) => Effect.asVoid(call("select session", "POST", "/tui/select-session", { body: { sessionID: id } })),
    isBusy: (id) =>
      Effect.map(
        read(Statuses, "status", "GET", "/session/status"),
        (statuses) => (statuses[id]?.type ?? "idle") !== "idle"
      ),
    permissions: read(Schema.Array(Permission), "permissions", "GET", "/permission"),
    questions: read(Schema.Array(Question), "questions", "GET", "/question"),
    prompt: (id, { agent, messageId, model, text }) =>
      Effect.asVoid(
        call("prompt", "POST", at(id, "/prompt_async"), {
          body: {
            messageID: messageId,
            ...(model === undefined ? {} : { model }),
            ...(agent === undefined ? {} : { agent }),
            parts: [{ type: "text", text }]
          }
        })
      ),
    abort: (id) => Effect.asVoid(call("abort", "POST", at(id, "/abort"))),
    remove: (id, messageId) =>
      Effect.asVoid(call("remove message", "DELETE", at(id, `/message/${encodeURIComponent(messageId)}`))),
    texts: (id) =>
      Effect.map(read(Messages, "messages", "GET", at(id, `/message?limit=${lookupMessages}`)), (messages) =>
        messages
          .filter(({ info }) => info.role === "user")
          .map(({ parts }) => parts.map(({ text = "", type }) => (type === "text" ? text : "")).join("\n"))
      ),
    events: Stream.unwrapScoped(
      Effect.gen(function* () {
        const failed = (error: unknown) =>
          new OpencodeFailed({ what: "events", reason: causeOf(error), status: undefined, sent: true })
        const ending = yield* Effect.acquireRelease(
          Effect.sync(() => new AbortController()),
          (controller) => Effect.sync(() => controller.abort())
        )
        const response = yield* Effect.tryPromise({
          try: () => fetch(`${origin}/event`, { headers, signal: ending.signal, redirect: "error" }),
          catch: failed
        })
        const { body, status } = response
        if (!response.ok || body === null) {
          return yield* new OpencodeFailed({ what: "events", reason: `HTTP ${status}`, status, sent: true })
        }
        return Stream.fromReadableStream(() => body, failed).pipe(
          Stream.decodeText(),
          Stream.mapAccum("", dataOf),
          Stream.flattenIterables,
          Stream.map(parsedJson)
        )
      })
    )
  }
}

/** Server-sent events, of which only the data counts: the data of what is complete, and what is left over. */
export const dataOf = (before: string, chunk: string): readonly [string, ReadonlyArray<string>] => {
  const blocks = (before + chunk).replaceAll("\r\n", "\n").split("\n\n")
  const rest = blocks.pop() ?? ""
  const data = blocks.map((block) =>
    block
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).replace(/^ /, ""))
      .join("\n")
  )
  return [rest, data.filter((text) => text !== "")]
}

/** A port of loopback that nobody listens on now. */
export const freePort: Effect.Effect<number, Error> = Effect.async<number, Error>((resume) => {
  const probe = createServer()
  probe.once("error", (error) => resume(Effect.fail(error)))
  probe.listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => {
    const address = probe.address()
    probe.close(() =>
      resume(
        address !== null && typeof address === "object"
          ? Effect.succeed(address.port)
          : Effect.fail(new Error("no port of loopback"))
      )
    )
  })
})

const read = (path: string) => readFile(path, "utf8").catch(() => "")

/**
 * Whose the listener on a port of loopback is: `ours` when it belongs to this process or one below it. A port is only free until
 * somebody takes it, and a password is not for strangers. `unknown`: nobody listens yet, or this system does not say (macOS).
 */
export const ownerOf = (port: number, pid: number): Effect.Effect<"ours" | "stranger" | "nobody" | "unknown"> =>
  Effect.promise(async () => {
    if (process.platform !== "linux") return "unknown"
    const hex = port.toString(16).toUpperCase().padStart(4, "0")
    const rows = (await Promise.all(["/proc/net/tcp", "/proc/net/tcp6"].map(read))).join("\n").split("\n")
    const inodes = rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, local = "", , state]) => local.endsWith(`:${hex}`) && state === "0A")
      .map((fields) => `socket:[${fields[9]}]`)
    if (inodes.length === 0) return "nobody"
    const family = [pid, ...(await descendants(pid))]
    for (const member of family) {
      const descriptors = await readdir(`/proc/${member}/fd`).catch((): Array<string> => [])
      const links = await Promise.all(
        descriptors.map((descriptor) => readlink(`/proc/${member}/fd/${descriptor}`).catch(() => ""))
      )
      if (links.some((link) => inodes.includes(link))) return "ours"
    }
    return "stranger"
  })

const descendants = async (pid: number): Promise<ReadonlyArray<number>> => {
  const tasks = await readdir(`/proc/${pid}/task`).catch((): Array<string> => [])
  const children = (await Promise.all(tasks.map((task) => read(`/proc/${pid}/task/${task}/children`))))
    .join(" ")
    .split(/\s+/)
    .filter((text) => text !== "")
    .map(Number)
  const below = await Promise.all(children.map(descendants))
  return [...children, ...below.flat()]
}
