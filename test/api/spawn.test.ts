import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { SpawnError } from "../../src/agents/Actions.ts"
import {
  AgentExists,
  AgentLocationConflict,
  BindFailed,
  EngineUnavailable,
  NodeRequestRefused,
  RateLimited,
  SpawnFailed,
  UnknownWorker
} from "../../src/domain/Errors.ts"
import { apiKey, fakeWorker, makeRig } from "./rig.ts"

const success = {
  success: true,
  name: "w1",
  runtime: "pty",
  model: null,
  sessionId: null,
  pid: 1234,
  pre_registered: true,
  warning: null
}

describe("POST /api/spawn", () => {
  it.scopedLive("spawns with the defaults", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const answer = yield* ask("POST", "/api/spawn", { json: { name: "w1" } })
      assert.deepStrictEqual([answer.status, answer.body], [200, success])
      assert.deepStrictEqual(seen.spawned, [
        {
          source: "http_api",
          spec: {
            name: "w1",
            cli: "claude",
            args: [],
            channels: ["general", "engineering"],
            cwd: process.cwd(),
            parent: "Dashboard"
          }
        }
      ] as never)
    })
  )

  it.scopedLive("takes every field, in both spellings, and nulls as absent", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const common = {
        name: " w1 ",
        cli: "codex --fast",
        transport: "PTY",
        model: "gpt",
        args: ["-x", 5, "y"],
        task: "do it",
        channels: ["#a", "b", "", "b", 3],
        cwd: "/",
        team: "red",
        shadow_of: null,
        cols: 100,
        rows: 30,
        unknown: { anything: true }
      }
      const camel = { skipRelayPrompt: true, sessionId: "s1", agentToken: "at_secret" }
      const snake = { skip_relay_prompt: true, session_id: "s1", agent_token: "at_secret" }
      for (const spelling of [camel, snake]) {
        const answer = yield* ask("POST", "/api/spawn", { json: { ...common, ...spelling } })
        assert.deepStrictEqual(answer.body, { ...success, model: "gpt", sessionId: "s1" })
      }
      for (const { spec, suppliedToken } of seen.spawned) {
        assert.strictEqual(suppliedToken && Redacted.value(suppliedToken), "at_secret")
        assert.deepStrictEqual({ ...spec }, {
          name: "w1",
          cli: "codex --fast",
          args: ["-x", "y"],
          channels: ["a", "b"],
          cwd: "/",
          parent: "Dashboard",
          task: "do it",
          model: "gpt",
          team: "red",
          sessionRef: "s1",
          skipRelayPrompt: true,
          cols: 100,
          rows: 30
        } as never)
      }
      assert.strictEqual(seen.spawned.length, 2)
    })
  )

  it.scopedLive("starts the program of a pty harness as one word, with its directory, variables and session", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const config = {
        runtime: "pty",
        command: "/opt/my tools/it's.sh",
        args: ["-v"],
        cwd: "/",
        env: { A: "1" },
        sessionId: "s2",
        delivery: { mode: "pty-injection", format: "relay-block" },
        metadata: { x: 1 }
      }
      for (const field of ["harnessConfig", "harness_config", "harnessPlan", "harness_plan"]) {
        yield* ask("POST", "/api/spawn", { json: { name: "w1", cli: "claude", args: ["lost"], [field]: config } })
        const spec = seen.spawned.pop()?.spec
        assert.strictEqual(spec?.cli, `'/opt/my tools/it'\\''s.sh'`)
        assert.deepStrictEqual([spec?.args, spec?.cwd, spec?.env, spec?.sessionRef], [["-v"], "/", { A: "1" }, "s2"])
      }
      const own = {
        name: "w1",
        cwd: "/tmp",
        session_id: "mine",
        args: ["kept"],
        harnessConfig: { runtime: "pty", command: "x" }
      }
      yield* ask("POST", "/api/spawn", { json: own })
      const spec = seen.spawned.pop()?.spec
      assert.deepStrictEqual([spec?.cli, spec?.args, spec?.cwd, spec?.sessionRef], ["x", ["kept"], "/tmp", "mine"])
    })
  )

  it.scopedLive("says in the warning what it ignores", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      const asked = {
        name: "w1",
        restartPolicy: { enabled: true, max_restarts: 2 },
        spawn_mode: "task_exit",
        continueFrom: "w0",
        idle_threshold_secs: 5
      }
      const answer = yield* ask("POST", "/api/spawn", { json: asked })
      assert.deepStrictEqual(answer.body, success)
      assert.strictEqual(seen.spawned.at(-1)?.spec.idleThresholdSecs, 5)
      assert.isTrue(seen.spawned.at(-1)?.spec.exitAfterTask)
      assert.deepStrictEqual(seen.spawned.at(-1)?.spec.restartPolicy, {
        enabled: true,
        maxRestarts: 2,
        cooldownMillis: 2_000,
        maxConsecutiveFailures: 3
      })
      script.spawn = () => Effect.succeed({ worker: fakeWorker(seen), registered: false })
      const local = (yield* ask("POST", "/api/spawn", { json: { name: "w1" } })).body as Record<string, unknown>
      assert.strictEqual(local["pre_registered"], false)
      assert.include(local["warning"] as string, "not known to the engine")
    })
  )

  it.scopedLive("refuses what cannot be done before anything happens", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const table: ReadonlyArray<readonly [object, number, string, string?]> = [
        [{}, 400, "Missing required field: name"],
        [{ name: "  " }, 400, "Missing required field: name"],
        [{ name: null }, 400, "Missing required field: name"],
        [{ name: "n", spawnMode: "x" }, 400, "unsupported spawnMode 'x' (expected 'interactive' or 'task_exit')"],
        [{ name: "n", harnessId: "h" }, 400, "harnessId is not supported by the broker API; send harnessConfig"],
        [{ name: "n", harnessConfig: { runtime: "pty" } }, 400, "Invalid harnessConfig: command: is missing"],
        [{ name: "n", harnessConfig: "x" }, 400, "Invalid harnessConfig: "],
        [
          { name: "n", transport: "headless", cli: "cat -u" },
          500,
          "provider 'cat -u' does not support headless transport (supported: claude, opencode)",
          "n"
        ],
        [{ name: "n", runtime: "tmux" }, 500, "unsupported transport 'tmux' (expected 'pty' or 'headless')", "n"],
        [
          { name: "n", transport: "headless", harnessConfig: { runtime: "pty", command: "x" } },
          500,
          "harnessConfig runtime 'pty' does not match transport 'headless'",
          "n"
        ],
        [{ name: "n", restart_policy: { max_restarts: "many" } }, 500, "invalid restart_policy", "n"]
      ]
      for (const [json, status, sentence, name] of table) {
        const answer = yield* ask("POST", "/api/spawn", { json })
        const body = answer.body as Record<string, unknown>
        assert.deepStrictEqual([answer.status, body["success"], body["name"]], [status, false, name], sentence)
        assert.isTrue((body["error"] as string).startsWith(sentence), body["error"] as string)
      }
      assert.deepStrictEqual(seen.spawned, [])
    })
  )

  it.scopedLive("headless: a provider for one message, or a session of an app server", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      yield* ask("POST", "/api/spawn", { json: { name: "w1", cli: "claude --verbose", transport: "Headless" } })
      assert.deepInclude(seen.spawned.pop()?.spec, { cli: "claude --verbose", runtime: "headless" })
      const server = {
        protocol: "opencode",
        endpoint: "http://127.0.0.1:4096/",
        sessionId: "ses_1",
        auth: { type: "basic", username: "u", password: "p" },
        host: { ownership: "attached", pid: 7 },
        release: "abort",
        metadata: { x: 1 }
      }
      const config = { ...server, runtime: "headless" }
      for (const harnessConfig of [config, { ...config, runtime: "app_server" }, { ...config, driver: "app_server" }]) {
        yield* ask("POST", "/api/spawn", { json: { name: "w1", harnessConfig } })
        const spec = seen.spawned.pop()?.spec
        assert.deepInclude(spec, { cli: "opencode", runtime: "headless" })
        assert.deepStrictEqual(spec?.appServer, {
          protocol: "opencode",
          endpoint: "http://127.0.0.1:4096",
          sessionId: "ses_1",
          release: "abort",
          auth: { type: "basic", username: "u", password: "p" },
          hostPid: 7
        })
      }
    })
  )

  it.scopedLive("refuses app servers it cannot work with, as clients know it", () =>
    Effect.gen(function* () {
      const { ask, seen } = yield* makeRig()
      const good = { runtime: "app_server", protocol: "opencode", endpoint: "https://e.test", sessionId: "s" }
      const bearer = { type: "bearer", token: "t" }
      const table: ReadonlyArray<readonly [object, string]> = [
        [{ protocol: "acp" }, "unsupported app_server protocol 'acp' (supported: opencode)"],
        [{ protocol: null }, "unsupported app_server protocol '' (supported: opencode)"],
        [{ endpoint: " " }, "app_server endpoint is required"],
        [{ endpoint: "here" }, "invalid app_server endpoint 'here'"],
        [{ endpoint: "ftp://e" }, "invalid app_server endpoint scheme 'ftp'"],
        [{ endpoint: "https://u:p@e" }, "invalid app_server endpoint: credentials belong in auth"],
        [{ sessionId: "" }, "app_server sessionId is required"],
        [{ host: { ownership: "broker-owned" } }, "broker-owned app_server hosts are not supported yet"],
        [{ auth: { type: "bearer" } }, "app_server bearer auth requires token"],
        [{ auth: { type: "basic", password: "p" } }, "app_server basic auth requires username"],
        [{ auth: { type: "basic", username: "u" } }, "app_server basic auth requires password"],
        [{ endpoint: "http://e.test", auth: bearer }, "app_server auth requires https unless the endpoint is loopback"],
        [{ endpoint: "http://127.0.0.1.e.test", auth: bearer }, "app_server auth requires https"]
      ]
      for (const [change, sentence] of table) {
        const json = { name: "n", harnessConfig: { ...good, ...change } }
        const { body, status } = yield* ask("POST", "/api/spawn", { json })
        const { error, name } = body as { readonly error: string; readonly name: string }
        assert.deepStrictEqual([status, name], [500, "n"], sentence)
        assert.isTrue(error.startsWith(sentence), error)
      }
      assert.deepStrictEqual(seen.spawned, [])
      for (const endpoint of ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://e.test"]) {
        const json = { name: "n", harnessConfig: { ...good, endpoint, auth: bearer } }
        assert.strictEqual((yield* ask("POST", "/api/spawn", { json })).status, 200, endpoint)
      }
      const unknown = { name: "n", harnessConfig: { ...good, release: "kill" } }
      assert.strictEqual((yield* ask("POST", "/api/spawn", { json: unknown })).status, 400)
    })
  )

  it.scopedLive("answers failures with 500, the sentence and the name", () =>
    Effect.gen(function* () {
      const { ask, script } = yield* makeRig()
      const table: ReadonlyArray<readonly [SpawnError, object]> = [
        [new AgentExists({ agent: "n" }), { error: "agent 'n' already exists", stage: "validate" }],
        [
          new BindFailed({ agent: "n", node: "host", reason: "HTTP 500" }),
          { error: 'cannot bind agent "n" to node "host": HTTP 500', stage: "bind" }
        ],
        [
          new AgentLocationConflict({ agent: "n" }),
          { error: 'agent "n" is active on another node', stage: "register" }
        ],
        [
          new NodeRequestRefused({ request: "agent.register", code: "node_capacity_exceeded", reason: "full" }),
          { error: "engine refused agent.register: node_capacity_exceeded: full", stage: "register" }
        ],
        [
          new EngineUnavailable({ operation: "register", url: "http://e", reason: "refused" }),
          { error: "engine unavailable for register at http://e: refused", stage: "register", retryable: true }
        ],
        [
          new RateLimited({ operation: "register", code: "rate_limit_exceeded", retryAfterMillis: 1500 }),
          {
            error: "engine rate limit on register (rate_limit_exceeded), retry after 2 s",
            stage: "register",
            retryable: true
          }
        ],
        [
          new SpawnFailed({
            agent: "n",
            stage: "stability",
            reason: "it ended",
            exitCode: 3,
            lastOutput: "boom",
            logPath: "/l"
          }),
          {
            error: "cannot spawn 'n' (stability): it ended, exit code 3; log: /l",
            stage: "stability",
            exit_code: 3,
            last_output: "boom",
            log_path: "/l"
          }
        ],
        [
          new SpawnFailed({ agent: "n", stage: "stability", reason: "it ended", signal: 9 }),
          { error: "cannot spawn 'n' (stability): it ended, signal 9", stage: "stability", signal: 9 }
        ]
      ]
      for (const [error, fields] of table) {
        script.spawn = () => Effect.fail(error)
        const answer = yield* ask("POST", "/api/spawn", { json: { name: "n" } })
        assert.deepStrictEqual([answer.status, answer.body], [500, { success: false, name: "n", ...fields }])
      }
    })
  )

  it.scopedLive("is undone when the caller leaves", () =>
    Effect.gen(function* () {
      const { script, url } = yield* makeRig()
      const begun = yield* Deferred.make<void>()
      const undone = yield* Deferred.make<void>()
      script.spawn = () =>
        Deferred.succeed(begun, undefined).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(undone, undefined))
        )
      const leave = new AbortController()
      const call = fetch(`${url}/api/spawn`, {
        method: "POST",
        headers: { "x-api-key": apiKey, "content-type": "application/json" },
        body: '{"name":"n"}',
        signal: leave.signal
      }).catch(() => "left")
      yield* Deferred.await(begun)
      leave.abort()
      assert.strictEqual(yield* Effect.promise(() => call), "left")
      yield* Deferred.await(undone)
    })
  )
})

