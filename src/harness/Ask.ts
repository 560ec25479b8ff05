/** Questions that a launch asks of the machine before its plan is made. A port: `liveAsk` is the real one, tests bring answers. */
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { CommandLine } from "./Launch.ts"

export interface Ask {
  /** What a command prints; none when it cannot be run, fails, or takes longer. */
  readonly output: (line: CommandLine, timeoutMillis: number) => Effect.Effect<Option.Option<string>>
  /** Some file below `directory` has this name, at most one directory down. */
  readonly fileBelow: (directory: string, name: string) => Effect.Effect<boolean>
  /** The names in a directory; none when it cannot be read. */
  readonly entries: (directory: string) => Effect.Effect<ReadonlyArray<string>>
}
