/**
 * The text of an initial task (S 2.4): the task, what to do after it, and how to reach the relay for those who would not
 * find out by themselves. Plain functions.
 */
import type { AgentSpec } from "../domain/AgentSpec.ts"

type Asked = Pick<AgentSpec, "cli" | "exitAfterTask" | "model" | "runtime" | "skipRelayPrompt" | "task">

const exitText =
  "When the task is done, and everyone who waits for a result has it, call the tool remove_agent of the server agent-relay with your own name."

const howTo = [
  "You work with other agents over Agent Relay, through the MCP tools of the server agent-relay:",
  '- answer one agent: mcp__agent-relay__send_dm with to: "<name>" and text',
  '- answer a channel: mcp__agent-relay__post_message with channel: "<name without #>" and text',
  "- read what came meanwhile: mcp__agent-relay__check_inbox",
  "What others send you begins with `Relay message from <name>`; what you only print here reaches nobody."
].join("\n")

const geminiHint =
  "The relay's tools are in the MCP server agent-relay: call them by their own names (send_dm, post_message, check_inbox), not through the shell."

/** Models that need to be told. */
const isSmall = (model: string): boolean => /haiku|-mini|-flash|small/i.test(model)

const programName = (cli: string): string => {
  const [word = ""] = cli.trim().split(/\s+/)
  return word.slice(word.lastIndexOf("/") + 1)
}

const filled = (text: string | undefined): string | undefined =>
  text === undefined || text.trim() === "" ? undefined : text

const join = (...parts: ReadonlyArray<string | undefined>): string | undefined => {
  const present = parts.filter((part) => part !== undefined)
  return present.length === 0 ? undefined : present.join("\n\n")
}

/** A program without a terminal ends by itself. */
export const withExit = ({ exitAfterTask = false, runtime, task }: Asked): string | undefined =>
  join(filled(task), exitAfterTask && runtime !== "headless" ? exitText : undefined)

/** Before everything else; nothing for an agent without a task. */
export const withHowTo = (task: string | undefined, { cli, model = "", skipRelayPrompt = false }: Asked) =>
  task === undefined || skipRelayPrompt
    ? task
    : join(isSmall(model) ? howTo : undefined, programName(cli) === "gemini" ? geminiHint : undefined, task)

/** `continued` puts before the task what a former session left. Undefined: there is nothing to say. */
export const assembleTask = (
  asked: Asked,
  continued: (task: string | undefined) => string | undefined = (task) => task
): string | undefined => withHowTo(continued(withExit(asked)), asked)
