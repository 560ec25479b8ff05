/** The process around a command: its environment and its directory. A service, so that a test can be one. */
import * as Context from "effect/Context"

export class Surroundings extends Context.Tag("relay-broker/cli/Surroundings")<
  Surroundings,
  {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly cwd: string
    /** Width of the terminal that stdout is, now; undefined when it is none. */
    readonly columns?: number | undefined
    /** Standard output as it is; what is printed for people goes through the Console. */
    readonly write: (text: string) => void
  }
>() {}
