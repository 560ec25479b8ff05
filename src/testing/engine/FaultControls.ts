/**
 * The faults a test can script. All take effect at once and stay until their count is used up, they are switched off, or
 * `heal` is called; none touches the engine's state except where it says so.
 */
import type * as Duration from "effect/Duration"
import type { Outbound } from "../../wire/Outbound.ts"

export type FrameType = Outbound["type"]

/** `"*"`, `"POST /v1/nodes"`, `"GET /v1/agents/:name"` (a `:word` fits any one segment), a pattern over `"METHOD /path"`, or a function. */
export type HttpMatcher = string | RegExp | ((request: { readonly method: string; readonly path: string }) => boolean)

/** What becomes of one frame: `deliver` is the default. */
export type Fate = "deliver" | "lose" | "duplicate" | { readonly delay: Duration.DurationInput }

export interface FaultControls {
  /** The next `n` upgrades of the node socket get this status instead of 101; 0 is no answer at all. `retryAfter` in seconds. */
  readonly refuseUpgrades: (
    n: number,
    status: number,
    o?: { readonly retryAfter?: number; readonly body?: string }
  ) => void
  /** The next `n` fitting HTTP requests are answered with this failure and not handled. `retryAfter` in seconds. */
  readonly refuseHttp: (
    matcher: HttpMatcher,
    n: number,
    status: number,
    code: string,
    o?: { readonly retryAfter?: number; readonly message?: string }
  ) => void
  /** The next `n` fitting HTTP requests are handled, and the connection breaks before the answer. */
  readonly loseHttpAnswers: (matcher: HttpMatcher, n: number) => void
  /** The next `n` fitting HTTP requests are neither handled nor ever answered. */
  readonly hangHttp: (matcher: HttpMatcher, n: number) => void
  /** Answers to fitting HTTP requests leave this much later; `n` defaults to all. */
  readonly delayHttp: (matcher: HttpMatcher, by: Duration.DurationInput, n?: number) => void
  /** Ends live sockets (of one node, or all): with a close frame when `code` is given, else abruptly (1006). */
  readonly dropSockets: (o?: { readonly node?: string; readonly code?: number; readonly reason?: string }) => void
  /** Nothing leaves on any socket any more and frames are recorded but not handled. With `pongs`, websocket pings are still answered. */
  readonly goSilent: (o?: { readonly pongs?: boolean }) => void
  /** Ends `goSilent`; what was not handled stays so. */
  readonly unsilence: () => void
  /** As if the engine's process had died: sockets drop (1006), upgrades and HTTP calls get no answer, queued invokes are lost; the rest of the state is kept. */
  readonly goDown: () => void
  /** Ends `goDown`. */
  readonly comeBack: () => void
  /** Replies and errors leave this much later, with what follows them (queued invokes, replay). 0 ends it. */
  readonly delayReplies: (by: Duration.DurationInput) => void
  /** Replays start this much after their reply, so that live frames overtake them. 0 ends it. */
  readonly delayReplays: (by: Duration.DurationInput) => void
  /** The next `n` frames of this type get an `error` answer with the request's id and are not handled. */
  readonly rejectNext: (type: FrameType, code: string, message: string, n?: number) => void
  /** Requests of these types (default: all) are handled, their replies kept back. */
  readonly holdReplies: (...types: ReadonlyArray<FrameType>) => void
  /** Sends what was kept back, in order, and ends the holding. */
  readonly releaseReplies: () => void
  /** Every `deliver` frame is sent twice in a row. */
  readonly duplicateDeliveries: (on: boolean) => void
  /** Decides about every frame in both directions (after the faults above); `undefined` ends it. For seeded schedules. */
  readonly onFrame: (
    decide: ((o: { readonly to: "node" | "engine"; readonly node: string; readonly type: string }) => Fate) | undefined
  ) => void
  /** The node's token is replaced by one nobody knows: the live socket stays, the next upgrade is a 401. */
  readonly invalidateNodeToken: (node: string) => void
  /** The workspace's key is replaced by one nobody knows: HTTP calls with it are 401 `unauthorized`. */
  readonly invalidateWorkspaceKey: (workspaceId?: string) => void
  /** Ends every fault; kept replies are sent. Invalidated credentials stay invalid. */
  readonly heal: () => void
}
