/**
 * Which session a launch of Claude Code has. The caller chooses its id; an id can be taken only once: whoever comes back must `--resume`
 * it, and can only when something was said in it.
 */
import { join } from "node:path"
import type { Session } from "../argv.ts"
import { valueOf, without } from "../argvWords.ts"
import type { LaunchContext } from "../Launch.ts"

const namesSession = ["--session-id", "--resume", "-r"]
const goesOn = ["--continue", "-c"]

type Asking = Pick<LaunchContext, "findings" | "freshId" | "line" | "resumed" | "spec">

export interface ChosenSession {
  /** Arguments of the user's that stay. */
  readonly given: ReadonlyArray<string>
  readonly session: Session
}

export const sessionOf = ({ findings, freshId, line, resumed, spec }: Asking): ChosenSession => {
  const { args } = line
  const known = spec.sessionRef
  if (resumed && known !== undefined) {
    const given = without(args, [...namesSession, ...goesOn])
    const resumable = findings.resumable ?? false
    return {
      given,
      session: { args: [resumable ? "--resume" : "--session-id", known], id: known, resumed: resumable }
    }
  }
  if (known !== undefined) return { given: args, session: { args: [], id: known, resumed: false } }
  const named = valueOf(args, namesSession)
  if (named !== undefined || args.some((argument) => goesOn.includes(argument))) {
    return { given: args, session: { args: [], id: named ?? undefined, resumed: false } }
  }
  return { given: args, session: { args: ["--session-id", freshId], id: freshId, resumed: false } }
}

type Environment = LaunchContext["environment"]

const configuration = (environment: Environment): string =>
  environment["CLAUDE_CONFIG_DIR"] ?? join(environment["HOME"] ?? "/", ".claude")

/** Transcripts are `<directory of the project>/<session id>.jsonl` below it. */
export const projectsOf = (environment: Environment): string => join(configuration(environment), "projects")

/** One file `<pid>.json` for each program that runs. */
export const sessionsOf = (environment: Environment): string => join(configuration(environment), "sessions")

/** The directory of a project, as Claude names it; longer ones it cuts off in a way of its own. */
export const projectName = (cwd: string): string => cwd.replace(/[^a-zA-Z0-9]/g, "-")
