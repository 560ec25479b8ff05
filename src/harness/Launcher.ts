/**
 * Performs launch plans: asks what has to be asked, writes the files, makes the settings, and takes all of it back when the
 * agent's scope ends; after a crash, at the next start.
 *
 * Invariants: 1. a secret is only ever in a file of 0600 below a directory of 0700, and in the agent's environment · 2. a
 * failed launch leaves nothing · 3. an agent whose settings cannot be made is not started.
 */
import { randomUUID } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { LaunchFailed } from "../domain/Errors.ts"
import type { ChannelName } from "../domain/Receipt.ts"
import type { ChannelUnavailable, OpenedChannel } from "./Channel.ts"
import type { CommandPlace } from "./commands.ts"
import type { Harness } from "./Harness.ts"
import type { HookPath, Hooks } from "./Hooks.ts"
import * as NoHooks from "./Hooks.ts"
import type { CommandLine, LaunchContext, LaunchPlan, PrivateFile } from "./Launch.ts"
import { liveAsk } from "./liveAsk.ts"
import { mcpServerOf } from "./McpServer.ts"
import * as SharedSettings from "./SharedSettings.ts"

export interface LaunchRequest {
  readonly harness: Harness
  readonly spec: AgentSpec
  /** `spec.cli` in words followed by `spec.args`. */
  readonly line: CommandLine
  /** Everything the program gets, but for what the family adds. */
  readonly environment: Readonly<Record<string, string>>
  readonly resumed: boolean
}

export interface Launch {
  readonly commandLine: CommandLine
  readonly environment: Readonly<Record<string, string>>
  /** With the session the program has, as far as it is known. */
  readonly spec: AgentSpec
  readonly resumed: boolean
  /** The family's own channel, or why there is none; undefined: the family has none. */
  readonly channel: LaunchedChannel | undefined
}

export interface LaunchedChannel {
  readonly name: ChannelName
  readonly opened: Either.Either<OpenedChannel, ChannelUnavailable>
}

/** What brings the relay's tools to a program, made. */
export interface Tools {
  readonly args: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string>>
  /** Files that were written, ours and the user's. */
  readonly files: ReadonlyArray<string>
}

export interface Launcher {
  readonly launch: (request: LaunchRequest) => Effect.Effect<Launch, LaunchFailed, Scope.Scope>
  /** Only the tools, for a program that somebody else starts; there until the scope ends. */
  readonly tools: (request: LaunchRequest) => Effect.Effect<Tools, LaunchFailed, Scope.Scope>
}

const launchOf = (
  { environment, spec }: LaunchRequest,
  plan: LaunchPlan,
  channel: LaunchedChannel | undefined
): Launch => ({
  channel,
  commandLine: { command: plan.command, args: plan.args },
  environment: { ...environment, ...plan.env },
  spec: plan.sessionId === undefined ? spec : { ...spec, sessionRef: plan.sessionId },
  resumed: plan.resumed
})

const contextOf = (request: LaunchRequest, o: Pick<LaunchContext, "directory" | "mcp">): LaunchContext => ({
  spec: request.spec,
  line: request.line,
  environment: request.environment,
  resumed: request.resumed,
  freshId: randomUUID(),
  findings: {},
  channel: undefined,
  ...o
})

/** Command lines only: nothing is written, run or asked, and agents get no MCP settings. */
export const commandLinesOnly: Launcher = {
  launch: (request) =>
    Effect.sync(() =>
      launchOf(request, request.harness.launch.plan(contextOf(request, { directory: "/", mcp: undefined })), undefined)
    ),
  tools: () => Effect.succeed({ args: [], env: {}, files: [] })
}

/** A directory name for any agent name. */
const directoryName = (name: string, id: string) => `${name.replace(/[^a-zA-Z0-9_-]/g, "-").slice(0, 60)}-${id}`

const attempt = <A>(step: string, run: () => A) =>
  Effect.try({ try: run, catch: (cause) => new LaunchFailed({ step, reason: (cause as Error).message }) })

const writePrivate = (directory: string, { basedOn, content, path }: PrivateFile) =>
  attempt(`write ${path}`, () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const base = basedOn !== undefined && existsSync(basedOn) ? readFileSync(basedOn, "utf8") : undefined
    writeFileSync(path, content(base), { flag: "wx", mode: 0o600 })
  })

