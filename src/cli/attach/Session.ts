/**
 * One attached terminal, from the first picture to the detachment. Everything that happens — output, keys, sizes, the
 * agent's end — goes through one mailbox to one fiber, which draws after what came together, at most 60 times a second.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberHandle from "effect/FiberHandle"
import * as Mailbox from "effect/Mailbox"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { RawData } from "ws"
import { SnapshotResult } from "../../api/agents/api.ts"
import { HeadlessScreen } from "../../pty/HeadlessScreen.ts"
import { type EmulatedScreen, Screen } from "../../pty/Screen.ts"
import type { ApiClient } from "../ApiClient.ts"
import { type ApiFailure, BrokerUnreachable } from "../Failures.ts"
import { harmless } from "../Paint.ts"
import { type KeyAction, noKeys, readKeys } from "./keys.ts"
import * as LocalTerminal from "./LocalTerminal.ts"
import { makePainter, rowsFor } from "./Painter.ts"

// What happens to an attached agent, as its viewer hears of it on `/ws`.

export type Happening =
  | { readonly _tag: "Output"; readonly chunk: string; readonly position: number }
  | { readonly _tag: "AgentResized"; readonly cols: number; readonly rows: number }
  | { readonly _tag: "MaybeEnded"; readonly how: string }
  /** Output was withheld, and perhaps none follows that would tell. */
  | { readonly _tag: "Missed" }
  | { readonly _tag: "HeldChanged" }
  | { readonly _tag: "Typed"; readonly data: string }
  | { readonly _tag: "LocalResize" }
  | { readonly _tag: "Redraw" }
  | { readonly _tag: "Hangup" }
  | { readonly _tag: "Notice"; readonly text: string }
  | { readonly _tag: "Lost"; readonly reason: string }

interface Told {
  readonly kind?: unknown
  readonly name?: unknown
  readonly chunk?: unknown
  readonly position?: unknown
  readonly cols?: unknown
  readonly rows?: unknown
  readonly code?: unknown
  readonly signal?: unknown
  readonly missedStreamChunks?: unknown
}

/** Kinds after which the number of held messages may be another. */
const heldKinds: ReadonlySet<unknown> = new Set([
  "delivery_queued",
  "delivery_dropped",
  "delivery_injected",
  "agent_pending_drained",
  "agent_inbound_delivery_mode_changed"
])

/** Undefined: nothing that a viewer of this agent acts on. */
export const happeningOf = (event: Told, name: string): Happening | undefined => {
  const { chunk, code, cols, kind, position, rows, signal } = event
  if (kind === "replay_gap") return Number(event.missedStreamChunks) > 0 ? { _tag: "Missed" } : undefined
  if (event.name !== name) return undefined
  if (kind === "worker_stream" && typeof chunk === "string" && typeof position === "number") {
    return { _tag: "Output", chunk, position }
  }
  if (kind === "agent_resized" && typeof cols === "number" && typeof rows === "number") {
    return { _tag: "AgentResized", cols, rows }
  }
  if (kind === "agent_exited") {
    const how = typeof code === "number" ? `exit code ${code}` : typeof signal === "string" ? `signal ${signal}` : ""
    return { _tag: "MaybeEnded", how }
  }
  if (kind === "agent_released") return { _tag: "MaybeEnded", how: "released" }
  return heldKinds.has(kind) ? { _tag: "HeldChanged" } : undefined
}

/** Old events come first: their numbers, and what is left of them after a snapshot, tell them apart. */
export const listen = (client: ApiClient, name: string, offer: (happening: Happening) => void) =>
  Effect.map(client.socket("/ws"), (socket) => {
    socket.on("message", (data: RawData) => {
      const happening = happeningOf(JSON.parse(data.toString()) as Told, name)
      if (happening !== undefined) offer(happening)
    })
    socket.on("close", () => offer({ _tag: "Lost", reason: "the connection was closed" }))
  })

// The delivery mode that goes with a way of attaching, and the former one again when the scope ends.

/**
 * `view`: look. `drive`: type, while messages for the agent are held. `passthrough`: type, while messages go on being
 * injected between the keys.
 */
export type How = "view" | "drive" | "passthrough"

export interface Mode {
  /** Messages that are held; undefined where none are. */
  readonly held: () => number | undefined
  readonly refresh: Effect.Effect<void, ApiFailure>
  readonly flush: Effect.Effect<number, ApiFailure>
}

const DeliveryMode = Schema.Literal("auto_inject", "manual_flush")
const ModeAnswer = Schema.Struct({ mode: DeliveryMode })
const PendingAnswer = Schema.Struct({ pending: Schema.Array(Schema.Unknown) })
const FlushAnswer = Schema.Struct({ flushed: Schema.Number })

const restoreLimit = "3 seconds"

