import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { EngineRejected, EngineUnavailable, Unauthorized } from "../../src/domain/Errors.ts"
import { AgentId, AgentName, WorkspaceId } from "../../src/domain/Ids.ts"
import type { EngineApi, EngineError } from "../../src/engine/EngineApi.ts"
import { Events } from "../../src/events/Events.ts"
import { BrokerIdentity, type BrokerIdentityOptions, establishIdentity } from "../../src/identity/BrokerIdentity.ts"
import { capturedLogs, engineOf } from "./support.ts"

const rejected = (status: number, code: string) =>
  new EngineRejected({ operation: "POST /x", status, code, reason: "no" })

const has = (actual: object, expected: object) => assert.deepInclude({ ...actual }, expected)

/** An engine where `taken` names are in use. */
const engine = (
  o: { readonly taken?: ReadonlyArray<string>; readonly tells?: boolean; readonly conflict?: EngineError } = {}
) => {
  const calls: Array<string> = []
  const taken = new Set(o.taken)
  const api: Partial<EngineApi["Type"]> = {
    createWorkspace: (name) =>
      Effect.suspend(() => {
        calls.push(`create ${name}`)
        if (taken.has(name)) return Effect.fail(rejected(409, "workspace_exists"))
        return Effect.succeed({ workspaceId: WorkspaceId.make("ws-new"), key: Redacted.make("rk_live_created") })
      }),
    workspace: (key) =>
      Effect.sync(() => {
        calls.push(`workspace ${Redacted.value(key)}`)
        return { id: WorkspaceId.make("ws-asked"), name: "w" }
      }),
    registerAgent: ({ key, name, type }) =>
      Effect.suspend(() => {
        calls.push(`register ${name} ${type} ${Redacted.value(key)}`)
        if (taken.has(name)) return Effect.fail(o.conflict ?? rejected(409, "agent_already_exists"))
        return Effect.succeed({
          id: AgentId.make("7"),
          name: AgentName.make(name),
          token: Redacted.make("at_live_new"),
          workspaceId: o.tells === false ? undefined : WorkspaceId.make("ws-told")
        })
      }),
    findAgent: ({ name }) =>
      Effect.sync(() => {
        calls.push(`find ${name}`)
        return taken.has(name)
          ? Option.some({ id: AgentId.make("5"), name: AgentName.make(name), status: "active" })
          : Option.none()
      }),
    rotateAgentToken: ({ name }) =>
      Effect.sync(() => {
        calls.push(`rotate ${name}`)
        return Redacted.make("at_live_rotated")
      })
  }
  return { calls, layer: engineOf(api), taken }
}

const options = (o: Partial<BrokerIdentityOptions> = {}): BrokerIdentityOptions => ({
  env: { RELAY_WORKSPACE_KEY: "rk_live_given", USER: "ann" },
  name: "proj",
  directory: "/home/ann/proj",
  strict: false,
  ...o
})

const establish = (e: { readonly layer: ReturnType<typeof engineOf> }, o?: Partial<BrokerIdentityOptions>) => {
  const logs = capturedLogs()
  return establishIdentity(options(o)).pipe(
    Effect.either,
    Effect.provide(e.layer),
    Effect.provide(logs.layer),
    Effect.map((result) => ({ result, logs }))
  )
}

const right = <A, E>(either: Either.Either<A, E>): A => Either.getOrThrowWith(either, (e) => e)

