/** Questions that a launch asks of the machine before its plan is made. A port: `liveAsk` is the real one, tests bring answers. */
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { CommandLine } from "./Launch.ts"

/** A program that is spoken to line by line; ended with the scope. */
export interface Conversation {
  readonly say: (line: string) => Effect.Effect<void>
  /** None at the end of its output. */
  readonly hear: Effect.Effect<Option.Option<string>>
}

export interface Ask {
  /** What a command prints; none when it cannot be run, fails, or takes longer. */
  readonly output: (line: CommandLine, timeoutMillis: number) => Effect.Effect<Option.Option<string>>
  readonly converse: (line: CommandLine) => Effect.Effect<Conversation, never, Scope.Scope>
  /** Some file below `directory` has this name, at most one directory down. */
  readonly fileBelow: (directory: string, name: string) => Effect.Effect<boolean>
}
