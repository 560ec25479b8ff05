/**
 * One socket of one node: the handshake, strict reading, and the way back through the faults. Frames are handled
 * synchronously, one after the other; the races of 5.x between the handlers of one socket are not imitated. A
 * reply leaves before what follows it: the queued invokes, then the replay.
 */
import * as Either from "effect/Either"
import { describeParseError } from "../../wire/Inbound.ts"
import { decodeOutboundEither, type Outbound } from "../../wire/Outbound.ts"
import type { FrameType } from "./FaultControls.ts"
import type { UpgradeRefusal } from "./Faults.ts"
import { replay } from "./Mailboxes.ts"
import { type Core, type EngineFrame, type EngineNode, type NodeSocket, Refused } from "./Model.ts"

import { handleFrame } from "./NodeFrames.ts"
import { goOffline } from "./Nodes.ts"
import { drainQueue, rescheduleAll } from "./Placement.ts"

/** The way to the node: text frames, a close frame, or an abrupt end. */
export interface Wire {
  readonly push: (text: string) => void
  readonly close: (code: number, reason: string) => void
  readonly terminate: () => void
}

/** The engine's half of an accepted socket. */
export interface Session {
  readonly receive: (text: string) => void
  /** The other side is gone; may be called more than once. */
  readonly gone: (code: number, reason: string) => void
  /** Whether a websocket ping is answered now. */
  readonly answersPings: () => boolean
}

/** A further check of every frame; a text refuses it. */
export type ValidateFrame = (raw: unknown) => string | undefined

/** The handshake: the token is checked here and nowhere else. Status 0: the engine is down, no answer at all. */
export const admit = (core: Core, token: string | undefined): EngineNode | UpgradeRefusal =>
  core.recorder.step(() => {
    const refusal = core.faults.takeUpgradeRefusal()
    const node = token === undefined ? undefined : core.nodeTokens.get(token)
    if (refusal === undefined && node !== undefined) return node
    const answer = refusal ?? { status: 401, retryAfter: undefined, body: "" }
    core.recorder.emit({ _tag: "UpgradeRefused", at: core.now(), path: "/v1/node/ws", status: answer.status })
    return answer
  })

export const isRefusal = (answer: EngineNode | UpgradeRefusal): answer is UpgradeRefusal => !("workspace" in answer)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

type Reading = { readonly frame: Outbound } | { readonly rejection: string }

const read = (text: string, validate: ValidateFrame | undefined): Reading => {
  try {
    const decoded = decodeOutboundEither(text)
    const theirs = validate?.(parsed(text))
    if (Either.isRight(decoded) && theirs === undefined) return { frame: decoded.right }
    const ours = Either.isLeft(decoded) ? describeParseError(decoded.left) : undefined
    return { rejection: [ours, theirs].filter((one) => one !== undefined).join(" | ") }
  } catch (error) {
    if (error instanceof RangeError) return { rejection: "nested too deeply" }
    throw error
  }
}

const makeSocket = (core: Core, node: EngineNode, wire: Wire) => {
  let live = true

  const end = (code: number, reason: string): void => {
    if (!live) return
    live = false
    core.recorder.emit({ _tag: "SocketClosed", at: core.now(), node: node.name, code, reason })
    if (node.socket !== socket) return
    node.socket = undefined
    goOffline(node)
    rescheduleAll(core, node)
  }

  const put = (frame: EngineFrame, eaten: boolean): void => {
    const lost = eaten || !live || core.faults.silence() !== "none"
    core.recorder.emit({ _tag: "FrameOut", at: core.now(), node: node.name, frame, lost })
    if (!lost) wire.push(JSON.stringify(frame))
  }

  const send = (frame: EngineFrame): void => {
    const copies = core.faults.copiesTo(node, frame)
    if (copies.length === 0) put(frame, true)
    for (const delay of copies)
      if (delay === 0) put(frame, false)
      else core.after(delay, () => put(frame, false))
  }

  /** `then` runs when the answer has left, which faults may delay. */
  const reply = (to: FrameType, frame: EngineFrame, then: () => void): void => {
    const leave = () => {
      if (!live) return
      send(frame)
      then()
    }
    const delay = core.faults.replyDelay()
    if (core.faults.holds(to)) core.faults.keepBack(leave)
    else if (delay > 0) core.after(delay, leave)
    else leave()
  }

  const socket: NodeSocket = {
    node,
    send,
    raw: (text) => {
      if (live && core.faults.silence() === "none") wire.push(text)
    },
    close: (code, reason) => {
      if (!live) return
      end(code, reason)
      wire.close(code, reason)
    },
    terminate: () => {
      if (!live) return
      end(1006, "")
      wire.terminate()
    }
  }
  return { socket, reply, end, isLive: () => live }
}

/** An accepted socket; a second one of the same node closes the first with 1000 "superseded". */
export const open = (core: Core, node: EngineNode, wire: Wire, validate: ValidateFrame | undefined): Session => {
  const { end, isLive, reply, socket } = makeSocket(core, node, wire)

  const replayLater = (): void => {
    const delay = core.faults.replayDelay()
    if (delay === 0) replay(core, node)
    else core.after(delay, () => isLive() && replay(core, node))
  }

  const fail = (frame: Outbound, code: string, message: string): void =>
    reply(frame.type, { v: 1, id: frame.id ?? core.ids.next(), type: "error", ok: false, code, message }, () => {})

  const serve = (frame: Outbound): void => {
    const scripted = core.faults.takeRejection(frame.type)
    if (scripted !== undefined) {
      fail(frame, scripted.code, scripted.message)
      return
    }
    try {
      const handled = handleFrame(core, node, frame)
      if (handled === undefined) return
      const id = frame.id ?? core.ids.next()
      reply(frame.type, { v: 1, id, type: "reply", ok: true, data: handled.data }, () => {
        if (handled.follow === "drain, replay") drainQueue(core, node, "all")
        replayLater()
      })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      fail(frame, error.code, error.reason)
    }
  }

  const receive = (text: string): void => {
    if (!isLive()) return
    const reading = read(text, validate)
    const frame = "frame" in reading ? reading.frame : undefined
    const rejection = "rejection" in reading ? reading.rejection : undefined
    const copies = core.faults.copiesFrom(node, frame?.type ?? "invalid")
    const ignored = core.faults.silence() !== "none" || copies.length === 0
    core.recorder.emit({ _tag: "FrameIn", at: core.now(), node: node.name, text, frame, rejection, ignored })
    if (ignored) return
    if (frame === undefined) {
      // A fresh id, never the request's.
      const message = JSON.stringify([{ code: "invalid_frame", path: [], message: rejection }], undefined, 2)
      socket.send({ v: 1, id: core.ids.next(), type: "error", ok: false, code: "invalid_message", message })
      return
    }
    for (const delay of copies)
      if (delay === 0) serve(frame)
      else core.after(delay, () => isLive() && serve(frame))
  }

  core.recorder.step(() => {
    const previous = node.socket
    node.socket = socket
    core.recorder.emit({ _tag: "SocketOpened", at: core.now(), node: node.name })
    previous?.close(1000, "superseded")
    drainQueue(core, node, "non-spawn")
  })
  return {
    receive: (text) => core.recorder.step(() => receive(text)),
    gone: (code, reason) => core.recorder.step(() => end(code, reason)),
    answersPings: () => core.faults.silence() !== "all"
  }
}
