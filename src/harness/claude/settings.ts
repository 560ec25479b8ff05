/**
 * Settings of ours for one agent (`--settings`): HTTP hooks to the broker, added to whatever else the user has. The option counts once
 * only, so that a `--settings` of the user's own, file or JSON, is merged into ours; what it says stands.
 */
import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { isRecord } from "../../domain/Json.ts"
import { valueOf, without } from "../argvWords.ts"
import type { HookPath } from "../Hooks.ts"

export const settingsOption = ["--settings"]

/** The variable of the program's environment that holds the token; the file names it only. */
export const tokenVariable = "RELAY_AGENT_HOOK_TOKEN"

const events = ["UserPromptSubmit", "PermissionRequest", "Stop", "StopFailure"] as const
/** A broker that does not answer holds a turn up for so long at most. */
const timeoutSeconds = 2

type Settings = { readonly [key: string]: unknown }

export const hookSettings = ({ url }: Pick<HookPath, "url">): { readonly hooks: Settings } => {
  const hook = {
    type: "http",
    url,
    headers: { Authorization: `Bearer $${tokenVariable}` },
    allowedEnvVars: [tokenVariable],
    timeout: timeoutSeconds
  }
  return { hooks: Object.fromEntries(events.map((event) => [event, [{ hooks: [hook] }]])) }
}

/** The user's settings with our hooks beside theirs. Left: they are of no shape that hooks could be added to. */
export const mergeSettings = (
  user: unknown,
  ours: ReturnType<typeof hookSettings>
): Either.Either<Settings, string> => {
  if (!isRecord(user)) return Either.left("they are no object")
  const { hooks = {} } = user
  if (!isRecord(hooks)) return Either.left("their hooks are no object")
  const merged: Record<string, unknown> = { ...hooks }
  for (const [event, added] of Object.entries(ours.hooks)) {
    const there = merged[event] ?? []
    if (!Array.isArray(there) || !Array.isArray(added)) return Either.left(`their hooks for ${event} are no list`)
    merged[event] = [...there, ...added]
  }
  return Either.right({ ...user, hooks: merged })
}

/** What the user's own `--settings` says: undefined without one. */
export const userSettings = (
  args: ReadonlyArray<string>,
  cwd: string
): Effect.Effect<Either.Either<unknown, string> | undefined> => {
  const given = valueOf(args, settingsOption)
  if (given === undefined) return Effect.succeed(undefined)
  if (given === null) return Effect.succeed(Either.left("--settings has no value"))
  const text = given.trimStart().startsWith("{")
    ? Effect.succeed(given)
    : Effect.tryPromise({ try: () => readFile(resolve(cwd, given), "utf8"), catch: (cause) => String(cause) })
  return text.pipe(
    Effect.flatMap((json) => Effect.try({ try: (): unknown => JSON.parse(json), catch: (cause) => String(cause) })),
    Effect.either
  )
}

/** The user's arguments without the option that ours stands for now. */
export const withoutSettings = (args: ReadonlyArray<string>): ReadonlyArray<string> => without(args, settingsOption)
