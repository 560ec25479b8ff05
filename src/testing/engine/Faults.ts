/** The scripted faults of `FaultControls`, and what the doors ask of them. */
import * as Duration from "effect/Duration"
import type { Fate, FaultControls, FrameType, HttpMatcher } from "./FaultControls.ts"
import { type Core, type EngineFrame, type EngineNode, refuse } from "./Model.ts"

type HttpEffect =
  | {
      readonly _tag: "Refuse"
      readonly status: number
      readonly code: string
      readonly message: string
      readonly retryAfter: number | undefined
    }
  | { readonly _tag: "LoseAnswer" }
  | { readonly _tag: "Hang" }
  | { readonly _tag: "Down" }
  | { readonly _tag: "Delay"; readonly millis: number }

export interface UpgradeRefusal {
  readonly status: number
  readonly retryAfter: number | undefined
  readonly body: string
}

/** The controls, and what the doors ask. */
export interface Faults extends FaultControls {
  readonly takeUpgradeRefusal: () => UpgradeRefusal | undefined
  readonly takeHttp: (request: { readonly method: string; readonly path: string }) => HttpEffect | undefined
  readonly takeRejection: (type: FrameType) => { readonly code: string; readonly message: string } | undefined
  readonly silence: () => "none" | "frames" | "all"
  readonly holds: (type: FrameType) => boolean
  readonly keepBack: (send: () => void) => void
  readonly replyDelay: () => number
  readonly replayDelay: () => number
  /** Delays in milliseconds of the copies to send; empty: lost. */
  readonly copiesTo: (node: EngineNode, frame: EngineFrame) => ReadonlyArray<number>
  readonly copiesFrom: (node: EngineNode, type: string) => ReadonlyArray<number>
}

const matches = (matcher: HttpMatcher, request: { readonly method: string; readonly path: string }): boolean => {
  if (typeof matcher === "function") return matcher(request)
  if (matcher instanceof RegExp) return matcher.test(`${request.method} ${request.path}`)
  if (matcher === "*") return true
  const [method, pattern] = matcher.split(" ")
  const want = (pattern ?? "").split("/")
  const have = request.path.split("/")
  return (
    method === request.method &&
    want.length === have.length &&
    want.every((segment, i) => segment.startsWith(":") || segment === have[i])
  )
}

const delaysOf = (fate: Fate): ReadonlyArray<number> =>
  fate === "deliver" ? [0] : fate === "lose" ? [] : fate === "duplicate" ? [0, 0] : [Duration.toMillis(fate.delay)]

export const makeFaults = (core: () => Core): Faults => {
  let upgrades: Array<UpgradeRefusal & { left: number }> = []
  let http: Array<{ readonly matcher: HttpMatcher; readonly effect: HttpEffect; left: number }> = []
  let rejections: Array<{ readonly type: FrameType; readonly code: string; readonly message: string; left: number }> =
    []
  let silence: "none" | "frames" | "all" = "none"
  let down = false
  let held: ReadonlySet<FrameType> | "all" | undefined
  let kept: Array<() => void> = []
  let replyDelay = 0
  let replayDelay = 0
  let duplicates = false
  let decide: Parameters<FaultControls["onFrame"]>[0]

  const take = <A extends { left: number }>(rules: Array<A>, fits: (rule: A) => boolean): A | undefined => {
    const rule = rules.find((candidate) => candidate.left > 0 && fits(candidate))
    if (rule !== undefined) rule.left--
    return rule
  }
  const script = (matcher: HttpMatcher, left: number, effect: HttpEffect): void => {
    http = [...http.filter((rule) => rule.left > 0), { matcher, effect, left }]
  }
  const releaseReplies = () => {
    const sends = kept
    kept = []
    held = undefined
    core().recorder.step(() => {
      for (const send of sends) send()
    })
  }

  const dropSockets: FaultControls["dropSockets"] = (o = {}) =>
    core().recorder.step(() => {
      for (const node of core().nodesById.values()) {
        if (o.node !== undefined && node.name !== o.node) continue
        if (o.code === undefined) node.socket?.terminate()
        else node.socket?.close(o.code, o.reason ?? "")
      }
    })

  return {
    refuseUpgrades: (left, status, o = {}) => {
      upgrades = [...upgrades, { left, status, retryAfter: o.retryAfter, body: o.body ?? "" }]
    },
    refuseHttp: (matcher, n, status, code, o = {}) =>
      script(matcher, n, { _tag: "Refuse", status, code, message: o.message ?? code, retryAfter: o.retryAfter }),
    loseHttpAnswers: (matcher, n) => script(matcher, n, { _tag: "LoseAnswer" }),
    hangHttp: (matcher, n) => script(matcher, n, { _tag: "Hang" }),
    delayHttp: (matcher, by, n = Number.POSITIVE_INFINITY) =>
      script(matcher, n, { _tag: "Delay", millis: Duration.toMillis(by) }),
    dropSockets,
    goSilent: (o = {}) => {
      silence = o.pongs === true ? "frames" : "all"
    },
    unsilence: () => {
      silence = "none"
    },
    goDown: () => {
      down = true
      dropSockets()
      for (const node of core().nodesById.values()) node.queue.length = 0
    },
    comeBack: () => {
      down = false
    },
    delayReplies: (by) => {
      replyDelay = Duration.toMillis(by)
    },
    delayReplays: (by) => {
      replayDelay = Duration.toMillis(by)
    },
    rejectNext: (type, code, message, left = 1) => {
      rejections = [...rejections.filter((rule) => rule.left > 0), { type, code, message, left }]
    },
    holdReplies: (...types) => {
      held = types.length === 0 ? "all" : new Set(types)
    },
    releaseReplies,
    duplicateDeliveries: (on) => {
      duplicates = on
    },
    onFrame: (next) => {
      decide = next
    },
    invalidateNodeToken: (name) => {
      const node = [...core().nodesById.values()].find((candidate) => candidate.name === name)
      if (node === undefined) return refuse(404, "node_not_found", `Node "${name}" not found`)
      core().nodeTokens.delete(node.token)
      node.token = core().ids.nodeToken()
    },
    invalidateWorkspaceKey: (id) => {
      for (const workspace of core().workspaces.values()) {
        if (id !== undefined && workspace.id !== id) continue
        core().keys.delete(workspace.key)
        workspace.key = core().ids.workspaceKey()
      }
    },
    heal: () => {
      upgrades = []
      http = []
      rejections = []
      silence = "none"
      down = false
      replyDelay = 0
      replayDelay = 0
      duplicates = false
      decide = undefined
      releaseReplies()
    },
    takeUpgradeRefusal: () => (down ? { status: 0, retryAfter: undefined, body: "" } : take(upgrades, () => true)),
    takeHttp: (request) => (down ? { _tag: "Down" } : take(http, (rule) => matches(rule.matcher, request))?.effect),
    takeRejection: (type) => take(rejections, (rule) => rule.type === type),
    silence: () => silence,
    holds: (type) => held === "all" || (held?.has(type) ?? false),
    keepBack: (send) => {
      kept.push(send)
    },
    replyDelay: () => replyDelay,
    replayDelay: () => replayDelay,
    copiesTo: (node, frame) => {
      const copies = delaysOf(decide?.({ to: "node", node: node.name, type: frame.type }) ?? "deliver")
      return duplicates && frame.type === "deliver" ? copies.flatMap((delay) => [delay, delay]) : copies
    },
    copiesFrom: (node, type) => delaysOf(decide?.({ to: "engine", node: node.name, type }) ?? "deliver")
  }
}
