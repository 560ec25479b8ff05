/** The last sends through this API, for the list of threads. In memory, at most 1,000. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

export const Thread = Schema.Struct({
  threadId: Schema.String,
  name: Schema.String,
  unreadCount: Schema.Number,
  lastMessage: Schema.optionalWith(Schema.String, { exact: true }),
  lastMessageAt: Schema.optionalWith(Schema.String, { exact: true })
})

const mostMessages = 1_000
/** Of a message only the preview is shown. */
const mostCharacters = 400

export class SendHistory extends Context.Tag("relay-broker/delivery/SendHistory")<
  SendHistory,
  {
    readonly add: (message: ThreadMessage) => Effect.Effect<void>
    readonly all: Effect.Effect<ReadonlyArray<ThreadMessage>>
  }
>() {
  static readonly layer = Layer.sync(SendHistory, () => {
    const messages: Array<ThreadMessage> = []
    return SendHistory.of({
      add: (message) =>
        Effect.sync(() => {
          messages.push({ ...message, text: message.text.slice(0, mostCharacters) })
          if (messages.length > mostMessages) messages.shift()
        }),
      all: Effect.sync(() => [...messages])
    })
  })
}

// Conversations as the thread list shows them (`GET /api/threads`). Plain functions.

export interface ThreadMessage {
  /** An explicit thread or conversation id, when there is one. */
  readonly thread: string | undefined
  readonly from: string
  /** `#channel`, a name, or a conversation's id. */
  readonly target: string
  readonly text: string
  readonly atMillis: number
  /** Names of a conversation's members, when known. */
  readonly participants?: ReadonlyArray<string>
}

const previewBytes = 200

const plain = (name: string) => name.trim().replace(/^@/, "")
const keyOf = (name: string) => plain(name).toLowerCase()

export const threadIdOf = ({ from, target, thread }: Pick<ThreadMessage, "from" | "target" | "thread">): string => {
  if (thread !== undefined && thread !== "") return thread
  if (target.startsWith("#") || /^(?:conv_|dm_)|^\d+$/.test(target)) return target
  return `direct:${[keyOf(from), keyOf(target)].sort().join(":")}`
}

/** Other people of a direct conversation; between two others both, so that it is told from theirs with us. */
const nameOf = ({ from, participants, target }: ThreadMessage, self: string): string => {
  if (target.startsWith("#")) return target
  const members = [...new Set((participants ?? [from, target]).map(plain))]
  const others = members.filter((name) => keyOf(name) !== keyOf(self))
  return others.length === 0 ? self : others.join(others.length === 2 ? " ↔ " : ", ")
}

/** At most 200 bytes, whole characters, with dots when something is missing. */
export const previewOf = (text: string): string => {
  if (Buffer.byteLength(text) <= previewBytes) return text
  let bytes = 0
  let kept = ""
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > previewBytes) break
    kept += character
  }
  return `${kept}...`
}

/** Newest first. Unread is what others wrote: nobody marks anything as read here. */
export const threadsOf = (messages: ReadonlyArray<ThreadMessage>, self: string): ReadonlyArray<typeof Thread.Type> => {
  const grouped = new Map<string, Array<ThreadMessage>>()
  for (const message of messages) {
    const id = threadIdOf(message)
    grouped.set(id, [...(grouped.get(id) ?? []), message])
  }
  const rows = [...grouped].map(([threadId, all]) => {
    const last = all.reduce((latest, each) => (each.atMillis >= latest.atMillis ? each : latest))
    const unread = all.filter(({ from }) => keyOf(from) !== keyOf(self)).length
    return { threadId, name: nameOf(last, self), unread, last }
  })
  return rows
    .sort((one, other) => other.last.atMillis - one.last.atMillis)
    .map(({ last, name, threadId, unread }) => ({
      threadId,
      name,
      unreadCount: unread,
      lastMessage: previewOf(last.text),
      ...(Number.isFinite(last.atMillis) ? { lastMessageAt: new Date(last.atMillis).toISOString() } : {})
    }))
}