describe("with a key", () => {
  it.effect("one registration, and nothing else is asked or said", () =>
    Effect.gen(function* () {
      const e = engine()
      const { logs, result } = yield* establish(e)
      const identity = right(result)
      assert.deepStrictEqual(e.calls, ["register proj human rk_live_given"])
      has(identity, { workspaceId: "ws-told", createdWorkspace: false, requestedName: "proj" })
      has(identity.agent, { id: "7", name: "proj" })
      assert.strictEqual(Redacted.value(identity.agent.token), "at_live_new")
      assert.deepStrictEqual(logs.warnings, [])
    })
  )

  it.effect("the workspace is asked for when the registration does not tell it", () =>
    Effect.gen(function* () {
      const e = engine({ tells: false })
      const { result } = yield* establish(e, {
        workspaceKey: Redacted.make("rk_flag"),
        env: { RELAY_AGENT_TYPE: "system" }
      })
      assert.strictEqual(right(result).workspaceId, "ws-asked")
      assert.deepStrictEqual(e.calls, ["register proj system rk_flag", "workspace rk_flag"])
    })
  )

  it.effect("a membership's alias is kept; its id gives way to the engine's", () =>
    Effect.gen(function* () {
      const json = JSON.stringify({ api_key: "rk_j", workspace_id: "ws-old", workspace_alias: "main" })
      const { logs, result } = yield* establish(engine(), { env: { RELAY_WORKSPACES_JSON: json } })
      has(right(result), { workspaceId: "ws-told", workspaceAlias: "main" })
      assert.match(logs.warnings.join(), /ws-old.*ws-told/)
    })
  )

  it.effect("a refused key is an error that names its source, and no workspace is created instead", () =>
    Effect.gen(function* () {
      const refused = new Unauthorized({
        credential: "workspace key",
        where: "POST /v1/agents",
        status: 401,
        code: "unauthorized"
      })
      for (const source of ["RELAY_API_KEY", "AGENT_RELAY_WORKSPACE_KEY"]) {
        const e = engine({ taken: ["proj"], conflict: refused })
        const { logs, result } = yield* establish(e, { env: { [source]: "rk_live_secret" } })
        assert(Either.isLeft(result) && result.left._tag === "Unauthorized")
        has(result.left, { status: 401, code: "unauthorized", credential: "workspace key" })
        assert.include(result.left.message, source)
        assert.deepStrictEqual(e.calls, ["register proj human rk_live_secret"])
        assert.notInclude(`${result.left.message} ${logs.lines.join()}`, "secret")
      }
    })
  )

  it.effect("a malformed one is not even tried", () =>
    Effect.gen(function* () {
      const e = engine()
      const { result } = yield* establish(e, { env: { RELAY_WORKSPACE_KEY: "at_live_x" } })
      assert(Either.isLeft(result) && result.left._tag === "ConfigInvalid")
      assert.deepStrictEqual(e.calls, [])
    })
  )

  it.effect("an engine that is away is an error of its own", () =>
    Effect.gen(function* () {
      const away = new EngineUnavailable({ operation: "POST /v1/agents", url: "http://engine", reason: "x" })
      const { result } = yield* establish(engine({ taken: ["proj"], conflict: away }))
      assert(Either.isLeft(result) && result.left._tag === "EngineUnavailable")
    })
  )
})

describe("a name in use", () => {
  for (const conflict of [rejected(409, "whatever"), rejected(400, "name_taken"), rejected(422, "duplicate")]) {
    it.effect(`${conflict.status} ${conflict.code}: one more try with eight hex digits more`, () =>
      Effect.gen(function* () {
        const e = engine({ taken: ["proj"], conflict })
        const { logs, result } = yield* establish(e)
        const identity = right(result)
        assert.match(identity.agent.name, /^proj-[0-9a-f]{8}$/)
        assert.strictEqual(identity.requestedName, "proj")
        assert.strictEqual(e.calls.length, 2)
        assert.deepStrictEqual(logs.warnings, [`registered as '${identity.agent.name}' (requested 'proj')`])
      })
    )
  }

  it.effect("another refusal is none of that", () =>
    Effect.gen(function* () {
      const e = engine({ taken: ["proj"], conflict: rejected(403, "plan_limit_exceeded") })
      const { result } = yield* establish(e)
      assert(Either.isLeft(result) && result.left._tag === "EngineRejected")
      assert.strictEqual(e.calls.length, 1)
    })
  )

  it.effect("strict: the name is kept, its token taken over", () =>
    Effect.gen(function* () {
      const e = engine({ taken: ["proj"] })
      const identity = right((yield* establish(e, { strict: true })).result)
      has(identity.agent, { id: "5", name: "proj" })
      assert.strictEqual(Redacted.value(identity.agent.token), "at_live_rotated")
      assert.strictEqual(identity.workspaceId, "ws-asked")
      assert.deepStrictEqual(e.calls.slice(1), ["find proj", "rotate proj", "workspace rk_live_given"])
    })
  )

  it.effect("strict: a holder that left meanwhile leaves the name to us", () =>
    Effect.gen(function* () {
      const e = engine({ taken: ["proj"] })
      const layer = engineOf({
        registerAgent: (o) =>
          Effect.suspend(() => {
            const first = e.calls.length === 0
            e.calls.push(`register ${o.name}`)
            return first
              ? Effect.fail(rejected(409, "agent_already_exists"))
              : Effect.succeed({
                  id: AgentId.make("8"),
                  name: AgentName.make(o.name),
                  token: Redacted.make("at_x"),
                  workspaceId: WorkspaceId.make("w")
                })
          }),
        findAgent: () => Effect.succeed(Option.none())
      })
      const identity = right((yield* establish({ layer }, { strict: true })).result)
      assert.strictEqual(identity.agent.name, "proj")
    })
  )
})

describe("without a key", () => {
  it.effect("a workspace is created, named after user and directory, and the log says so", () =>
    Effect.gen(function* () {
      const e = engine()
      const { logs, result } = yield* establish(e, { env: { USER: "ann", RELAY_API_KEY: "sk-other" } })
      const identity = right(result)
      // printf 'ann:/home/ann/proj' | sha256sum
      assert.deepStrictEqual(e.calls, ["create relay-617dd630", "register proj human rk_live_created"])
      has(identity, { workspaceId: "ws-new", createdWorkspace: true })
      assert.strictEqual(Redacted.value(identity.workspaceKey), "rk_live_created")
      assert.strictEqual(logs.warnings.length, 2)
      assert.match(logs.warnings[0]!, /RELAY_API_KEY/)
      assert.match(logs.warnings[1]!, /created workspace ws-new/)
      assert.notMatch(logs.lines.join(), /rk_live_created|at_live|sk-other/)
    })
  )

  it.effect("a name in use gets a suffix, once", () =>
    Effect.gen(function* () {
      const e = engine({ taken: ["relay-617dd630"] })
      assert.isTrue(right((yield* establish(e, { env: { USERNAME: "ann" } })).result).createdWorkspace)
      assert.match(e.calls[1]!, /^create relay-617dd630-[0-9a-f]{8}$/)
    })
  )
})

