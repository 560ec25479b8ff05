/**
 * What `relay-broker init` was asked for on its command line, as plain data. `undefined`: not given, or blank; the daemon
 * then looks at the environment and its own defaults.
 */
import type * as Redacted from "effect/Redacted"

export interface InitOptions {
  /** Identity of this broker in the workspace, and suffix of its files. */
  readonly instanceName: string | undefined
  /** Legacy name; the only flag that also names the engine *node*. */
  readonly name: string | undefined
  readonly workspaceKey: Redacted.Redacted<string> | undefined
  /** Without a leading `#`. */
  readonly channels: ReadonlyArray<string> | undefined
  /** 0: a free port chosen by the system. */
  readonly apiPort: number | undefined
  readonly apiBind: string | undefined
  /** False when the flag was not given: it has no other source. */
  readonly persist: boolean
  readonly stateDir: string | undefined
  /** A file of further CLI families. */
  readonly harnessConfig?: string | undefined
  /** Bring back the agents of the former run; only with a state directory that is kept. */
  readonly respawn: boolean
  /** `spawn:<cli>` or `<cli>`: programs that the engine may place here without a sidecar. */
  readonly capabilities: ReadonlyArray<string>
}
