/** Plans performed on a real directory: modes, sharing, and that everything is as before afterwards. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { AgentSpec } from "../../src/domain/AgentSpec.ts"
import type { LaunchFailed } from "../../src/domain/Errors.ts"
import { families } from "../../src/harness/families.ts"
import { Generic } from "../../src/harness/Generic.ts"
import { chooseHarness } from "../../src/harness/Harness.ts"
import * as Launcher from "../../src/harness/Launcher.ts"
import { dollarReference } from "../../src/harness/mcpJson.ts"
import { relay, specOf } from "./rig.ts"

const makeStage = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "relay-broker-launcher-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
  )
  const directory = join(home, "state", "harness-x")
  const project = join(home, "project")
  mkdirSync(project)
  const env = { PATH: `${home}:${process.env["PATH"]}`, HOME: home }
  const make = Launcher.make({ directory, env })
  const launch = (launcher: Launcher.Launcher, cli: string, spec: Partial<AgentSpec> = {}) =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const launched = yield* launcher
        .launch({
          harness: chooseHarness(families, Generic, cli),
          spec: specOf({ cli, cwd: project, ...spec }),
          line: { command: cli, args: spec.args ?? [] },
          environment: { ...relay, ...env, ...spec.env },
          resumed: spec.sessionRef !== undefined
        })
        .pipe(
          Scope.extend(scope),
          Effect.onExit((exit) => (Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void))
        )
      return { ...launched, end: Scope.close(scope, Exit.void) }
    })
  /** Everything below the broker's own directory. */
  const own = () =>
    existsSync(directory)
      ? readdirSync(directory, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
      : []
  const program = (name: string, text: string) => {
    writeFileSync(join(home, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(home, name), 0o755)
  }
  return { home, directory, project, make, launch, own, program, cursorFile: join(project, ".cursor", "mcp.json") }
})

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
const read = (path: string) => readFileSync(path, "utf8")
const servers = (path: string) => Object.keys((JSON.parse(read(path)) as { mcpServers: object }).mcpServers)

describe("private files", () => {
  it.scopedLive("are 0600 in a directory of 0700, one for each launch, and gone with it", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const launcher = yield* stage.make
      const first = yield* stage.launch(launcher, "claude")
      const second = yield* stage.launch(launcher, "claude", { env: { RELAY_AGENT_TOKEN: "at_other" } })
      const paths = [first, second].map(({ commandLine }) => (commandLine.args[1] ?? "").replace("--mcp-config=", ""))
      assert.notStrictEqual(paths[0], paths[1])
      for (const path of paths) {
        assert.strictEqual(mode(path), "600")
        assert.strictEqual(mode(join(path, "..")), "700")
      }
      assert.include(read(paths[1]!), "at_other")
      assert.notInclude(read(paths[0]!), "at_other")
      yield* first.end
      assert.deepStrictEqual(stage.own(), [paths[1]])
      yield* second.end
      assert.deepStrictEqual(stage.own(), [])
    })
  )
  it.scopedLive("the session a program was given is part of its spec", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const { commandLine, spec } = yield* stage.launch(yield* stage.make, "claude")
      assert.strictEqual(spec.sessionRef, commandLine.args.at(-1))
      assert.match(spec.sessionRef ?? "", /^[0-9a-f-]{36}$/)
    })
  )
  it.scopedLive("claude comes back to a session that has a transcript, and begins one that has none", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const launcher = yield* stage.make
      const transcripts = join(stage.home, ".claude", "projects", "-work")
      mkdirSync(transcripts, { recursive: true })
      writeFileSync(join(transcripts, "said.jsonl"), "{}")
      const said = yield* stage.launch(launcher, "claude", { sessionRef: "said" })
      const unsaid = yield* stage.launch(launcher, "claude", { sessionRef: "unsaid" })
      assert.deepStrictEqual(said.commandLine.args.slice(-2), ["--resume", "said"])
      assert.isTrue(said.resumed)
      assert.deepStrictEqual(unsaid.commandLine.args.slice(-2), ["--session-id", "unsaid"])
      assert.isFalse(unsaid.resumed)
    })
  )
})

