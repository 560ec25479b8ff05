/** The reminder above a relay line: what it says, and when it says all of it (S 4.4). Pure. */

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

/** The names must already be one line each. Upstream tests look for parts of these sentences: change them with S 4.4 at hand. */
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
    "Self-termination is not automatic: only when you are asked to, call remove_agent or write /exit on a line of its own.",
    ...(workspace === undefined ? [] : [`Workspace: ${workspace}.`]),
    "</system-reminder>"
  ].join("\n")
}
