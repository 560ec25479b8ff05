/**
 * What a `deliver` payload is to us, and where its fields are. In each list the first non-empty string wins.
 */
import { AgentName, type MessageId } from "../domain/Ids.ts"
import { isRecord, printJson } from "../domain/Json.ts"
import { type InjectionMode, priorities, type RelayMessage } from "../domain/Message.ts"
import type { Deliver } from "./Inbound.ts"

const typedPayloads: ReadonlySet<string> = new Set([
  "",
  ...["created", "received", "new", "sent", "delivered"].map((verb) => `message.${verb}`),
  "thread.reply",
  "thread.message.created",
  "thread.message.sent",
  ...["dm", "direct_message", "group_dm"].flatMap((kind) =>
    ["received", "created", "new", "sent"].map((verb) => `${kind}.${verb}`)
  ),
  "dm.message.created",
  "group_dm.message.created",
  "action.completed",
  "action.failed",
  "action.denied"
])

const silentPayloads: ReadonlySet<string> = new Set([
  "message.reacted",
  "message.read",
  "reaction.added",
  "reaction.removed"
])

export type PayloadReading =
  /** To be typed to the agent. */
  | { readonly _tag: "Typed"; readonly message: RelayMessage }
  /** Known and not for the agent's eyes: confirmed at once. */
  | { readonly _tag: "Silent"; readonly payloadType: string }
  /** A later engine's: confirmed, not typed, reported once per type. */
  | { readonly _tag: "Unknown"; readonly payloadType: string }

type Fields = { readonly [key: string]: unknown }

const at = (value: unknown, path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value)

const firstString = (root: Fields, paths: ReadonlyArray<string>): string | undefined => {
  for (const path of paths) {
    const found = at(root, path.split("."))
    if (typeof found === "string" && found.trim() !== "") return found
  }
  return undefined
}

const render = (value: unknown): string | undefined =>
  value === undefined || value === null || value === ""
    ? undefined
    : typeof value === "string"
      ? value
      : printJson(value)

const readText = (payload: Fields, data: unknown): string =>
  firstString(payload, ["data.text", "text", "body", "content", "message.text", "payload.text"]) ??
  render(at(data, ["output"])) ??
  render(at(data, ["error"])) ??
  printJson(data ?? null)

const readTarget = (payload: Fields, recipient: string): string => {
  const flat = firstString(payload, ["target", "to", "recipient", "message.target"])
  if (flat !== undefined) return flat
  const channel = firstString(payload, ["data.channel_name", "channel", "message.channel"])
  return channel === undefined ? recipient : channel.startsWith("#") ? channel : `#${channel}`
}

const readPriority = (payload: Fields): number | undefined => {
  for (const path of [["data", "priority"], ["priority"], ["data", "metadata", "priority"], ["metadata", "priority"]]) {
    const found = at(payload, path)
    if (typeof found === "number" && Number.isFinite(found)) return found
    if (typeof found === "string" && priorities[found.toLowerCase()] !== undefined)
      return priorities[found.toLowerCase()]
  }
  return undefined
}

const actionVerbs: { readonly [type: string]: string } = {
  "action.completed": "completed",
  "action.failed": "failed",
  "action.denied": "denied"
}

/** `<action> completed: <output>`, the text of an action result. */
const actionText = (verb: string, data: unknown): string => {
  const action = firstString({ data }, ["data.action_name", "data.action", "data.name"]) ?? "action"
  const result =
    render(at(data, verb === "completed" ? ["output"] : ["error"])) ??
    render(at(data, ["output"])) ??
    render(at(data, ["error"]))
  return `${action} ${verb}${result === undefined ? "" : `: ${result}`}`
}

const modeOf = (mode: string | undefined): InjectionMode => (mode === "steer" ? "steer" : "wait")

const withDefined = (
  base: RelayMessage,
  extra: { threadId: string | undefined; priority: number | undefined; workspace: string | undefined }
): RelayMessage => ({
  ...base,
  ...(extra.threadId === undefined ? {} : { threadId: extra.threadId }),
  ...(extra.priority === undefined ? {} : { priority: extra.priority }),
  ...(extra.workspace === undefined ? {} : { workspace: extra.workspace })
})

/** Reads any payload; never throws. `workspace` is what the relay line shows as the context. */
export const readPayload = (frame: Deliver, workspace: string | undefined): PayloadReading => {
  const payload: Fields = isRecord(frame.payload) ? frame.payload : { data: frame.payload }
  const payloadType = typeof payload["type"] === "string" ? payload["type"] : ""
  if (silentPayloads.has(payloadType)) return { _tag: "Silent", payloadType }
  if (!typedPayloads.has(payloadType)) return { _tag: "Unknown", payloadType: payloadType.slice(0, 80) }
  const data = payload["data"]
  const mode = modeOf(frame.mode)
  const id: MessageId = frame.msg_id
  const verb = actionVerbs[payloadType]
  if (verb !== undefined) {
    const base = { id, from: "relaycast", target: AgentName.make(frame.agent), text: actionText(verb, data), mode }
    return { _tag: "Typed", message: withDefined(base, { threadId: undefined, priority: undefined, workspace }) }
  }
  const from =
    firstString(payload, [
      "data.agent_name",
      "data.from_name",
      "from",
      "sender",
      "author",
      "message.agent_name",
      "message.from",
      "payload.from"
    ]) ?? "relaycast"
  const base = { id, from, target: readTarget(payload, frame.agent), text: readText(payload, data), mode }
  return {
    _tag: "Typed",
    message: withDefined(base, {
      threadId: firstString(payload, ["data.thread_id", "thread_id", "threadId", "data.parent_id"]),
      priority: readPriority(payload),
      workspace
    })
  }
}
