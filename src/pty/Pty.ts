/** One pseudo-terminal and the program in it, as a scoped resource. A port: `NodePty` is the real one, `testing/FakePty` the fake. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Mailbox from "effect/Mailbox"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { PtyBacklogFull, PtyClosed } from "../domain/Errors.ts"
import type { LineMode } from "./lineMode.ts"

/** The program could not be started at all. A missing program or directory is found before the fork and named here. */
export class PtySpawnError extends Schema.TaggedError<PtySpawnError>()("PtySpawnError", {
  command: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `cannot start ${this.command}: ${this.reason}`
  }
}

export interface PtyOptions {
  /** Program: a path, or a name looked up in `PATH` of `env`. */
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** Absolute, existing directory. */
  readonly cwd: string
  /** The whole environment of the program; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
  readonly cols: number
  readonly rows: number
}

/** The program's own status: `signal` is 0 when it ended by itself, else the signal number. */
export interface PtyExit {
  readonly exitCode: number
  readonly signal: number
}

export interface PtyProcess {
  readonly pid: number
  /** Terminal output in order, UTF-8 safe across chunks. Ends after the last byte, which is before `exit` completes. */
  readonly output: Mailbox.ReadonlyMailbox<string>
  readonly exit: Effect.Effect<PtyExit>
  /**
   * Completes when the kernel took every byte; writes are serialised, each whole. A program that does not read holds
   * only its own writer. Interruption abandons the rest of the text.
   */
  readonly write: (data: string) => Effect.Effect<void, PtyClosed | PtyBacklogFull>
  /** How the kernel treats what is typed; undefined: it cannot be told. Costs a process. */
  readonly lineMode: Effect.Effect<LineMode | undefined>
  /** A program in its foreground is blocked reading its terminal. */
  readonly isReading: Effect.Effect<boolean>
  readonly resize: (cols: number, rows: number) => Effect.Effect<void, PtyClosed>
  /** Signals the whole process group; a no-op once the program has exited. */
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
}

export class Pty extends Context.Tag("relay-broker/pty/Pty")<
  Pty,
  {
    /** The path that `spawn` would run: a missing program or directory is named before anything else is done. */
    readonly locate: (o: Pick<PtyOptions, "command" | "cwd" | "env">) => Effect.Effect<string, PtySpawnError>
    /** Closing the scope ends the process group (SIGTERM, SIGHUP, after 2 s SIGKILL) and releases every descriptor. */
    readonly spawn: (options: PtyOptions) => Effect.Effect<PtyProcess, PtySpawnError, Scope.Scope>
  }
>() {}
