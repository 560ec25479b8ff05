/** The text an agent gets for one message (S 4.4): a reminder how to answer, and the relay line. Pure. */
import { isChannel, type RelayMessage } from "../domain/Message.ts"
import { type Reminder, reminderText } from "./reminder.ts"
import { sanitiseBody, sanitiseInline } from "./sanitise.ts"

export interface InjectionTextOptions {
  readonly reminder: Reminder
  /** The agent's own name, and whether the engine already knows it. */
  readonly agent: string
  readonly preRegistered: boolean
  /** The message may have been typed into this very session before (design 5.8). */
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
