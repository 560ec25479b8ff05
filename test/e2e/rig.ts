/** A fake engine on a real socket, the real program against it, and programs that record what they read. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type BrokerProcessOptions, launchBroker, startBroker } from "../../src/testing/BrokerProcess.ts"
import { FakeEngine, type FakeEngineOptions } from "../../src/testing/FakeEngine.ts"
import { publishedOutbound } from "../support/publishedSchemas.ts"

export const root = join(import.meta.dirname, "..", "..")
export const program = join(root, "dist", "relay-broker.js")

export const temporaryHome = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-e2e-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Whatever a test does: no frame that the published schemas refuse, and never `/v1/ws`. */
const assertHealthy = (engine: FakeEngine["Type"]) =>
  Effect.sync(() => {
    const [rejected] = engine.observations.rejectedFrames
    if (rejected !== undefined) throw new Error(`the engine refused ${rejected.text}: ${rejected.rejection}`)
    if (engine.observations.observerSocketAttempts > 0) throw new Error("/v1/ws was tried")
  })

export const makeEngine = (o: FakeEngineOptions = {}) =>
  Effect.gen(function* () {
    const engine = yield* FakeEngine.make({ validateFrame: publishedOutbound, ...o })
    yield* Effect.addFinalizer(() => assertHealthy(engine))
    const { baseUrl, port } = yield* engine.listen()
    return { engine, baseUrl, port }
  })

export type ProcessOptions = Partial<BrokerProcessOptions>

/** Engine and broker, the node registered, and `alice` to write to agents. */
export const makeWorld = (o: ProcessOptions = {}) =>
  Effect.gen(function* () {
    const { baseUrl, engine } = yield* makeEngine()
    const home = o.home ?? (yield* temporaryHome)
    const options = { program, home, engineUrl: baseUrl, workspaceKey: engine.key(), ...o }
    const broker = yield* startBroker(options)
    yield* engine.awaitNode()
    yield* engine.registerAgent("alice")
    return { engine, baseUrl, broker, home, options, recorder: makeRecorder(home) }
  })

interface Read {
  readonly atMillis: number
  readonly data: string
}

export const makeRecorder = (home: string) => {
  const fileOf = (name: string) => join(home, `${name}.jsonl`)
  const reads = (name: string): ReadonlyArray<Read> =>
    existsSync(fileOf(name))
      ? readFileSync(fileOf(name), "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Read)
      : []
  return {
    /** Body of `POST /api/spawn` for a recording agent. */
    spec: (name: string, ...flags: ReadonlyArray<string>) => ({
      name,
      cli: process.execPath,
      args: [join(root, "fixtures", "programs", "recorder.mjs"), fileOf(name), "--prompt", ...flags],
      channels: ["general"]
    }),
    reads,
    /** Everything that was typed, Enter as newline. */
    text: (name: string) =>
      reads(name)
        .map(({ data }) => data)
        .join("")
        .replaceAll("\r", "\n"),
    /** When the last piece of `text` had been read. */
    readAt: (name: string, text: string): number | undefined => {
      let seen = ""
      for (const { atMillis, data } of reads(name)) {
        seen += data
        if (seen.includes(text)) return atMillis
      }
      return undefined
    }
  }
}

/** For what only the file system or the process table can tell. */
export const eventually = <A>(check: () => A | undefined | false, what: string | (() => string)) =>
  Effect.suspend(() => {
    const found = check()
    return found === undefined || found === false
      ? Effect.fail(new Error(`never: ${typeof what === "string" ? what : what()}`))
      : Effect.succeed(found)
  }).pipe(Effect.retry(Schedule.spaced("20 millis").pipe(Schedule.upTo("45 seconds"))), Effect.orDie)

export { launchBroker, startBroker }