export const enter = (client: ApiClient, name: string, how: How): Effect.Effect<Mode, ApiFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const path = (rest: string) => `/api/spawned/${encodeURIComponent(name)}/${rest}`
    const set = (mode: typeof DeliveryMode.Type) =>
      client.call({ method: "PUT", path: path("delivery-mode"), answer: ModeAnswer, body: { mode } })
    if (how !== "view") {
      const wanted = how === "drive" ? "manual_flush" : "auto_inject"
      const { value } = yield* client.call({ method: "GET", path: path("delivery-mode"), answer: ModeAnswer })
      if (value.mode !== wanted) {
        // An agent that has ended meanwhile, or a broker that is gone, has no mode to go back to.
        yield* Effect.acquireRelease(set(wanted), () =>
          Effect.ignore(Effect.timeout(Effect.interruptible(set(value.mode)), restoreLimit))
        )
      }
    }
    let held: number | undefined
    const refresh = Effect.suspend(() =>
      how === "drive"
        ? Effect.map(client.call({ method: "GET", path: path("pending"), answer: PendingAnswer }), ({ value }) => {
            held = value.pending.length
          })
        : Effect.void
    ).pipe(Effect.catchTag("BrokerRefused", () => Effect.void))
    yield* refresh
    return {
      held: () => held,
      refresh,
      flush: Effect.zipLeft(
        Effect.map(
          client.call({ method: "POST", path: path("flush"), answer: FlushAnswer, body: {} }),
          ({ value }) => value.flushed
        ),
        refresh
      )
    }
  })

/**
 * Puts a snapshot and the stream of output together: pieces say where they end, the snapshot says where it stands. Pure.
 *
 * Invariant: the texts given for consecutive pieces are the output from the snapshot's position on, each code unit once,
 * until a piece says that something was missed.
 */
export interface Followed {
  /** The output up to here was seen. */
  readonly position: number
  /** What is new in the piece. */
  readonly text: string
  /** Output between what was seen and the piece never came: only a new snapshot helps. */
  readonly missed: boolean
}

export const follow = (position: number, piece: { readonly chunk: string; readonly position: number }): Followed => {
  const start = piece.position - piece.chunk.length
  if (start > position) return { position, text: "", missed: true }
  if (piece.position <= position) return { position, text: "", missed: false }
  return { position: piece.position, text: piece.chunk.slice(position - start), missed: false }
}

// Keys on their way to the agent: in order, over one socket, marked as a person's.

export interface Typing {
  /** False: the agent takes nothing, and the keys were dropped. */
  readonly send: (data: string) => boolean
}

/** Bytes that the broker has not taken; it stops taking while the program does not read. */
const mostUnsent = 1 << 20

export const openTyping = (client: ApiClient, name: string, offer: (happening: Happening) => void) =>
  Effect.map(client.socket(`/api/input/${encodeURIComponent(name)}/stream`), (socket): Typing => {
    socket.on("message", (data: RawData) => {
      const frame = JSON.parse(data.toString()) as { readonly type?: unknown; readonly message?: unknown }
      if (frame.type === "pty_input_error") offer({ _tag: "Notice", text: harmless(String(frame.message)) })
    })
    return {
      send: (data) => {
        if (socket.readyState !== socket.OPEN || socket.bufferedAmount > mostUnsent) return false
        socket.send(JSON.stringify({ type: "pty_input", data, human: true }))
        return true
      }
    }
  })

export interface AttachOptions {
  readonly name: string
  readonly how: How
}

/** Why it is over, as a sentence. */
export type Ended = string

const frameMillis = 16

