/** The real program, bundled: what only a process can show. The daemon is a stand-in that says what became of it. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { Script } from "node:vm"
import { assert, describe, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { buildProgram } from "../../scripts/program.mjs"
import { cacheOf } from "../../src/cli/loadProgram.ts"
import { version } from "../../src/domain/Version.ts"

const root = resolve(import.meta.dirname, "../..")

const standIn = `
import * as Effect from "effect/Effect"
const say = (text) => Effect.sync(() => process.stderr.write(text + "\\n"))
export const runDaemon = (options) =>
  Effect.logInfo("up", options).pipe(
    Effect.zipRight(say("running")),
    Effect.zipRight(options.instanceName === "broken" ? Effect.fail(failure) : Effect.never),
    Effect.onInterrupt(() => Effect.zipRight(say("stopping"), options.instanceName === "stuck" ? Effect.never : say("stopped")))
  )
const failure = { _tag: "AlreadyRunning", message: "another broker instance is already running in this directory (pid: 7, /d)" }
`

class Program extends Context.Tag("test/Program")<
  Program,
  { readonly path: string; readonly alias: string; readonly loaded: string }
>() {
  static readonly layer = Layer.scoped(
    Program,
    Effect.gen(function* () {
      const directory = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "relay-program-"))),
        (path) => Effect.promise(() => rm(path, { recursive: true }))
      )
      const path = join(directory, "relay-broker.js")
      const alias = join(directory, "agent-relay-broker")
      const daemon = join(directory, "Daemon.ts")
      const loaded = yield* Effect.promise(async () => {
        await writeFile(daemon, standIn)
        await writeFile(join(directory, "package.json"), '{"type":"module"}')
        const built = await buildProgram({
          outdir: directory,
          options: {
            nodePaths: [join(root, "node_modules")],
            external: ["*/api/Api.ts"],
            plugins: [
              {
                name: "stand-in",
                setup: ({ onResolve }) => onResolve({ filter: /broker\/Daemon\.ts$/ }, () => ({ path: daemon }))
              }
            ]
          }
        })
        await symlink(path, alias)
        return built
      })
      return { path, alias, loaded }
    })
  )
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const start = (script: string, words: ReadonlyArray<string>, env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [script, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", ...env },
    cwd: tmpdir()
  })
  let out = ""
  let err = ""
  child.stdout.on("data", (data) => {
    out += data
  })
  child.stderr.on("data", (data) => {
    err += data
  })
  const ended = Effect.async<Ended>((resume) => {
    const tell = () => resume(Effect.succeed({ code: child.exitCode, out, err }))
    if (child.exitCode !== null || child.signalCode !== null) tell()
    else child.on("close", tell)
  })
  const said = (text: string) =>
    Effect.async<void>((resume) => {
      const look = () => {
        if (err.includes(text)) resume(Effect.void)
      }
      child.stderr.on("data", look)
      look()
    })
  return { child, ended, said }
}

const run = (script: string, ...words: ReadonlyArray<string>) => start(script, words).ended

const running = (script: string, words: ReadonlyArray<string>, body: (child: ChildProcess) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const { child, ended, said } = start(script, words)
    yield* said("running")
    child.kill("SIGTERM")
    yield* said("stopping")
    yield* body(child)
    return yield* ended
  })