type SideEffects = Pick<LaunchPlan, "files" | "entries" | "commands">

/**
 * Opened before the plan is made, which must say where it is. What cannot be opened is told, and does not end the launch. A run for
 * one message needs none: its end is the proof.
 */
export const openChannel = (
  { channel }: Harness,
  context: LaunchContext,
  register: Effect.Effect<HookPath | undefined, never, Scope.Scope>
): Effect.Effect<LaunchedChannel | undefined, never, Scope.Scope> =>
  channel === undefined || context.spec.runtime === "headless"
    ? Effect.succeed(undefined)
    : Effect.gen(function* () {
        const opened = yield* Effect.either(channel.open({ ...context, hooks: yield* register }))
        if (Either.isLeft(opened)) yield* Effect.logWarning(`${context.spec.name}: ${opened.left.message}`)
        return { name: channel.name, opened }
      })

interface Place {
  readonly directory: string
  /** The broker's own environment, as a child may have it. */
  readonly env: Readonly<Record<string, string>>
}

const below = ({ directory, env }: Place) => ({
  launches: join(directory, "launches"),
  records: { directory: join(directory, "undo"), env }
})

/** Takes back what a broker that is gone left in its directory, and the directory. */
export const recover = (place: Place): Effect.Effect<void, LaunchFailed> =>
  Effect.zipRight(
    SharedSettings.recover(below(place).records),
    attempt(`remove ${place.directory}`, () => rmSync(place.directory, { recursive: true, force: true }))
  )

/**
 * Over a directory that is this broker's alone: what a former run left there is taken back first.
 */
export const make = (o: Place & { readonly hooks?: Hooks["Type"] }): Effect.Effect<Launcher, LaunchFailed> =>
  Effect.gen(function* () {
    const { launches, records } = below(o)
    const { register } = o.hooks ?? NoHooks.none
    const shared = yield* SharedSettings.make(records)
    yield* attempt(`empty ${launches}`, () => rmSync(launches, { recursive: true, force: true }))

    const perform = (directory: string, place: CommandPlace, { commands, entries, files }: SideEffects) =>
      Effect.gen(function* () {
        yield* Effect.addFinalizer(() =>
          attempt(`remove ${directory}`, () => rmSync(directory, { recursive: true, force: true })).pipe(
            Effect.catchAll((error) => Effect.logWarning(error.message))
          )
        )
        yield* Effect.forEach(files, (file) => writePrivate(directory, file), { discard: true })
        yield* Effect.forEach(entries, shared.holdEntry, { discard: true })
        yield* Effect.forEach(commands, (command) => shared.holdCommand(command, place), { discard: true })
      })

    const directoryOf = ({ spec }: LaunchRequest) => join(launches, directoryName(spec.name, randomUUID().slice(0, 8)))
    const mcpOf = ({ environment, spec }: LaunchRequest) =>
      spec.skipRelayPrompt === true ? undefined : mcpServerOf(environment)
    const placeOf = ({ environment, spec }: LaunchRequest): CommandPlace => ({ cwd: spec.cwd, env: environment })

    const launch = (request: LaunchRequest) =>
      Effect.gen(function* () {
        const { inquire, plan: planOf } = request.harness.launch
        const directory = directoryOf(request)
        const context = contextOf(request, { directory, mcp: mcpOf(request) })
        const findings = yield* inquire?.(context, liveAsk(placeOf(request))) ?? Effect.succeed({})
        const found = { ...context, findings }
        const channel = yield* openChannel(request.harness, found, register)
        const said = channel !== undefined && Either.isRight(channel.opened) ? channel.opened.right.launch : undefined
        const plan = planOf({ ...found, channel: said })
        yield* perform(directory, placeOf(request), plan)
        return launchOf(request, plan, channel)
      })

    const tools = (request: LaunchRequest) =>
      Effect.gen(function* () {
        const directory = directoryOf(request)
        const context = contextOf(request, { directory, mcp: mcpOf(request) })
        const {
          args = [],
          commands = [],
          entries = [],
          env = {},
          files = []
        } = request.harness.launch.tools?.(context) ?? {}
        yield* perform(directory, placeOf(request), { files, entries, commands })
        return { args, env, files: [...files, ...entries].map(({ path }) => path) }
      })
    return { launch, tools }
  })