it.effect("the layer gives the identity", () =>
  Effect.gen(function* () {
    const { workspaceId } = yield* BrokerIdentity
    assert.strictEqual(workspaceId, "ws-told")
  }).pipe(
    Effect.provide(BrokerIdentity.layer(options())),
    Effect.provide(engine().layer),
    Effect.provide(Alerts.layer.pipe(Layer.provide(Events.layer)))
  )
)

describe("an identity that is known from before", () => {
  const known = {
    workspaceId: WorkspaceId.make("ws-1"),
    agent: { id: AgentId.make("3"), name: AgentName.make("proj"), token: Redacted.make("at_live_known") }
  }
  const unavailable = new EngineUnavailable({ operation: "GET /v1/workspace", url: "http://e", reason: "ECONNREFUSED" })
  const refused = (credential: Unauthorized["credential"]) =>
    new Unauthorized({ credential, where: "GET /v1/workspace", status: 401 })

  const remembering = () => {
    const stored: Array<string> = []
    return {
      stored,
      memory: {
        load: () => Effect.succeedSome(known),
        store: (_: unknown, { agent, workspaceId }: typeof known) =>
          Effect.sync(() => void stored.push(`${workspaceId} ${agent.name} ${Redacted.value(agent.token)}`))
      }
    }
  }

  /** What `GET /v1/workspace` says to the key and to the agent's token. */
  const restart = (
    toKey: Effect.Effect<string, EngineError>,
    toAgent: Effect.Effect<string, EngineError> = toKey,
    o: Partial<BrokerIdentityOptions> = {}
  ) =>
    Effect.gen(function* () {
      const { calls } = engine()
      const { memory, stored } = remembering()
      const layer = engineOf({
        workspace: (key) =>
          Effect.map(Redacted.value(key).startsWith("at_") ? toAgent : toKey, (id) => ({
            id: WorkspaceId.make(id),
            name: "w"
          })),
        registerAgent: ({ name }) =>
          Effect.sync(() => {
            calls.push(`register ${name}`)
            return {
              id: AgentId.make("7"),
              name: AgentName.make(name),
              token: Redacted.make("at_live_new"),
              workspaceId: WorkspaceId.make("ws-2")
            }
          })
      })
      const { logs, result } = yield* establish({ layer }, { memory, ...o })
      return { calls, logs, result, stored }
    })

  it.effect("is used as it is when the engine confirms it: nothing is registered or rotated", () =>
    Effect.gen(function* () {
      const { calls, result, stored } = yield* restart(Effect.succeed("ws-1"))
      has(right(result).agent, { id: "3" })
      assert.deepStrictEqual(calls, [])
      assert.deepStrictEqual(stored, ["ws-1 proj at_live_known"])
    })
  )

  it.effect("is used when the engine is away, and the log says so", () =>
    Effect.gen(function* () {
      const { calls, logs, result } = yield* restart(Effect.fail(unavailable))
      assert.strictEqual(right(result).workspaceId, "ws-1")
      assert.deepStrictEqual(calls, [])
      assert.isTrue(
        logs.lines.some((line) => line.includes("starting as 'proj' of workspace ws-1, known from before")),
        logs.lines.join("\n")
      )
    })
  )

  it.effect("is used after 5 s when the engine does not answer", () =>
    Effect.gen(function* () {
      const starting = yield* Effect.fork(restart(Effect.never))
      yield* TestClock.adjust("5 seconds")
      const { result } = yield* Fiber.join(starting)
      assert.strictEqual(right(result).workspaceId, "ws-1")
    })
  )

  it.effect("does not make up for a refused key", () =>
    Effect.gen(function* () {
      const { calls, result } = yield* restart(Effect.fail(refused("workspace key")))
      assert.isTrue(Either.isLeft(result))
      assert.deepStrictEqual(calls, [])
    })
  )

  it.effect("gives way when its token was replaced, or the key opens another workspace", () =>
    Effect.gen(function* () {
      const replaced = yield* restart(Effect.succeed("ws-1"), Effect.fail(refused("agent token")))
      const moved = yield* restart(Effect.succeed("ws-2"))
      for (const { calls, result, stored } of [replaced, moved]) {
        has(right(result).agent, { id: "7" })
        assert.deepStrictEqual(calls, ["register proj"])
        assert.deepStrictEqual(stored, ["ws-2 proj at_live_new"])
      }
    })
  )
})