describe("the channel of a family", () => {
  it.scopedLive("is opened for a terminal, and said in the launch; a run for one message has none", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const launcher = yield* stage.make
      const terminal = yield* stage.launch(launcher, "opencode")
      assert.include(terminal.commandLine.args, "--port")
      assert.match(terminal.environment["OPENCODE_SERVER_PASSWORD"] ?? "", /./)
      assert.strictEqual(terminal.channel?.name, "server")
      const headless = yield* stage.launch(launcher, "opencode", { runtime: "headless" })
      assert.notInclude(headless.commandLine.args, "--port")
      assert.isUndefined(headless.environment["OPENCODE_SERVER_PASSWORD"])
      assert.isUndefined(headless.channel)
      yield* terminal.end
      yield* headless.end
    })
  )
  it.scopedLive("gemini's extension is there from the first agent to the last, the user's others stay", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const launcher = yield* stage.make
      const extensions = join(stage.home, ".gemini", "extensions")
      mkdirSync(join(extensions, "mine"), { recursive: true })
      writeFileSync(join(extensions, "mine", "gemini-extension.json"), "{}")
      const ours = join(extensions, "agent-relay")
      const first = yield* stage.launch(launcher, "gemini")
      const second = yield* stage.launch(launcher, "gemini", { env: { RELAY_AGENT_TOKEN: "at_other" } })
      yield* first.end
      const manifest = JSON.parse(read(join(ours, "gemini-extension.json")))
      assert.deepInclude(manifest, { name: "agent-relay", version: "1.0.0" })
      assert.deepStrictEqual(servers(join(ours, "gemini-extension.json")), ["agent-relay"])
      const { hooks } = JSON.parse(read(join(ours, "hooks", "hooks.json"))) as { readonly hooks: object }
      assert.deepStrictEqual(Object.keys(hooks), ["SessionStart", "BeforeAgent", "AfterTool", "AfterAgent"])
      for (const secret of ["at_other", relay.RELAY_AGENT_TOKEN]) assert.notInclude(JSON.stringify(manifest), secret)
      yield* second.end
      assert.isFalse(existsSync(ours))
      assert.isTrue(existsSync(join(extensions, "mine")))
    })
  )
})

