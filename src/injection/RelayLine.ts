/**
 * The text an agent gets: for each message a reminder how to answer, and the relay line. Pure but for `makeComposer`, which
 * remembers when it said what.
 */
import type { AgentSpec } from "../domain/AgentSpec.ts"
import { isChannel, type RelayMessage } from "../domain/Message.ts"
import type { InjectionItem } from "./Worker.ts"

export interface InjectionTextOptions {
  readonly reminder: Reminder
  /** The agent's own name, and whether the engine already knows it. */
  readonly agent: string
  readonly preRegistered: boolean
  /** The message may have been typed into this very session before. */
  readonly possibleRepeat?: boolean
}

/** What is typed for one message, Enter excluded. Only one of its lines starts with `Relay message from`. */
export const injectionText = (message: RelayMessage, options: InjectionTextOptions): string => {
  const line = relayLine(message, options.possibleRepeat ?? false)
  const reminder = reminderText({
    kind: options.reminder,
    agent: options.agent,
    preRegistered: options.preRegistered,
    replyTo: sanitiseInline(message.from),
    channel: channelHint(message),
    workspace: message.workspace === undefined ? undefined : sanitiseInline(message.workspace)
  })
  return reminder === undefined ? line : `${reminder}\n${line}`
}

export const relayLine = (message: RelayMessage, possibleRepeat: boolean): string => {
  const where = isChannel(message.target) ? ` in ${sanitiseInline(message.target)}` : ""
  const id = sanitiseInline(message.id)
  const context = message.workspace === undefined ? id : `${sanitiseInline(message.workspace)} / ${id}`
  const mark = possibleRepeat ? ", possible repeat" : ""
  return `Relay message from ${displaySender(message.from)}${where} [${context}${mark}]: ${sanitiseBody(message.text)}`
}

/** What of the text is unique to this message, and shows that it came through. */
export const evidenceOf = (message: RelayMessage): string => sanitiseInline(message.id)

/** `human:` is not shown, a broker's own identity is the dashboard. The reply target keeps the name as it is. */
export const displaySender = (from: string): string => {
  const name = sanitiseInline(from.replace(/^human:/, ""))
  return /^broker-[a-z0-9]+$/i.test(name) ? "Dashboard" : name
}

/** Where a channel answer belongs: the message's own channel, else one it speaks of, else `general`. Without `#`. */
export const channelHint = (message: RelayMessage): string => {
  if (isChannel(message.target)) return sanitiseInline(message.target.slice(1))
  const named = /\[#([\w.-]{1,100})\]| in #([\w.-]{1,100})/.exec(message.text.slice(0, 10_000))
  return named?.[1] ?? named?.[2] ?? "general"
}

// ── the reminder ──

/** `none` for agents that are not told of the relay, and for initial tasks. */
export type Reminder = "full" | "short" | "none"

/** When the full text was typed last, and how much the terminal had shown by then. */
export interface ReminderState {
  readonly lastFull: { readonly atMillis: number; readonly outputBytes: number } | undefined
}

export const noReminderYet: ReminderState = { lastFull: undefined }

const fullAgainAfterMillis = 300_000
const fullAgainAfterBytes = 64 * 1024

/** Full the first time, and again only when so much time *and* output has passed that it is out of sight; short between. */
export const nextReminder = (
  state: ReminderState,
  now: { readonly atMillis: number; readonly outputBytes: number }
): { readonly reminder: "full" | "short"; readonly state: ReminderState } => {
  const { lastFull } = state
  const due =
    lastFull === undefined ||
    (now.atMillis - lastFull.atMillis >= fullAgainAfterMillis &&
      now.outputBytes - lastFull.outputBytes >= fullAgainAfterBytes)
  return due ? { reminder: "full", state: { lastFull: now } } : { reminder: "short", state }
}

export interface ReminderContent {
  readonly kind: Reminder
  readonly agent: string
  readonly preRegistered: boolean
  readonly replyTo: string
  /** Without `#`. */
  readonly channel: string
  readonly workspace: string | undefined
}

/** The names must already be one line each. Upstream tests look for parts of these sentences: they are read by published clients. */
export const reminderText = (content: ReminderContent): string | undefined => {
  const { agent, channel, kind, preRegistered, replyTo, workspace } = content
  if (kind === "none") return undefined
  if (kind === "short") {
    const register = preRegistered ? "" : ` Register first: mcp__agent-relay__register_agent (name: "${agent}").`
    return (
      `<system-reminder>Reply via Agent Relay MCP: mcp__agent-relay__send_dm (to: "${replyTo}") ` +
      `or mcp__agent-relay__post_message (channel: "${channel}").${register}</system-reminder>`
    )
  }
  return [
    "<system-reminder>",
    "This message came over Agent Relay. Answer with the Agent Relay MCP tools; what you print here reaches nobody.",
    preRegistered
      ? 'You are pre-registered by the broker: leave mcp__agent-relay__register_agent alone unless a call fails with "Not registered".'
      : `You are not pre-registered by the broker: first call mcp__agent-relay__register_agent with name: "${agent}" and type: "agent".`,
    `Direct answer: mcp__agent-relay__send_dm (or agent-relay.send_dm) with to: "${replyTo}".`,
    `Answer in the channel: mcp__agent-relay__post_message (or agent-relay.post_message) with channel: "${channel}".`,
    "Answer in a thread: reply_to_thread. Messages you may have missed: check_inbox.",
    "Self-termination is not automatic: only when you are asked to, call remove_agent.",
    ...(workspace === undefined ? [] : [`Workspace: ${workspace}.`]),
    "</system-reminder>"
  ].join("\n")
}

// ── what others wrote, made safe ──

/**
 * What others wrote, made safe to type into a terminal. The words stay; what would act on the terminal goes,
 * and what would pass for the broker's own lines is marked where it stands. Linear in the length of the text.
 *
 * The result holds: 1. no control character but newline and tab · 2. no line that begins as a relay line does, however it
 * is spaced, cased or padded with invisible characters · 3. no opening or closing `system-reminder` tag.
 */
/** A text of many lines. Blank ends are cut. */
export const sanitiseBody = (text: string): string =>
  markTags(
    text
      .replace(/\r\n?|\u2028|\u2029/g, "\n")
      .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, "")
      .trimEnd()
      .split("\n")
      .map((line) => (imitatesRelayLine(line) ? `> ${line}` : line))
      .join("\n")
  )

