/**
 * What opencode's event stream says of one session, as signals of a channel. Pure.
 *
 * Invariants: 1. a message is `Taken` when the program's session has it and no turn runs, else `Queued` first, and `Taken` with the
 * first answer that has it, or one after it, for a parent: ids ascend with time · 2. each user's message is told once ·
 * 3. `Asking` stands while any request for a person is open, of a subagent too, and comes before busy and idle · 4. a state is
 * told when it changes · 5. `stranded` are messages that the session holds while it is idle: a turn that was broken off left them.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { isRecord } from "../../domain/Json.ts"
import type { ProgramState, Signal } from "../Channel.ts"

const Message = Schema.Struct({
  sessionID: Schema.String,
  info: Schema.Struct({
    id: Schema.String,
    role: Schema.String,
    parentID: Schema.optionalWith(Schema.String, { exact: true })
  })
})
const Status = Schema.Struct({ sessionID: Schema.String, status: Schema.Struct({ type: Schema.String }) })
const OfSession = Schema.Struct({ sessionID: Schema.String })
export const Permission = Schema.Struct({
  id: Schema.String,
  permission: Schema.optionalWith(Schema.String, { default: () => "" }),
  patterns: Schema.optionalWith(Schema.Array(Schema.String), { default: () => [] })
})
export const Question = Schema.Struct({
  id: Schema.String,
  questions: Schema.optionalWith(
    Schema.Array(Schema.Struct({ question: Schema.optionalWith(Schema.String, { default: () => "" }) })),
    { default: () => [] }
  )
})
const Reply = Schema.Struct({ requestID: Schema.String })

/** The members of the stream that say something of a turn; what else comes, and that is most of it, is passed over. */
const Event = Schema.Union(
  Schema.Struct({ type: Schema.Literal("message.updated"), properties: Message }),
  Schema.Struct({ type: Schema.Literal("session.status"), properties: Status }),
  Schema.Struct({ type: Schema.Literal("session.idle"), properties: OfSession }),
  Schema.Struct({ type: Schema.Literal("permission.asked"), properties: Permission }),
  Schema.Struct({ type: Schema.Literal("question.asked"), properties: Question }),
  Schema.Struct({
    type: Schema.Literal("permission.replied", "question.replied", "question.rejected"),
    properties: Reply
  })
)
type Event = typeof Event.Type

const decode = Schema.decodeUnknownEither(Event)
const known: ReadonlySet<unknown> = new Set(Event.members.flatMap(({ fields }) => fields.type.literals))

/** Undefined: it says nothing of a turn. Pieces of answers come by the hundred: they are not decoded. */
export const eventOf = (json: unknown): Event | undefined =>
  isRecord(json) && known.has(json["type"]) ? Either.getOrUndefined(decode(json)) : undefined

type Asked = Extract<ProgramState, { _tag: "Asking" }>

export interface Progress {
  readonly sessionId: string
  readonly busy: boolean
  /** Requests that wait for a person, by their ids, oldest first. */
  readonly asked: ReadonlyMap<string, Asked>
  /** Messages that the session holds and no turn has, in its order. */
  readonly queued: ReadonlyArray<string>
  /** The latest messages of users that were told of. */
  readonly seen: ReadonlyArray<string>
}

/** What is known when the stream begins. */
export interface Snapshot {
  readonly sessionId: string
  readonly busy: boolean
  readonly permissions: ReadonlyArray<typeof Permission.Type>
  readonly questions: ReadonlyArray<typeof Question.Type>
}

const seenKept = 64

export const permissionAsked = ({ patterns, permission }: typeof Permission.Type): Asked => ({
  _tag: "Asking",
  what: "permission",
  detail: [permission, ...patterns].join(" ").slice(0, 200)
})
export const questionAsked = ({ questions }: typeof Question.Type): Asked => ({
  _tag: "Asking",
  what: "question",
  detail: questions
    .map(({ question }) => question)
    .join(" ")
    .slice(0, 200)
})

export const stateOf = ({ asked, busy }: Progress): ProgramState => {
  const [first] = asked.values()
  return first ?? { _tag: busy ? "Busy" : "Idle" }
}

