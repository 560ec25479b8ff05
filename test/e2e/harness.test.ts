/** Fake CLIs on PATH, started by the real process: what is on their command lines, in their environments and files, and after. */
import { execFile, execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { eventually, launchBroker, makeEngine, makeWorld, program, root, startBroker, temporaryHome } from "./rig.ts"

const script = join(root, "fixtures", "programs", "fake-harness.mjs")
const families = ["claude", "codex", "gemini", "opencode", "qwen", "cursor-agent"] as const

interface Seen {
  readonly pid: number
  readonly argv: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string>>
  readonly files: ReadonlyArray<{ readonly path: string; readonly mode: string; readonly content: string }>
  readonly server?: Readonly<Record<string, string>>
}

/** A home with the fake CLIs first on its PATH. */
const makeHome = Effect.map(temporaryHome, (home) => {
  const bin = join(home, "bin")
  const records = join(home, "records")
  for (const directory of [bin, records, join(home, "project")]) mkdirSync(directory)
  for (const family of families) {
    const path = join(bin, family)
    writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${script}" ${family} "$@"\n`)
    chmodSync(path, 0o755)
  }
  const own = join(bin, "my-agent")
  writeFileSync(
    own,
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, "fixtures", "programs", "own-agent.mjs")}" "$@"\n`
  )
  chmodSync(own, 0o755)
  return {
    home,
    project: join(home, "project"),
    env: {
      PATH: `${bin}:${process.env["PATH"]}`,
      FAKE_HARNESS_DIR: records,
      // What the broker itself was started in must not reach its agents.
      CLAUDECODE: "1",
      CLAUDE_CODE_MESSAGING_SOCKET: "/another/session",
      RELAY_AGENT_TOKEN: "at_of_somebody_else"
    },
    seen: (name: string) =>
      eventually(() => {
        const path = join(records, `${name}.json`)
        return existsSync(path) && (JSON.parse(readFileSync(path, "utf8")) as Seen)
      }, `the record of ${name}`)
  }
})

/** `claude` there runs for one message. */
const oneShotPath = ({ env, home }: { readonly env: { readonly PATH: string }; readonly home: string }): string => {
  const bin = join(home, "one-shot")
  mkdirSync(bin)
  const oneShot = join(root, "fixtures", "programs", "fake-one-shot.mjs")
  writeFileSync(join(bin, "claude"), `#!/bin/sh\nexec "${process.execPath}" "${oneShot}" "$@"\n`)
  chmodSync(join(bin, "claude"), 0o755)
  return `${bin}:${env.PATH}`
}

const ownFamily = {
  family: "mine",
  commands: ["my-agent"],
  args: ["--yes"],
  model: { flag: "--llm" },
  readiness: { prompt: "^me> $" },
  guard: { showMillis: 1_000, gapMillis: 20 },
  dialogs: [{ name: "licence", says: ["accept the licence"], options: ["Yes", "No"], keys: "<enter>" }],
  exitKeys: "/quit<enter>"
}

const execute = promisify(execFile)

const commandLineOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
const allCommandLines = () => execFileSync("ps", ["axww", "-o", "args"], { encoding: "utf8" })
const filesBelow = (directory: string): ReadonlyArray<string> =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [join(entry.parentPath, entry.name)] : []
      )
    : []
/** Settings of agents, and what is noted to undo. */
const ownFiles = (stateDir: string) => filesBelow(stateDir).filter((path) => path.includes("/harness-"))

