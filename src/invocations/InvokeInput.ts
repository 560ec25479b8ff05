/** What an `action.invoke` asks for, wherever its fields are. */

import { isRecord } from "../domain/Json.ts"
import type { ActionInvoke } from "../wire/Inbound.ts"

export type Invocation =
  | {
      readonly _tag: "Spawn"
      readonly name: string | undefined
      readonly cli: string | undefined
      readonly task: string | undefined
      readonly channels: ReadonlyArray<string>
      readonly model: string | undefined
      readonly cwd: string | undefined
      readonly args: ReadonlyArray<string>
    }
  | { readonly _tag: "Release"; readonly name: string | undefined; readonly reason: string | undefined }
  | { readonly _tag: "Other"; readonly action: string }

type Fields = { readonly [key: string]: unknown }

const firstString = (sources: ReadonlyArray<Fields>, keys: ReadonlyArray<string>): string | undefined => {
  for (const source of sources) {
    for (const key of keys) {
      const value = source[key]
      if (typeof value === "string" && value.trim() !== "") return value.trim()
    }
  }
  return undefined
}

const strings = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string" && item !== "") : []

/** The harness of `spawn:<harness>`; undefined for the bare `spawn`, which is also how the engine retries. */
const harnessOf = (action: string): string | undefined => /^spawn:(.+)$/.exec(action)?.[1]

const nameOf = (frame: ActionInvoke, sources: ReadonlyArray<Fields>): string | undefined =>
  frame.agent_name ?? firstString(sources, ["name", "agent_name", "agent"]) ?? frame.agent_id

export const readInvocation = (frame: ActionInvoke): Invocation => {
  const input: Fields = isRecord(frame.input) ? frame.input : {}
  const sources: ReadonlyArray<Fields> = isRecord(input["agent"]) ? [input, input["agent"]] : [input]
  if (frame.action === "release") {
    return { _tag: "Release", name: nameOf(frame, sources), reason: firstString(sources, ["reason"]) }
  }
  const harness = harnessOf(frame.action)
  if (frame.action !== "spawn" && harness === undefined) return { _tag: "Other", action: frame.action }
  const channel = firstString(sources, ["channel"])
  const capability = firstString(sources, ["capability"])
  return {
    _tag: "Spawn",
    name: nameOf(frame, sources),
    cli: firstString(sources, ["cli", "command", "provider"]) ?? harness ?? (capability && harnessOf(capability)),
    task: firstString(sources, ["task", "initial_task", "prompt"]),
    channels: [...strings(input["channels"]), ...(channel === undefined ? [] : [channel])].map((name) =>
      name.replace(/^#/, "")
    ),
    model: firstString(sources, ["model"]),
    cwd: firstString(sources, ["cwd"]),
    args: strings(input["args"])
  }
}