/** From a look at the program; what was queued before stays so until an answer or a look at the session says otherwise. */
export const begin = (o: Snapshot, before?: Progress): Progress => ({
  sessionId: o.sessionId,
  busy: o.busy,
  asked: new Map([
    ...o.permissions.map((request) => [request.id, permissionAsked(request)] as const),
    ...o.questions.map((request) => [request.id, questionAsked(request)] as const)
  ]),
  queued: before?.sessionId === o.sessionId ? before.queued : [],
  seen: before?.sessionId === o.sessionId ? before.seen : []
})

export const stranded = ({ asked, busy, queued }: Progress): ReadonlyArray<string> =>
  busy || asked.size > 0 ? [] : queued

/** They are not waited for any more. */
export const forget = (progress: Progress, ids: ReadonlyArray<string>): Progress => ({
  ...progress,
  queued: progress.queued.filter((id) => !ids.includes(id))
})

const taken = (id: string): Signal => ({ _tag: "Taken", which: { id: batchIdOf(id) }, proof: "taken_with_id" })

const onMessage = (
  progress: Progress,
  { info, sessionID }: typeof Message.Type
): readonly [Progress, Array<Signal>] => {
  if (sessionID !== progress.sessionId) return [progress, []]
  if (info.role === "user") {
    if (progress.seen.includes(info.id)) return [progress, []]
    const seen = [...progress.seen, info.id].slice(-seenKept)
    return progress.busy
      ? [
          { ...progress, seen, queued: [...progress.queued, info.id] },
          [{ _tag: "Queued", which: { id: batchIdOf(info.id) } }]
        ]
      : [{ ...progress, seen }, [taken(info.id)]]
  }
  const parent = info.parentID
  if (parent === undefined) return [progress, []]
  const had = progress.queued.filter((id) => id <= parent)
  return had.length === 0 ? [progress, []] : [forget(progress, had), had.map(taken)]
}

const changed = (progress: Progress, event: Event): readonly [Progress, Array<Signal>] => {
  const { asked } = progress
  switch (event.type) {
    case "message.updated":
      return onMessage(progress, event.properties)
    case "session.status":
    case "session.idle": {
      if (event.properties.sessionID !== progress.sessionId) return [progress, []]
      // A retry after an error of the model is a part of the turn.
      const busy = event.type === "session.status" && event.properties.status.type !== "idle"
      return [{ ...progress, busy }, []]
    }
    case "permission.asked":
      return [{ ...progress, asked: new Map([...asked, [event.properties.id, permissionAsked(event.properties)]]) }, []]
    case "question.asked":
      return [{ ...progress, asked: new Map([...asked, [event.properties.id, questionAsked(event.properties)]]) }, []]
    case "permission.replied":
    case "question.replied":
    case "question.rejected":
      return [{ ...progress, asked: new Map([...asked].filter(([id]) => id !== event.properties.requestID)) }, []]
  }
}

const sameState = (one: ProgramState, other: ProgramState) =>
  one._tag === other._tag && (one._tag !== "Asking" || other._tag !== "Asking" || one.detail === other.detail)

/** The state to keep, and what is told. */
export const next = (progress: Progress, event: Event): readonly [Progress, ReadonlyArray<Signal>] => {
  const [after, signals] = changed(progress, event)
  const state = stateOf(after)
  return [after, sameState(stateOf(progress), state) ? signals : [...signals, { _tag: "State", state }]]
}

/**
 * An id for a message, in the program's own form: 48 bits of time, by which its messages are sorted and turns are begun, then
 * our batch's id in full, so that no table is needed to find it back. `counter` tells messages of one millisecond apart.
 */
export const messageIdOf = (batchId: string, nowMillis: number, counter: number): string => {
  const time = BigInt.asUintN(48, BigInt(nowMillis) * 0x1000n + BigInt(counter % 0x1000))
  return `msg_${time.toString(16).padStart(12, "0")}${batchId.replaceAll("-", "")}`
}

/** Ours, as it was given; another one's stays what it is. */
export const batchIdOf = (messageId: string): string => {
  const [, uuid] = /^msg_[0-9a-f]{12}([0-9a-f]{32})$/.exec(messageId) ?? []
  return uuid === undefined ? messageId : uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}
