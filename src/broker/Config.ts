/** Flags and environment → what this broker is: pure, so that every precedence rule is a table in a test. */
import { basename, join, resolve } from "node:path"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { ConfigInvalid } from "../domain/Errors.ts"
import { version } from "../domain/Version.ts"
import { dataDirectory } from "../identity/dataDirectory.ts"
import { type Collector, collectorOf } from "../telemetry/Collector.ts"
import { logDirectory } from "../telemetry/DailyFile.ts"
import { logPlace } from "../telemetry/LogRecord.ts"

/**
 * What `--capability` may name: a program that this broker spawns itself, as `codex` or `spawn:codex`. Everything else needs
 * a sidecar's handler, and bare `spawn` and `release` would be captured for the whole workspace.
 */
export const spawnCapability = (given: string): string | undefined => {
  const harness = given.trim().replace(/^spawn:/, "")
  return harness === "" || /\s/.test(harness) || ["spawn", "release"].includes(given.trim())
    ? undefined
    : `spawn:${harness}`
}

export type Environment = Readonly<Record<string, string | undefined>>

interface Host {
  readonly cwd: string
  readonly hostname: string
  readonly platform: NodeJS.Platform
  readonly home: string
  readonly temporary: string
  readonly pid: number
  /** 32 random hex digits, fresh at each call. */
  readonly randomHex: () => string
}

export interface BrokerConfig {
  readonly instanceName: string
  /** Node name as asked for; undefined: `<host>-<instance>`. */
  readonly nodeName: string | undefined
  readonly hostname: string
  readonly cwd: string
  readonly persist: boolean
  /** No state directory was given and none is kept: it is made for this run and removed with it. */
  readonly ephemeral: boolean
  readonly stateDir: string
  readonly dataDir: string
  readonly workspaceKeyFlag: Redacted.Redacted<string> | undefined
  /** Joined by the broker itself, without `#`. */
  readonly channels: ReadonlyArray<string>
  /** Of agents that are spawned without any. */
  readonly agentChannels: ReadonlyArray<string>
  readonly api: {
    readonly port: number
    readonly bind: string
    readonly key: Redacted.Redacted<string>
    /** `RELAY_BROKER_ALLOWED_HOSTS`: names under which browsers may ask for it, besides those of this machine. */
    readonly allowedHosts: ReadonlyArray<string>
  }
  readonly engine: { readonly baseUrl: string; readonly configured: boolean }
  readonly pinnedToken: Redacted.Redacted<string> | undefined
  readonly alertWebhook: Redacted.Redacted<string> | undefined
  /** The log file of the day, unless the environment wants none. */
  readonly logFile: { readonly directory: string; readonly id: string } | undefined
  /** Where traces go; undefined: nowhere. */
  readonly collector: Redacted.Redacted<Collector> | undefined
  /** Further CLI families; one that was asked for by name must be there. */
  readonly harnessFile: { readonly path: string; readonly mustExist: boolean }
  readonly startupDebug: boolean
  readonly respawn: boolean
  /** `spawn:<cli>`, each once. */
  readonly capabilities: ReadonlyArray<string>
}

const defaultEngineUrl = "https://cast.agentrelay.com"

const given = (value: string | undefined): string | undefined => {
  const text = value?.trim()
  return text === undefined || text === "" ? undefined : text
}