describe("entries in the user's files", () => {
  it.scopedLive("are there from the first agent to the last, and the file is then what it was, byte for byte", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const launcher = yield* stage.make
      const before = '{ "mcpServers" : {\t"mine": {"command":"x"} } }'
      mkdirSync(join(stage.cursorFile, ".."))
      writeFileSync(stage.cursorFile, before)
      chmodSync(stage.cursorFile, 0o640)
      const first = yield* stage.launch(launcher, "cursor-agent")
      const second = yield* stage.launch(launcher, "cursor-agent", { env: { RELAY_AGENT_TOKEN: "at_other" } })
      assert.deepStrictEqual(servers(stage.cursorFile), ["mine", "agent-relay"])
      assert.notInclude(read(stage.cursorFile), "at_")
      yield* first.end
      assert.deepStrictEqual(servers(stage.cursorFile), ["mine", "agent-relay"])
      yield* second.end
      assert.strictEqual(read(stage.cursorFile), before)
      assert.strictEqual(mode(stage.cursorFile), "640")
      assert.deepStrictEqual(stage.own(), [])
    })
  )
  it.scopedLive("a file and directory that were not there are gone again", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const { end } = yield* stage.launch(yield* stage.make, "cursor-agent")
      assert.strictEqual(mode(stage.cursorFile), "600")
      yield* end
      assert.isFalse(existsSync(join(stage.project, ".cursor")))
    })
  )
  it.scopedLive("what somebody else wrote meanwhile stays, only the entry goes", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const { end } = yield* stage.launch(yield* stage.make, "cursor-agent")
      const now = JSON.parse(read(stage.cursorFile)) as { mcpServers: object }
      writeFileSync(stage.cursorFile, JSON.stringify({ ...now, mcpServers: { ...now.mcpServers, theirs: {} } }))
      yield* end
      assert.deepStrictEqual(servers(stage.cursorFile), ["theirs"])
    })
  )
  it.scopedLive("an entry that somebody else changed is theirs", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const { end } = yield* stage.launch(yield* stage.make, "cursor-agent")
      const theirs = '{"mcpServers":{"agent-relay":{"command":"theirs"}}}'
      writeFileSync(stage.cursorFile, theirs)
      yield* end
      assert.strictEqual(read(stage.cursorFile), theirs)
    })
  )
  it.scopedLive("a link stays a link", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      const real = join(stage.home, "real.json")
      writeFileSync(real, "{}")
      mkdirSync(join(stage.cursorFile, ".."))
      symlinkSync(real, stage.cursorFile)
      const { end } = yield* stage.launch(yield* stage.make, "cursor-agent")
      assert.deepStrictEqual(servers(real), ["agent-relay"])
      yield* end
      assert.isTrue(lstatSync(stage.cursorFile).isSymbolicLink())
      assert.strictEqual(read(real), "{}")
    })
  )
  it.scopedLive("a file that cannot be read as JSON is left alone, and the agent does not start", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      mkdirSync(join(stage.cursorFile, ".."))
      writeFileSync(stage.cursorFile, "{ // mine\n}")
      const failure = yield* Effect.flip(stage.launch(yield* stage.make, "cursor-agent"))
      assert.include(failure.message, stage.cursorFile)
      assert.include(failure.message, "skipRelayPrompt")
      assert.strictEqual(read(stage.cursorFile), "{ // mine\n}")
      assert.deepStrictEqual(stage.own(), [])
    })
  )
  it.scopedLive("what a broker that was killed left behind is taken back by the next", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      mkdirSync(join(stage.cursorFile, ".."))
      writeFileSync(stage.cursorFile, '{"a":1}')
      const killed = yield* stage.make
      yield* stage.launch(killed, "cursor-agent")
      yield* stage.launch(killed, "claude")
      assert.lengthOf(stage.own(), 2)
      yield* stage.make
      assert.strictEqual(read(stage.cursorFile), '{"a":1}')
      assert.deepStrictEqual(stage.own(), [])
    })
  )
  it.scopedLive("and what one left that had a directory of its own", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      yield* stage.launch(yield* stage.make, "cursor-agent")
      yield* Launcher.recover({ directory: stage.directory, env: {} })
      assert.isFalse(existsSync(stage.cursorFile))
      assert.isFalse(existsSync(stage.directory))
      yield* Launcher.recover({ directory: stage.directory, env: {} })
    })
  )
})

describe("settings made by the program's own command", () => {
  const recording = 'echo "$@" >> "$HOME/calls"'
  it.scopedLive("are made by the first agent and undone after the last, with no secret among the words", () =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      stage.program("grok", recording)
      const launcher = yield* stage.make
      const first = yield* stage.launch(launcher, "grok", { env: { HOME: stage.home } })
      const second = yield* stage.launch(launcher, "grok", { env: { HOME: stage.home } })
      const calls = () => read(join(stage.home, "calls")).trim().split("\n")
      assert.lengthOf(calls(), 3)
      assert.include(calls()[2], `mcp add agent-relay --env RELAY_API_KEY=${dollarReference("RELAY_API_KEY")}`)
      assert.notInclude(read(join(stage.home, "calls")), relay.RELAY_AGENT_TOKEN)
      yield* first.end
      assert.lengthOf(calls(), 3)
      yield* second.end
      assert.deepStrictEqual(calls().slice(3), ["mcp remove agent-relay"])
      assert.deepStrictEqual(stage.own(), [])
    })
  )
  it.scopedLive.each([
    ["refuses", "echo no room >&2; exit 3", "no room"],
    ["is not there", undefined, "ENOENT"]
  ] as const)("a command that %s fails the launch with its reason, and leaves nothing", ([, text, reason]) =>
    Effect.gen(function* () {
      const stage = yield* makeStage
      if (text !== undefined) stage.program("grok", text)
      const failed: Either.Either<unknown, LaunchFailed> = yield* Effect.either(
        stage.launch(yield* stage.make, "grok", { env: { PATH: stage.home } })
      )
      assert.isTrue(Either.isLeft(failed))
      if (Either.isLeft(failed)) assert.include(failed.left.message, reason)
      assert.deepStrictEqual(stage.own(), [])
    })
  )
})
