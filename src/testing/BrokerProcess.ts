/**
 * The real program as a child process, for end-to-end tests and demos: started with a home of its own, found by its API
 * line, called over its API, ended with the scope.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Mailbox from "effect/Mailbox"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import WebSocket from "ws"

export interface BrokerProcessOptions {
  /** Path of `relay-broker.js`, which is run by this Node, or of any executable with the same command line. */
  readonly program: string
  /** Directory for its data, its state and its working directory; made when missing. */
  readonly home: string
  readonly engineUrl: string
  readonly workspaceKey?: string
  /** After `init`; `--state-dir <home>/state` is added unless `--persist` or `--state-dir` is among them. */
  readonly args?: ReadonlyArray<string>
  readonly env?: { readonly [name: string]: string | undefined }
}

export class BrokerProcessFailed extends Data.TaggedError("BrokerProcessFailed")<{ readonly reason: string }> {
  override get message() {
    return this.reason
  }
}

export interface ProcessExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Answer {
  readonly status: number
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown
}

export interface BrokerProcess {
  readonly pid: number
  readonly url: string
  readonly apiKey: string
  readonly stateDir: string
  /** Everything written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  readonly exited: Effect.Effect<ProcessExit>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly call: (method: string, path: string, body?: unknown) => Effect.Effect<Answer, BrokerProcessFailed>
  /** As `call`, and anything but 2xx is a failure. */
  readonly expect: (method: string, path: string, body?: unknown) => Effect.Effect<unknown, BrokerProcessFailed>
  /** `/ws`: every event from now on, or after `sinceSeq`. */
  readonly events: (
    sinceSeq?: number
  ) => Effect.Effect<Mailbox.ReadonlyMailbox<BrokerProcessEvent>, BrokerProcessFailed, Scope.Scope>
}

export interface BrokerProcessEvent {
  readonly kind: string
  readonly [field: string]: unknown
}

const apiLine = /API listening on (https?:\/\/\S+)/
/** As long as the published clients wait for the API line and for a session. */
const startMillis = 45_000

const environment = (o: BrokerProcessOptions, apiKey: string): NodeJS.ProcessEnv => {
  const { PATH, LANG, TERM } = process.env
  return {
    PATH,
    LANG,
    TERM,
    HOME: o.home,
    XDG_DATA_HOME: join(o.home, "data"),
    XDG_STATE_HOME: join(o.home, "logs"),
    RELAY_BASE_URL: o.engineUrl,
    RELAY_BROKER_API_KEY: apiKey,
    ...(o.workspaceKey === undefined ? {} : { AGENT_RELAY_WORKSPACE_KEY: o.workspaceKey }),
    ...o.env
  }
}

export const brokerArgs = (o: BrokerProcessOptions, stateDir: string): ReadonlyArray<string> => {
  const args = o.args ?? []
  return args.includes("--persist") || args.includes("--state-dir")
    ? ["init", ...args]
    : ["init", "--state-dir", stateDir, ...args]
}

/** The words that run `program`: scripts by this very Node, anything else by itself. */
export const commandOf = (program: string): readonly [command: string, ...args: ReadonlyArray<string>] =>
  /\.[cm]?js$/.test(program) ? [process.execPath, program] : [program]

const ended = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

/** Starts it and waits until its API serves; fails with what it printed when it ends before. The scope's end stops it (SIGTERM, then SIGKILL). */
export const startBroker = (o: BrokerProcessOptions): Effect.Effect<BrokerProcess, BrokerProcessFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const broker = yield* launchBroker(o)
    const died = broker.exited.pipe(
      Effect.flatMap(({ code, signal }) =>
        Effect.fail(
          new BrokerProcessFailed({
            reason: `the broker ended with ${signal ?? `exit code ${code}`}: ${broker.stderr().trim().split("\n").at(-1)}`
          })
        )
      )
    )
    const serving = broker.call("GET", "/api/session").pipe(
      Effect.filterOrFail(
        ({ status }) => status === 200,
        ({ status }) => new BrokerProcessFailed({ reason: `the broker is not ready (HTTP ${status})` })
      ),
      Effect.retry(Schedule.spaced("50 millis"))
    )
    yield* Effect.raceFirst(serving, died).pipe(
      Effect.timeoutFail({
        duration: startMillis,
        onTimeout: () => new BrokerProcessFailed({ reason: `no session within ${startMillis / 1_000} s` })
      })
    )
    return broker
  })