const csv = (value: string | undefined): ReadonlyArray<string> | undefined => {
  const names = given(value)
    ?.split(",")
    .map((name) => name.trim().replace(/^#/, ""))
    .filter((name) => name !== "")
  return names === undefined || names.length === 0 ? undefined : names
}

/** Anything but letters, digits and `-` becomes `-`. */
export const safeName = (name: string): string => name.replace(/[^a-zA-Z0-9-]/g, "-")

const engineUrl = (env: Environment): Either.Either<BrokerConfig["engine"], ConfigInvalid> => {
  const source = given(env["RELAYCAST_BASE_URL"]) === undefined ? "RELAY_BASE_URL" : "RELAYCAST_BASE_URL"
  const value = given(env[source])
  if (value === undefined) return Either.right({ baseUrl: defaultEngineUrl, configured: false })
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? Either.right({ baseUrl: value.replace(/\/+$/, ""), configured: true })
    : Either.left(new ConfigInvalid({ source, reason: `"${value}" is not an http(s) address` }))
}

/** Where it points is not repeated: such an address is often a secret. */
const webhookUrl = (env: Environment): Either.Either<BrokerConfig["alertWebhook"], ConfigInvalid> => {
  const value = given(env["RELAY_ALERT_WEBHOOK"])
  if (value === undefined) return Either.right(undefined)
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
    ? Either.right(Redacted.make(value))
    : Either.left(new ConfigInvalid({ source: "RELAY_ALERT_WEBHOOK", reason: "not an http(s) address" }))
}

const fileWanted: ReadonlySet<ReturnType<typeof logPlace>> = new Set(["both", "file"])

const truthy = (value: string | undefined) => !["", "0", "false"].includes(value?.trim().toLowerCase() ?? "")

const stateDirectory = (
  options: InitOptions,
  instanceName: string,
  host: Host
): { readonly path: string; readonly ephemeral: boolean } => {
  if (options.stateDir !== undefined) return { path: resolve(host.cwd, options.stateDir), ephemeral: false }
  if (options.persist) return { path: join(host.cwd, ".agentworkforce", "relay"), ephemeral: false }
  const name = `agent-relay-ephemeral-${host.pid}-${safeName(instanceName)}-${host.randomHex()}`
  return { path: join(host.temporary, name), ephemeral: true }
}

const harnessFile = (
  options: InitOptions,
  env: Environment,
  { cwd, stateDir }: { readonly cwd: string; readonly stateDir: string }
): BrokerConfig["harnessFile"] => {
  const named = given(options.harnessConfig) ?? given(env["RELAY_HARNESS_CONFIG"])
  return named === undefined
    ? { path: join(stateDir, "harnesses.json"), mustExist: false }
    : { path: resolve(cwd, named), mustExist: true }
}

export const resolveConfig = (
  options: InitOptions,
  env: Environment,
  host: Host
): Either.Either<BrokerConfig, ConfigInvalid> => {
  if (env["AGENT_RELAY_DISABLE_RELAYCAST"] !== undefined) {
    return Either.left(
      new ConfigInvalid({
        source: "AGENT_RELAY_DISABLE_RELAYCAST",
        reason: "a broker without an engine is not supported; unset it"
      })
    )
  }
  const unserved = options.capabilities.find((name) => spawnCapability(name) === undefined)
  if (unserved !== undefined) {
    const reason = `"${unserved}" is not spawn:<cli>: anything else needs a sidecar`
    return Either.left(new ConfigInvalid({ source: "--capability", reason }))
  }
  const instanceName =
    given(options.instanceName) ??
    given(options.name) ??
    given(env["AGENT_RELAY_BROKER_NAME"]) ??
    given(basename(host.cwd)) ??
    "project"
  const { ephemeral, path } = stateDirectory(options, instanceName, host)
  const pinned = given(env["RELAY_NODE_TOKEN"])
  return Either.map(Either.all([engineUrl(env), webhookUrl(env)]), ([engine, alertWebhook]) => ({
    instanceName,
    nodeName: given(options.name) ?? given(env["RELAY_NODE_NAME"]),
    hostname: host.hostname,
    cwd: host.cwd,
    persist: options.persist,
    ephemeral,
    stateDir: path,
    dataDir: dataDirectory({ env, platform: host.platform, home: host.home }),
    workspaceKeyFlag: options.workspaceKey,
    channels: [...new Set(["general", "engineering", ...(options.channels ?? [])])],
    agentChannels: csv(env["RELAY_DEFAULT_CHANNELS"]) ?? ["general", "engineering"],
    api: {
      port: options.apiPort ?? 0,
      bind: given(options.apiBind) ?? "127.0.0.1",
      key: Redacted.make(given(env["RELAY_BROKER_API_KEY"]) ?? `br_${host.randomHex()}`),
      allowedHosts: (csv(env["RELAY_BROKER_ALLOWED_HOSTS"]) ?? []).map((name) => name.toLowerCase())
    },
    engine,
    pinnedToken: pinned === undefined ? undefined : Redacted.make(pinned),
    alertWebhook,
    logFile: fileWanted.has(logPlace(env))
      ? { directory: logDirectory({ env, platform: host.platform, home: host.home }), id: safeName(instanceName) }
      : undefined,
    collector: collectorOf(env, { version, instance: instanceName, host: host.hostname }),
    harnessFile: harnessFile(options, env, { cwd: host.cwd, stateDir: path }),
    startupDebug: truthy(env["AGENT_RELAY_STARTUP_DEBUG"]),
    capabilities: [...new Set(options.capabilities.flatMap((name) => spawnCapability(name) ?? []))],
    respawn: !ephemeral && (options.respawn || truthy(env["RELAY_RESPAWN"]))
  }))
}

// What `relay-broker init` was asked for on its command line, as plain data. `undefined`: not given, or blank; the daemon
// then looks at the environment and its own defaults.

export interface InitOptions {
  /** Identity of this broker in the workspace, and suffix of its files. */
  readonly instanceName: string | undefined
  /** Legacy name; the only flag that also names the engine *node*. */
  readonly name: string | undefined
  readonly workspaceKey: Redacted.Redacted<string> | undefined
  /** Without a leading `#`. */
  readonly channels: ReadonlyArray<string> | undefined
  /** 0: a free port chosen by the system. */
  readonly apiPort: number | undefined
  readonly apiBind: string | undefined
  /** False when the flag was not given: it has no other source. */
  readonly persist: boolean
  readonly stateDir: string | undefined
  /** A file of further CLI families. */
  readonly harnessConfig?: string | undefined
  /** Bring back the agents of the former run; only with a state directory that is kept. */
  readonly respawn: boolean
  /** `spawn:<cli>` or `<cli>`: programs that the engine may place here without a sidecar. */
  readonly capabilities: ReadonlyArray<string>
}