/** A name or id inside a line of ours: one line, nothing that could close our brackets or quotes, at most 200 characters. */
export const sanitiseInline = (text: string): string =>
  markTags(
    text
      .slice(0, 200)
      .replace(/[\u202a-\u202e\u2066-\u2069]+/g, "")
      .replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ")
      .replace(/\[/g, "(")
      .replace(/\]/g, ")")
      .replace(/"/g, "'")
      .trim()
  )

const blank = /[\p{Cf}\s\u115f\u1160\u2800\u3164\uffa0]/gu

/** The first characters as a reader sees them: compatibility forms folded, invisible characters gone, blanks collapsed. */
const imitatesRelayLine = (line: string) =>
  line.slice(0, 400).normalize("NFKC").replace(blank, "").toLowerCase().startsWith("relaymessagefrom")

const opening = /[<\ufe64\uff1c]/g
const closing = /[>\ufe65\uff1e]/
const ignorable = /[\p{Cf}\p{Mn}\p{Pd}\s_\u115f\u1160\u2800\u3164\uffa0]/u
const tagName = "systemreminder"

/** Angle brackets of such tags become ‹ and ›. Found first and replaced after, because tags may stand inside each other. */
const markTags = (text: string): string => {
  const marks = new Map<number, string>()
  for (const { index } of text.matchAll(opening)) {
    const nameEnd = endOfTagName(text, index + 1)
    if (nameEnd === undefined) continue
    marks.set(index, "‹")
    const rest = closing.exec(text.slice(nameEnd, nameEnd + 200))
    if (rest !== null) marks.set(nameEnd + rest.index, "›")
  }
  let marked = ""
  let done = 0
  for (const [index, mark] of [...marks].sort(([one], [other]) => one - other)) {
    marked += text.slice(done, index) + mark
    done = index + 1
  }
  return marked + text.slice(done)
}

/** Where the name ends when the text at `from` reads as `system-reminder` or `/system-reminder`, whatever hides in between. */
const endOfTagName = (text: string, from: number): number | undefined => {
  let matched = 0
  let slash = false
  for (let at = from; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at)!)
    at += character.length
    if (ignorable.test(character)) continue
    const folded = character.normalize("NFKC").toLowerCase()
    if (matched === 0 && !slash && folded === "/") {
      slash = true
      continue
    }
    if (folded !== tagName[matched]) return undefined
    if (++matched === tagName.length) return at
  }
  return undefined
}

// ── messages that go out together ──

export interface ComposerOptions {
  readonly spec: AgentSpec
  readonly preRegistered: boolean
  readonly style: "full" | "short"
  /** Bytes the terminal has shown so far. */
  readonly outputBytes: () => number
}

/** Messages that go out together stand below each other; the same way to answer is not explained twice in a row. */
export const makeComposer = (options: ComposerOptions) => {
  let state = noReminderYet
  const reminderFor = (item: InjectionItem, before: InjectionItem | undefined, atMillis: number): Reminder => {
    const { message, origin } = item.delivery
    if (options.spec.skipRelayPrompt === true || origin === "initial_task") return "none"
    const last = before?.delivery.message
    if (last !== undefined && last.from === message.from && last.target === message.target) return "none"
    if (options.style === "short") return "short"
    const next = nextReminder(state, { atMillis, outputBytes: options.outputBytes() })
    state = next.state
    return next.reminder
  }
  return (items: ReadonlyArray<InjectionItem>, nowMillis: number): string =>
    items
      .map((item, index) =>
        injectionText(item.delivery.message, {
          reminder: reminderFor(item, items[index - 1], nowMillis),
          agent: options.spec.name,
          preRegistered: options.preRegistered,
          possibleRepeat: item.possibleRepeat ?? false
        })
      )
      .join("\n")
}