describe("DELETE /api/spawned/{name}", () => {
  it.scopedLive("is a success for known and unknown names, with any path segment as the name", () =>
    Effect.gen(function* () {
      const { ask, script, seen } = yield* makeRig()
      script.release = ({ name }) =>
        name === "w1"
          ? Effect.succeed({ exit: undefined, droppedDeliveries: 2 })
          : Effect.fail(new UnknownWorker({ agent: name }))
      const known = yield* ask("DELETE", "/api/spawned/w1", { json: { reason: "done" } })
      const absent = { exit_code: null, signal: null }
      assert.deepStrictEqual(known.body, {
        ...{ success: true, name: "w1", known: true },
        ...absent,
        dropped_deliveries: 2
      })
      const odd = `a/b c;d?e#${"x".repeat(300)}`
      const ghost = yield* ask("DELETE", `/api/spawned/${encodeURIComponent(odd)}`)
      assert.deepStrictEqual(
        [ghost.status, ghost.body],
        [200, { success: true, name: odd, known: false, ...absent, dropped_deliveries: 0 }]
      )
      assert.deepStrictEqual(seen.released, [
        { name: "w1", reason: "done" },
        { name: odd, reason: undefined }
      ])
    })
  )

  it.scopedLive("goes on when the caller leaves", () =>
    Effect.gen(function* () {
      const { script, url } = yield* makeRig()
      const begun = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const finished = yield* Deferred.make<void>()
      script.release = () =>
        Deferred.succeed(begun, undefined).pipe(
          Effect.zipRight(Deferred.await(goOn)),
          Effect.zipRight(Deferred.succeed(finished, undefined)),
          Effect.as({ exit: undefined, droppedDeliveries: 0 })
        )
      const leave = new AbortController()
      const call = fetch(`${url}/api/spawned/w1`, {
        method: "DELETE",
        headers: { "x-api-key": apiKey },
        signal: leave.signal
      }).catch(() => "left")
      yield* Deferred.await(begun)
      leave.abort()
      yield* Effect.promise(() => call)
      yield* Deferred.succeed(goOn, undefined)
      yield* Deferred.await(finished)
    })
  )
})