/** A person detached, or the agent is gone; fails when the broker is lost. The local terminal is as before in any case. */
export const attach = (
  client: ApiClient,
  { how, name }: AttachOptions
): Effect.Effect<Ended, ApiFailure | LocalTerminal.NotATerminal> =>
  Effect.gen(function* () {
    const readOnly = how === "view"
    const happenings = yield* Mailbox.make<Happening>()
    const offer = (happening: Happening) => void happenings.unsafeOffer(happening)

    // Everything that may be refused comes before the terminal is touched.
    yield* listen(client, name, offer)
    const first = yield* fetchSnapshot(client, name)
    const typing: Typing | undefined = readOnly ? undefined : yield* openTyping(client, name, offer)
    const mode = yield* enter(client, name, how)
    const local = yield* LocalTerminal.open({
      onInput: (data) => offer({ _tag: "Typed", data }),
      onResize: () => offer({ _tag: "LocalResize" }),
      onHangup: () => offer({ _tag: "Hangup" })
    })

    const painter = makePainter(local.size(), { mirrorInput: !readOnly })
    const screen = yield* openScreen(first)
    let position = draw(screen, first)
    let keyState = noKeys
    let notice: string | undefined
    let ended: Ended | undefined

    // Beside the picture, which shall not stand still while the broker answers. A broker that is lost is told by `Lost`.
    const latestSize = yield* FiberHandle.make()
    const latestHeld = yield* FiberHandle.make()
    const resizeAgent = readOnly
      ? Effect.void
      : FiberHandle.run(
          latestSize,
          Effect.ignore(Effect.suspend(() => resize(client, name, local.size().cols, rowsFor(local.size()))))
        )
    const refreshHeld = FiberHandle.run(
      latestHeld,
      Effect.zipRight(
        Effect.ignore(mode.refresh),
        Effect.sync(() => offer({ _tag: "Redraw" }))
      )
    )
    const status = () => statusLine({ name, how, held: mode.held(), notice, shown: screen.view(), local })
    const again = Effect.map(fetchSnapshot(client, name), (snapshot) => {
      position = draw(screen, snapshot)
    })

    const act = (action: KeyAction) =>
      Effect.gen(function* () {
        switch (action._tag) {
          case "Send":
            notice = typing?.send(action.data) === false ? "the agent does not read: keys are dropped" : undefined
            return
          case "Detach":
            ended = `detached from '${name}'`
            return
          case "Flush":
            if (how === "drive") {
              const count = yield* mode.flush
              notice = `${count} message${count === 1 ? "" : "s"} let go`
            }
            return
          case "Help":
            notice = helpOf(how)
        }
      })

    const take = (happening: Happening): Effect.Effect<void, ApiFailure> =>
      Effect.gen(function* () {
        switch (happening._tag) {
          case "Output": {
            const followed = follow(position, happening)
            if (followed.missed) return yield* again
            position = followed.position
            return screen.unsafeWrite(followed.text)
          }
          case "Missed":
            return yield* again
          case "AgentResized":
            return screen.unsafeResize(happening.cols, happening.rows)
          case "Typed": {
            const keys = readKeys(keyState, happening.data, readOnly)
            keyState = keys.state
            return yield* Effect.forEach(keys.actions, act, { discard: true })
          }
          case "LocalResize":
            painter.reset(local.size())
            return yield* Effect.asVoid(resizeAgent)
          case "HeldChanged":
            return yield* Effect.asVoid(refreshHeld)
          case "MaybeEnded":
            // The event may be an old one of another agent of this name: what counts is whether it is here.
            if (yield* isHere(client, name)) return yield* again
            ended = `'${name}' has ended${happening.how === "" ? "" : `: ${harmless(happening.how)}`}`
            return
          case "Notice":
            notice = happening.text
            return
          case "Redraw":
            return
          case "Hangup":
            ended = "hung up"
            return
          case "Lost":
            return yield* new BrokerUnreachable({ url: client.url, reason: happening.reason })
        }
      })

    yield* resizeAgent
    while (ended === undefined) {
      const picture = painter.paint(screen, status())
      if (picture !== "") local.write(picture)
      yield* Effect.sleep(frameMillis)
      const [batch] = yield* happenings.takeAll
      for (const happening of batch) {
        yield* take(happening)
        if (ended !== undefined) break
      }
    }
    return ended
  }).pipe(Effect.scoped)

const openScreen = ({ cols, rows }: typeof SnapshotResult.Type) =>
  Effect.flatMap(Screen, (port) =>
    // The broker's own emulator answers the program's queries.
    port.open({ cols, rows, onReply: () => {} })
  ).pipe(Effect.provide(HeadlessScreen.layer))

const reset = "\x1bc"

/** Shows the snapshot, whatever was shown before; gives the position from which the output goes on. */
const draw = (
  screen: EmulatedScreen,
  { cols, position, resume = "", rows, screen: picture }: typeof SnapshotResult.Type
) => {
  const decode = (text: string) => Buffer.from(text, "base64").toString("utf8")
  screen.unsafeResize(cols, rows)
  screen.unsafeWrite(reset + decode(picture) + decode(resume))
  return position
}

const pathOf = (name: string, rest = "") => `/api/spawned/${encodeURIComponent(name)}${rest}`

const fetchSnapshot = (client: ApiClient, name: string) =>
  Effect.map(
    client.call({ method: "GET", path: pathOf(name, "/snapshot?format=ansi"), answer: SnapshotResult }),
    ({ value }) => value
  )

const isHere = (client: ApiClient, name: string) =>
  Effect.exit(fetchSnapshot(client, name)).pipe(Effect.map(Exit.isSuccess))

const resize = (client: ApiClient, name: string, cols: number, rows: number) =>
  client.call({
    method: "POST",
    path: `/api/resize/${encodeURIComponent(name)}`,
    answer: Schema.Unknown,
    body: { rows, cols }
  })

const helpOf = (how: How) =>
  how === "view"
    ? "q or Ctrl-] d: detach"
    : `Ctrl-] d: detach${how === "drive" ? ", Ctrl-] f: let held messages go" : ""}, Ctrl-] Ctrl-]: send Ctrl-]`

interface StatusFacts {
  readonly name: string
  readonly how: How
  readonly held: number | undefined
  readonly notice: string | undefined
  readonly shown: ReturnType<EmulatedScreen["view"]>
  readonly local: LocalTerminal.LocalTerminal
}

const statusLine = ({ held, how, local, name, notice, shown }: StatusFacts) => {
  const { cols, rows } = local.size()
  const cropped =
    shown.cols > cols || shown.rows > rowsFor({ cols, rows }) ? `${shown.cols}×${shown.rows}, cropped` : ""
  const parts = [harmless(name), how, held === undefined ? "" : `${held} held`, cropped, notice ?? helpOf(how)]
  return ` ${parts.filter((part) => part !== "").join(" │ ")}`
}