describe("the program", () => {
  layer(Program.layer, { excludeTestServices: true })((it) => {
    it.effect("--version says the name it was called by", () =>
      Effect.gen(function* () {
        const { alias, path } = yield* Program
        assert.deepStrictEqual(yield* run(path, "--version"), { code: 0, out: `relay-broker ${version}\n`, err: "" })
        assert.deepStrictEqual(yield* run(path, "-V"), { code: 0, out: `relay-broker ${version}\n`, err: "" })
        assert.strictEqual((yield* run(alias, "--version")).out, `agent-relay-broker ${version}\n`)
      })
    )

    it.effect("--help goes to stdout; without a command the same goes to stderr, with exit code 2", () =>
      Effect.gen(function* () {
        const { path } = yield* Program
        const help = yield* run(path, "--help")
        assert.deepStrictEqual([help.code, help.err], [0, ""])
        for (const name of [
          "init",
          "status",
          "agents",
          "spawn",
          "release",
          "send",
          "stop",
          "alerts",
          "deliveries",
          "deliveries show",
          "dead-letters",
          "dead-letters show",
          "dead-letters redeliver",
          "dead-letters purge"
        ]) {
          assert.match(help.out, new RegExp(`\\n {2}${name} {2,}\\S`))
        }
        assert.notInclude(help.out, "\u001b")
        assert.deepStrictEqual(yield* run(path), { code: 2, out: "", err: help.out })
      })
    )

    it.effect("starts whatever became of the code that V8 made of it", () =>
      Effect.gen(function* () {
        const { loaded, path } = yield* Program
        const whole = new Script("(function () { return 1 })").createCachedData()
        const help = yield* run(path, "--help")
        assert.strictEqual(help.code, 0)
        for (const code of [whole, whole.subarray(0, whole.length / 2), Buffer.from("garbage"), Buffer.alloc(0)]) {
          yield* Effect.promise(() => writeFile(cacheOf(loaded), code))
          assert.deepStrictEqual(yield* run(path, "--help"), help)
        }
        yield* Effect.promise(() => rm(cacheOf(loaded)))
      })
    )

    it.effect("refuses unknown options and commands with one line and exit code 2", () =>
      Effect.gen(function* () {
        const { path } = yield* Program
        const table: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
          [["--bogus"], "unknown option --bogus; see `relay-broker --help`"],
          [
            ["swarm", "--list"],
            "swarm is not carried over from agent-relay-broker; spawn the agents with `relay-broker spawn` and write to their channel with `relay-broker send`"
          ],
          [
            ["pty", "claude", "--agent-name", "x"],
            "pty is not carried over from agent-relay-broker; a worker is no process of its own here: use `relay-broker spawn`"
          ],
          [["satus"], "unknown command satus; did you mean status?; see `relay-broker --help`"],
          [
            ["init", "--api-prot", "1"],
            "unknown option --api-prot; did you mean --api-port?; see `relay-broker init --help`"
          ],
          [
            ["init", "--api-port", "70000"],
            "--api-port 70000 is not a port: 0 to 65535; see `relay-broker init --help`"
          ]
        ]
        for (const [words, sentence] of table) {
          assert.deepStrictEqual(yield* run(path, ...words), { code: 2, out: "", err: `relay-broker: ${sentence}\n` })
        }
      })
    )

    it.effect("init logs to stderr only, with no secret in it", () =>
      Effect.gen(function* () {
        const { path } = yield* Program
        const words = ["init", "--workspace-key", "rk_secret", "--channels", "#a,b", "--api-port", "0"]
        const { code, err, out } = yield* running(path, words, () => Effect.void)
        assert.deepStrictEqual([code, out], [0, ""])
        assert.match(err, /^\{"time":"\S+","level":"info","message":"up \{.*\}"\}\nrunning\nstopping\nstopped\n$/)
        assert.include(err, '\\"channels\\":[\\"a\\",\\"b\\"]')
        assert.notInclude(err, "rk_secret")
      })
    )

    it.effect("a first signal is an orderly shutdown with exit code 0, a second one ends at once with 1", () =>
      Effect.gen(function* () {
        const { path } = yield* Program
        const orderly = yield* running(path, ["init"], () => Effect.void)
        assert.strictEqual(orderly.code, 0)
        assert.include(orderly.err, "stopped")
        const forced = yield* running(path, ["init", "--instance-name", "stuck"], (child) =>
          Effect.sync(() => void child.kill("SIGINT"))
        )
        assert.strictEqual(forced.code, 1)
        assert.notInclude(forced.err, "stopped")
      })
    )

    it.effect("a broker that cannot start is exit code 1 with the sentence that clients look for", () =>
      Effect.gen(function* () {
        const { path } = yield* Program
        const { code, err, out } = yield* start(path, ["init", "--instance-name", "broken"], {
          AGENT_RELAY_BROKER_LOG: "off"
        }).ended
        assert.deepStrictEqual([code, out], [1, ""])
        assert.strictEqual(
          err,
          "running\nrelay-broker: another broker instance is already running in this directory (pid: 7, /d); " +
            "stop it with `relay-broker stop`, or choose another --instance-name or --state-dir\n"
        )
      })
    )

    it.effect("Ctrl-C cuts a command off with exit code 130", () =>
      Effect.gen(function* () {
        const { path } = yield* Program
        const silent = yield* Effect.acquireRelease(
          Effect.async<{ readonly port: number; readonly asked: Promise<void>; readonly close: () => void }>(
            (resume) => {
              let noticed = () => {}
              const asked = new Promise<void>((done) => {
                noticed = done
              })
              const server = createServer(() => noticed())
              server.listen(0, "127.0.0.1", () => {
                const address = server.address()
                const port = typeof address === "object" && address !== null ? address.port : 0
                resume(Effect.succeed({ port, asked, close: () => server.closeAllConnections() ?? server.close() }))
              })
            }
          ),
          ({ close }) => Effect.sync(close)
        )
        const { child, ended } = start(path, ["agents"], {
          RELAY_BROKER_URL: `http://127.0.0.1:${silent.port}`,
          RELAY_BROKER_API_KEY: "k"
        })
        yield* Effect.promise(() => silent.asked)
        child.kill("SIGINT")
        assert.deepStrictEqual(yield* ended, { code: 130, out: "", err: "" })
      }).pipe(Effect.scoped)
    )
  })
})