describe("known CLIs", () => {
  it.scopedLive("get the relay's tools with no secret on a command line, and leave no file", () =>
    Effect.gen(function* () {
      const place = yield* makeHome
      const { broker, engine } = yield* makeWorld({ home: place.home, env: place.env })
      const before = `{"mcpServers":{"mine":{"command":"x"}}}`
      mkdirSync(join(place.project, ".cursor"))
      writeFileSync(join(place.project, ".cursor", "mcp.json"), before)
      for (const cli of families) {
        yield* broker.expect("POST", "/api/spawn", { name: `${cli}-1`, cli, cwd: place.project })
      }
      for (const cli of families) {
        const name = `${cli}-1`
        const { env, files, pid, server } = yield* place.seen(name)
        const token = env["RELAY_AGENT_TOKEN"] ?? ""
        assert.match(token, /^at_/)
        assert.notStrictEqual(token, place.env.RELAY_AGENT_TOKEN)
        for (const secret of [token, engine.key()]) {
          assert.notInclude(commandLineOf(pid), secret, name)
          assert.notInclude(allCommandLines(), secret)
        }
        const expected = { RELAY_AGENT_NAME: name, RELAY_AGENT_TOKEN: token, RELAY_API_KEY: engine.key() }
        assert.deepInclude(server, { ...expected, RELAY_SKIP_BOOTSTRAP: "1" }, name)
        assert.deepInclude(env, { ...expected, AGENT_RELAY_ORIGIN_ACTOR: `agent-relay-cli/agent/${cli}` }, name)
        for (const gone of ["CLAUDECODE", "CLAUDE_CODE_MESSAGING_SOCKET", "RELAY_BROKER_API_KEY"]) {
          assert.notProperty(env, gone, name)
        }
        for (const { content, mode, path } of files) {
          if (path.startsWith(place.project)) assert.notInclude(content, token)
          else assert.strictEqual(mode, "600", path)
        }
      }
      // Their settings, and what is noted to undo.
      assert.isAtLeast(ownFiles(broker.stateDir).length, 5)

      for (const cli of families) yield* broker.expect("DELETE", `/api/spawned/${cli}-1`)
      for (const cli of families) {
        const { files } = yield* place.seen(`${cli}-1`)
        for (const { path } of files.filter(({ path }) => !path.startsWith(place.project))) {
          yield* eventually(() => !existsSync(path), `${path} gone`)
        }
      }
      yield* eventually(
        () => readFileSync(join(place.project, ".cursor", "mcp.json"), "utf8") === before,
        "the project's file as it was"
      )
      yield* eventually(() => ownFiles(broker.stateDir).length === 0, "no file of ours")
    })
  )

  it.scopedLive(
    "codex without its app-server: a model it does not offer is replaced, and its session is not known",
    () =>
      Effect.gen(function* () {
        const place = yield* makeHome
        const { broker } = yield* makeWorld({ home: place.home, env: place.env })
        const body = { name: "c1", cli: "codex --profile work", cwd: place.project, model: "gpt-5.5" }
        assert.deepInclude(yield* broker.expect("POST", "/api/spawn", body), { sessionId: null })
        const { argv } = yield* place.seen("c1")
        assert.deepStrictEqual(argv.slice(0, 3), ["--dangerously-bypass-approvals-and-sandbox", "--model", "gpt-5.4"])
        assert.deepStrictEqual(argv.slice(-2), ["--profile", "work"])
        assert.notInclude(argv, "resume")
      })
  )

  it.scopedLive("skipRelayPrompt: no tools, no identity, not even somebody else's", () =>
    Effect.gen(function* () {
      const place = yield* makeHome
      const { broker } = yield* makeWorld({ home: place.home, env: place.env })
      yield* broker.expect("POST", "/api/spawn", {
        name: "c1",
        cli: "claude",
        cwd: place.project,
        skipRelayPrompt: true
      })
      const { argv, env, files } = yield* place.seen("unnamed")
      assert.notInclude(argv.join(" "), "--mcp-config")
      assert.deepStrictEqual(files, [])
      assert.notProperty(env, "RELAY_AGENT_TOKEN")
    })
  )

  it.scopedLive("headless: one run of the program with the message, and its success is the ack", () =>
    Effect.gen(function* () {
      const place = yield* makeHome
      const { broker, engine } = yield* makeWorld({ home: place.home, env: { ...place.env, PATH: oneShotPath(place) } })
      const events = yield* broker.events()
      const body = { name: "h1", cli: "claude", transport: "headless", cwd: place.project }
      const answer = yield* broker.expect("POST", "/api/spawn", body)
      assert.deepInclude(answer, { runtime: "headless", pid: null, success: true })
      yield* engine.send({ from: "alice", to: "h1", text: "do it" })
      yield* engine.awaitAck("h1", 1)
      const lines: Array<string> = []
      const last = yield* events.take.pipe(
        Effect.tap((event) => Effect.sync(() => event.kind === "worker_stream" && lines.push(String(event["chunk"])))),
        Effect.repeat({ until: ({ kind }) => kind === "agent_exited" })
      )
      assert.deepInclude(last, { code: 0, reason: "child_exited" })
      const { RELAY_AGENT_NAME, argv } = JSON.parse(lines.find((line) => line.startsWith("{")) ?? "{}") as Seen["env"] &
        Pick<Seen, "argv">
      assert.strictEqual(RELAY_AGENT_NAME, "h1")
      assert.deepStrictEqual(argv?.slice(0, 2), ["-p", "--dangerously-skip-permissions"])
      assert.strictEqual(argv?.at(-1), "do it")

      const failing = yield* broker.expect("POST", "/api/spawn", { ...body, task: "fail 4" })
      assert.deepInclude(failing, { success: true })
      const ended = yield* events.take.pipe(Effect.repeat({ until: ({ kind }) => kind === "agent_exited" }))
      assert.deepInclude(ended, { code: 4 })
    })
  )

  it.scopedLive(
    "a family described by a file: its licence is accepted, its prompt waited for, its way to end used",
    () =>
      Effect.gen(function* () {
        const place = yield* makeHome
        writeFileSync(join(place.home, "mine.json"), JSON.stringify({ harnesses: [ownFamily] }))
        const env = { ...place.env, RELAY_HARNESS_CONFIG: "mine.json" }
        const { broker, engine } = yield* makeWorld({ home: place.home, env })
        const events = yield* broker.events()
        const cli = `${join(place.home, "bin", "my-agent")} --verbose`
        yield* broker.expect("POST", "/api/spawn", { name: "m1", cli, cwd: place.project, model: "big" })
        yield* engine.send({ from: "alice", to: "m1", text: "hello" })
        yield* engine.awaitAck("m1", 1)
        const ready = yield* events.take.pipe(Effect.repeat({ until: ({ kind }) => kind === "worker_ready" }))
        assert.deepInclude(ready, { readiness: "ready" })
        const log = () => readFileSync(join(broker.stateDir, "team", "worker-logs", "m1.log"), "utf8")
        yield* eventually(() => /got: .*\]: hello/s.test(log()), "the message at its prompt")
        assert.include(log(), 'args ["--yes","--llm","big","--verbose"]')
        assert.include(log(), "accepted")
        assert.notInclude(log(), "too early")
        yield* broker.expect("DELETE", "/api/spawned/m1")
        yield* eventually(() => log().includes("goodbye"), "its own way to end")
      })
  )

  it.scopedLive("a family described wrongly: one line, exit 1", () =>
    Effect.gen(function* () {
      const { baseUrl, engine } = yield* makeEngine()
      const home = yield* temporaryHome
      mkdirSync(join(home, "state"))
      writeFileSync(join(home, "state", "harnesses.json"), '{"harnesses":[{"family":"a","commands":["a"],"redy":1}]}')
      const broker = yield* launchBroker({ program, home, engineUrl: baseUrl, workspaceKey: engine.key() })
      assert.deepInclude(yield* broker.exited, { code: 1 })
      assert.match(broker.stderr(), /harnesses\.json: harnesses\[0\]\.redy: is unexpected/)
    })
  )

  it.scopedLive(
    "mcp-args: settings for a program of one's own, in the documented shape, until they are taken back",
    () =>
      Effect.gen(function* () {
        const { baseUrl, engine } = yield* makeEngine()
        const home = yield* temporaryHome
        const env = { HOME: home, PATH: process.env["PATH"], RELAY_API_KEY: engine.key(), RELAY_BASE_URL: baseUrl }
        const call = (...args: ReadonlyArray<string>) =>
          Effect.promise(() =>
            execute(process.execPath, [program, "mcp-args", "--agent-name", "me", ...args], { env, cwd: home })
          )
        const { stdout } = yield* call("--cli", "claude", "--register")
        const { agentToken, args, sideEffectFiles } = JSON.parse(stdout) as {
          readonly args: ReadonlyArray<string>
          readonly sideEffectFiles: ReadonlyArray<string>
          readonly agentToken: string
        }
        assert.match(agentToken, /^at_/)
        const [path = ""] = sideEffectFiles
        assert.deepStrictEqual(args, [`--mcp-config=${path}`])
        assert.strictEqual((statSync(path).mode & 0o777).toString(8), "600")
        assert.include(readFileSync(path, "utf8"), agentToken)
        const again = yield* call("--cli", "cursor", "--agent-token", "at_x")
        assert.isFalse(existsSync(path))
        assert.deepInclude(JSON.parse(again.stdout), {
          sideEffectFiles: [join(home, ".cursor", "mcp.json")],
          agentToken: null
        })
        yield* call("--cli", "claude", "--undo")
        assert.isFalse(existsSync(join(home, ".cursor")))
        assert.deepStrictEqual(filesBelow(join(home, ".local")), [])
      })
  )

  it.scopedLive("a killed broker's files are taken back at the next start", () =>
    Effect.gen(function* () {
      const place = yield* makeHome
      const { baseUrl, engine } = yield* makeEngine()
      const options = { program, home: place.home, engineUrl: baseUrl, workspaceKey: engine.key(), env: place.env }
      const scope = yield* Scope.make()
      const first = yield* Scope.extend(startBroker(options), scope)
      yield* engine.awaitNode()
      for (const cli of ["claude", "cursor-agent"]) {
        yield* first.expect("POST", "/api/spawn", { name: cli, cli, cwd: place.project })
      }
      const { files } = yield* place.seen("claude")
      const path = files[0]!.path
      yield* first.kill("SIGKILL")
      yield* first.exited
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(existsSync(path))
      assert.isTrue(existsSync(join(place.project, ".cursor", "mcp.json")))

      const second = yield* startBroker(options)
      assert.isFalse(existsSync(path))
      assert.isFalse(existsSync(join(place.project, ".cursor")))
      assert.deepStrictEqual(ownFiles(second.stateDir), [])
    })
  )
})
