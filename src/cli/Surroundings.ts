/** The process around a command: its environment, its directory, its terminal. A service, so that a test can be one. */
import * as Context from "effect/Context"

export class Surroundings extends Context.Tag("relay-broker/cli/Surroundings")<
  Surroundings,
  {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly cwd: string
    /** Colours are wanted: stdout is a terminal and `NO_COLOR` is not set. */
    readonly color: boolean
  }
>() {}