/** Starts it and waits only for the API line. */
export const launchBroker = (o: BrokerProcessOptions): Effect.Effect<BrokerProcess, BrokerProcessFailed, Scope.Scope> =>
  Effect.gen(function* () {
    mkdirSync(o.home, { recursive: true })
    const apiKey = o.env?.["RELAY_BROKER_API_KEY"] ?? `br_${randomBytes(16).toString("hex")}`
    const persist = o.args?.includes("--persist") === true
    const given = o.args?.[(o.args?.indexOf("--state-dir") ?? -1) + 1]
    const stateDir = o.args?.includes("--state-dir")
      ? (given ?? "")
      : persist
        ? join(o.home, ".agentworkforce", "relay")
        : join(o.home, "state")
    const exit = yield* Deferred.make<ProcessExit>()
    const line = yield* Deferred.make<string, BrokerProcessFailed>()
    let stdout = ""
    let stderr = ""

    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const [command, ...words] = commandOf(o.program)
        const started = spawn(command, [...words, ...brokerArgs(o, stateDir)], {
          cwd: o.home,
          env: environment(o, apiKey),
          stdio: ["ignore", "pipe", "pipe"]
        })
        started.stdout.on("data", (chunk: Buffer) => {
          stdout += chunk.toString()
          const url = apiLine.exec(stdout)?.[1]
          if (url !== undefined) Deferred.unsafeDone(line, Effect.succeed(url))
        })
        started.stderr.on("data", (chunk: Buffer) => {
          stderr = (stderr + chunk.toString()).slice(-1_000_000)
        })
        started.on("close", (code, signal) => {
          Deferred.unsafeDone(exit, Effect.succeed({ code, signal }))
          const last = stderr.trim().split("\n").at(-1) ?? ""
          const reason = `the broker ended with ${signal ?? `exit code ${code}`} before its API line: ${last}`
          Deferred.unsafeDone(line, Effect.fail(new BrokerProcessFailed({ reason })))
        })
        return started
      }),
      (started) =>
        Effect.suspend(() => {
          if (!ended(started)) started.kill("SIGTERM")
          return Effect.interruptible(Deferred.await(exit))
        }).pipe(
          Effect.timeoutOption("8 seconds"),
          Effect.ensuring(Effect.sync(() => void (ended(started) || started.kill("SIGKILL"))))
        )
    )

    const url = yield* Deferred.await(line).pipe(
      Effect.timeoutFail({ duration: startMillis, onTimeout: () => new BrokerProcessFailed({ reason: "no API line" }) })
    )

    const call = (method: string, path: string, body?: unknown) =>
      Effect.tryPromise({
        try: async (signal): Promise<Answer> => {
          const response = await fetch(`${url}${path}`, {
            method,
            signal,
            headers: { "x-api-key": apiKey, ...(body === undefined ? {} : { "content-type": "application/json" }) },
            ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
          })
          const text = await response.text()
          const isJson = response.headers.get("content-type")?.includes("json") === true
          return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text }
        },
        catch: (cause) => new BrokerProcessFailed({ reason: `${method} ${path}: ${(cause as Error).message}` })
      })

    const expect = (method: string, path: string, body?: unknown) =>
      Effect.flatMap(call(method, path, body), (answer) =>
        answer.status >= 200 && answer.status < 300
          ? Effect.succeed(answer.body)
          : Effect.fail(
              new BrokerProcessFailed({
                reason: `${method} ${path}: HTTP ${answer.status} ${JSON.stringify(answer.body)}`
              })
            )
      )

    const events = (sinceSeq = 0) =>
      Effect.gen(function* () {
        const mailbox = yield* Mailbox.make<BrokerProcessEvent>()
        yield* Effect.acquireRelease(
          Effect.async<WebSocket, BrokerProcessFailed>((resume) => {
            const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws?sinceSeq=${sinceSeq}`, {
              headers: { "x-api-key": apiKey }
            })
            socket.on("message", (data) => mailbox.unsafeOffer(JSON.parse(data.toString()) as BrokerProcessEvent))
            socket.on("open", () => resume(Effect.succeed(socket)))
            socket.on("error", (error) =>
              resume(Effect.fail(new BrokerProcessFailed({ reason: `/ws: ${error.message}` })))
            )
            socket.on("close", () => mailbox.unsafeDone(Exit.void))
          }),
          (socket) => Effect.sync(() => socket.terminate())
        )
        return mailbox as Mailbox.ReadonlyMailbox<BrokerProcessEvent>
      })

    return {
      pid: child.pid ?? 0,
      url,
      apiKey,
      stateDir,
      stdout: () => stdout,
      stderr: () => stderr,
      exited: Deferred.await(exit),
      kill: (signal) => Effect.sync(() => void child.kill(signal)),
      call,
      expect,
      events
    }
  })
