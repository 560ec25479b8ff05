/** From the body of `POST /api/spawn`, in both spellings, to an agent spec, or to the documented refusal. Plain functions. */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { AgentName } from "../domain/Ids.ts"
import { defaultRestartPolicy, type RestartPolicy as Policy } from "../domain/RestartPolicy.ts"
import { families } from "../harness/families.ts"
import { Generic } from "../harness/Generic.ts"
import { chooseHarness } from "../harness/Harness.ts"
import { headlessRulesOf, notHeadless } from "../harness/Headless.ts"
import { commandWords } from "../workers/commandWords.ts"
import { RestartPolicy, type SpawnBody } from "./Bodies.ts"
import { readPlacement } from "./HarnessConfig.ts"
import { legacy, type Reply } from "./http/Reply.ts"

export interface SpawnOrder {
  readonly spec: AgentSpec
  readonly suppliedToken: Redacted.Redacted<string> | undefined
}

export interface SpawnDefaults {
  readonly channels: ReadonlyArray<string>
  readonly cwd: string
}

const filled = (...values: ReadonlyArray<string | undefined>) =>
  values.find((value) => value !== undefined && value.trim() !== "")?.trim()

const strings = (values: ReadonlyArray<unknown> | undefined) =>
  (values ?? []).filter((value): value is string => typeof value === "string")

const channelNames = (values: ReadonlyArray<unknown> | undefined) => [
  ...new Set(strings(values).flatMap((name) => filled(name.trim().replace(/^#/, "")) ?? []))
]

/** One word of a command line, whatever it contains. */
const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

const presence = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>
  }

const spawnModes: ReadonlySet<string> = new Set(["task_exit", "task-exit", "single_shot", "single-shot"])

/** Each spawn mode but `interactive` implies it. */
const exitAfterTask = (body: SpawnBody): boolean => {
  const mode = filled(body.spawn_mode, body.spawnMode)
  return body.exit_after_task ?? body.exitAfterTask ?? (mode !== undefined && spawnModes.has(mode))
}

/** Seconds of quiet that are idle; 0: two minutes of it. What is no such number is as if it was not said. */
const idleThreshold = (body: SpawnBody): number | undefined => {
  const secs = body.idle_threshold_secs ?? body.idleThresholdSecs
  return secs !== undefined && Number.isFinite(secs) && secs >= 0 ? secs : undefined
}

/** A program that can do without a terminal; the registry knows better should a configured one be meant. */
const refuseHeadless = (cli: string, name: string): Either.Either<void, Reply> =>
  Either.flatMap(
    Either.orElse(commandWords(cli), () => Either.right([cli])),
    ([command = ""]) =>
      headlessRulesOf(chooseHarness(families, Generic, command)) === undefined
        ? Either.left(legacy(500, notHeadless(cli), { name }))
        : Either.void
  )

const readRestartPolicy = (given: unknown, name: string): Either.Either<Policy | undefined, Reply> =>
  given === undefined
    ? Either.right(undefined)
    : Schema.decodeUnknownEither(RestartPolicy)(given).pipe(
        Either.mapBoth({
          onLeft: () => legacy(500, "invalid restart_policy", { name }),
          onRight: (o) => ({
            enabled: o.enabled ?? defaultRestartPolicy.enabled,
            maxRestarts: o.max_restarts ?? defaultRestartPolicy.maxRestarts,
            cooldownMillis: o.cooldown_ms ?? defaultRestartPolicy.cooldownMillis,
            maxConsecutiveFailures: o.max_consecutive_failures ?? defaultRestartPolicy.maxConsecutiveFailures
          })
        })
      )

/** The order of the checks is that of broker 9.1.6: what is wrong with the request, then what this broker does not do. */
export const readSpawn = (body: SpawnBody, defaults: SpawnDefaults): Either.Either<SpawnOrder, Reply> =>
  Either.gen(function* () {
    const name = filled(body.name)
    if (name === undefined) return yield* Either.left(legacy(400, "Missing required field: name"))
    const mode = filled(body.spawn_mode, body.spawnMode)
    if (mode !== undefined && mode !== "interactive" && !spawnModes.has(mode)) {
      const reason = `unsupported spawnMode '${mode}' (expected 'interactive' or 'task_exit')`
      return yield* Either.left(legacy(400, reason))
    }
    if ((body.harness_id ?? body.harnessId) !== undefined) {
      return yield* Either.left(legacy(400, "harnessId is not supported by the broker API; send harnessConfig"))
    }
    const config = body.harness_config ?? body.harnessConfig ?? body.harness_plan ?? body.harnessPlan
    const {
      appServer,
      pty: harness,
      runtime
    } = yield* readPlacement(config, filled(body.transport, body.runtime), name)
    const cli = harness === undefined ? (filled(body.cli) ?? appServer?.protocol ?? "claude") : quoted(harness.command)
    if (runtime === "headless" && appServer === undefined) yield* refuseHeadless(cli, name)
    const restartPolicy = yield* readRestartPolicy(body.restart_policy ?? body.restartPolicy, name)
    const channels = channelNames(body.channels)
    const token = filled(body.agent_token, body.agentToken)
    const spec: AgentSpec = {
      name: AgentName.make(name),
      cli,
      args: harness?.args ?? strings(body.args),
      channels: channels.length > 0 ? channels : defaults.channels,
      cwd: filled(body.cwd, harness?.cwd) ?? defaults.cwd,
      parent: "Dashboard",
      ...presence({
        task: filled(body.task) === undefined ? undefined : body.task,
        exitAfterTask: exitAfterTask(body) || undefined,
        model: filled(body.model),
        team: filled(body.team),
        sessionRef: filled(body.session_id, body.sessionId, harness?.sessionId),
        env: harness?.env,
        restartPolicy,
        idleThresholdSecs: idleThreshold(body),
        resultSchema: body.agent_result_schema ?? body.agentResultSchema ?? body.resultSchema,
        runtime: runtime === "headless" ? runtime : undefined,
        appServer,
        skipRelayPrompt: body.skip_relay_prompt ?? body.skipRelayPrompt,
        cols: body.cols,
        rows: body.rows
      })
    }
    return {
      spec,
      suppliedToken: token === undefined ? undefined : Redacted.make(token)
    }
  })
