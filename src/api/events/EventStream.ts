/**
 * The event stream of `/ws`: every client is a cursor into the ring, so that replay and live events are one path,
 * without doubles or holes. A client that does not read is left behind at its own cursor; nobody waits for it. What is
 * published is numbered, written and handed out in a turn of its own: whoever publishes, on the way of a message for one, does
 * none of it. Events that come together, or within a few milliseconds, are framed once and are one write per socket.
 */
import { randomUUID } from "node:crypto"
import type { Writable } from "node:stream"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type { WebSocket } from "ws"
import { type BrokerEvent, ephemeralKinds } from "../../events/Event.ts"
import { Events } from "../../events/Events.ts"
import { Store } from "../../store/Store.ts"
import { queryOf } from "../http/requestBody.ts"

/**
 * The last durable events, numbered without holes after those of former runs, for replay (a first run starts with 1).
 * Plain data structure: no clock, no effects.
 *
 * Invariants: 1. numbers of kept entries are consecutive and end at `last` · 2. an entry is given up only for a newer one,
 * oldest first · 3. at most `capacity` entries, and at most `maxBytes` of them unless the newest alone is larger.
 */
interface EventRing {
  /** Number of the first entry that it was or will be given. */
  readonly first: number
  /** Number of the newest entry; `first - 1` before there is one. */
  readonly last: number
  /** Number of the oldest entry that is still here; `last + 1` when there is none. */
  readonly oldest: number
  /** Numbers and keeps an entry. `text` is given the number that the entry must carry. */
  readonly push: (text: (seq: number) => string) => string
  readonly at: (seq: number) => string | undefined
}

interface EventRingOptions {
  readonly capacity: number
  /** Length of the kept texts together, in UTF-16 units: bodies of messages can be large, events are few. */
  readonly maxBytes: number
  /** Number of the last entry of former runs; 0 when not given. */
  readonly after?: number
}

export const makeEventRing = ({ after = 0, capacity, maxBytes }: EventRingOptions): EventRing => {
  const slots = new Array<string | undefined>(capacity)
  let oldest = after + 1
  let last = after
  let bytes = 0
  const dropOldest = () => {
    bytes -= slots[oldest % capacity]?.length ?? 0
    slots[oldest % capacity] = undefined
    oldest += 1
  }
  return {
    first: after + 1,
    get last() {
      return last
    },
    get oldest() {
      return oldest
    },
    push: (text) => {
      const entry = text(last + 1)
      while (oldest <= last && (last - oldest + 1 >= capacity || bytes + entry.length > maxBytes)) dropOldest()
      last += 1
      slots[last % capacity] = entry
      bytes += entry.length
      return entry
    },
    at: (seq) => (seq >= oldest && seq <= last ? slots[seq % capacity] : undefined)
  }
}

/** Where a reader who has seen everything up to `sinceSeq` goes on, and whether something is lost to it. */
interface ReplayStart {
  /** The reader's next entry is `cursor + 1`. */
  readonly cursor: number
  /**
   * Entries after `sinceSeq` are gone, those of former runs among them, or `sinceSeq` was never given out: then everything
   * kept is new to the reader. A fresh reader (0) asks for this run only, and misses nothing of a whole ring.
   */
  readonly gap: boolean
}

/** `ofThisRun`: as far as the reader knows. A number of another run means nothing here, save 0: nothing was seen. */
export const replayStart = (
  ring: Pick<EventRing, "first" | "last" | "oldest">,
  sinceSeq: number,
  ofThisRun = true
): ReplayStart => {
  const all = ring.oldest - 1
  if (sinceSeq === 0) return { cursor: all, gap: ring.oldest > ring.first }
  const isLost = sinceSeq > ring.last || sinceSeq < all || !ofThisRun
  return isLost ? { cursor: all, gap: true } : { cursor: sinceSeq, gap: false }
}

const finalText = 0x81

/** A WebSocket text message as a server sends it: one frame, not masked, not compressed (RFC 6455, 5.2). `payload` is UTF-8. */
const textFrame = (payload: Buffer): Buffer => {
  const length = payload.length
  const header = Buffer.allocUnsafe(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  header[0] = finalText
  if (length < 126) header[1] = length
  else if (length < 65_536) {
    header[1] = 126
    header.writeUInt16BE(length, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([header, payload])
}

interface Replay {
  readonly events: ReadonlyArray<unknown>
  readonly gap: boolean
  readonly oldestAvailable: number
  /** Names this run of the broker, whose numbers these are. */
  readonly epoch: string
}

interface Client {
  readonly socket: WebSocket
  /** Below `socket`, which has no queue of its own (nothing is compressed): a frame written here is in order with its own. */
  readonly raw: Writable
  readonly onFlushed: () => void
  /** Number of the last durable event that was handed to the socket. */
  cursor: number
  /** Terminal output that was withheld since the client stopped reading. */
  missedChunks: number
  lastPongMillis: number
}

const ringSize = { capacity: 1000, maxBytes: 16 << 20 }
/** Numbers are set aside so many at a time, and again when half of them are used: a store's write is not worth each event. */
const reserved = 10_000
/** Unsent bytes of one client at which it is left behind, and to which they must fall before it goes on. */
const highWater = 2 << 20
const lowWater = 256 << 10
const asText = { binary: false }
/** The first event after a pause waits so long: what publishes it, a message on its way to a terminal say, is done by then. */
const firstMillis = 1
/** After events were handed out the next ones wait so long, and for each other. */
const restMillis = 8
/** What is handed out in one piece; more of it goes event by event, as far as each client takes it. */
const mostAtOnce = 1 << 20
/** So many are handed out at once when they come in one turn: nobody loses what merely came too fast for a turn. */
const mostPending = 256

interface Entry {
  /** Undefined for what is not kept. */
  readonly seq: number | undefined
  readonly bytes: Buffer
}
const pingEvery = Duration.seconds(30)
/** A client that answered no ping for so long is gone: its machine, or the path to it. */
const silentAfterMillis = 4 * Duration.toMillis(pingEvery)

const make = Effect.gen(function* () {
  const events = yield* Events
  const clock = yield* Effect.clock
  const epoch = randomUUID()
  const store = yield* Store
  // A run goes on where the last one ended, or, when that crashed, beyond all that it may have given out: a client that
  // comes back with a number of then is known by it, with or without an epoch.
  const after = yield* store.lastEventNumber
  const ring = makeEventRing({ ...ringSize, after })
  let reservedUpTo = after + reserved
  yield* store.eventsNumbered(reservedUpTo)
  yield* Effect.addFinalizer(() => Effect.suspend(() => store.eventsNumbered(ring.last)))
  const fork = yield* FiberSet.makeRuntime<never>()
  const reserve = () => {
    if (reservedUpTo - ring.last > reserved / 2) return
    reservedUpTo = ring.last + reserved
    fork(store.eventsNumbered(reservedUpTo))
  }
  /** What clients may have, and its last entry as bytes, made once for all clients that are up to date. */
  let handedOut = after
  let newest: Buffer = Buffer.alloc(0)
  /** Published and neither numbered nor written yet: for whoever publishes it costs next to nothing. */
  let pending: Array<BrokerEvent> = []
  /** On the clock of the process: pauses between writes are a matter of the machine. */
  let handedOutAtMillis = Number.NEGATIVE_INFINITY
  const clients = new Set<Client>()

  const isBehind = (client: Client) => client.cursor < handedOut || client.missedChunks > 0
  const mayTake = ({ socket }: Client) => socket.readyState === socket.OPEN && socket.bufferedAmount <= highWater

  /** `seq` is the newest number, not a place in the sequence: clients expect that. */
  const gapNotice = (requestedSinceSeq: number, fields: { readonly [key: string]: number } = {}) =>
    JSON.stringify({
      kind: "replay_gap",
      requestedSinceSeq,
      oldestAvailable: ring.oldest,
      seq: ring.last,
      epoch,
      ...fields
    })

  /** Sends what the client lacks, as far as it takes it; goes on when the socket has been flushed. */
  const pump = (client: Client) => {
    if (!mayTake(client)) return
    const lost = Math.max(0, ring.oldest - 1 - client.cursor)
    if (lost > 0 || client.missedChunks > 0) {
      const missed = { missedEvents: lost, missedStreamChunks: client.missedChunks }
      client.socket.send(gapNotice(client.cursor, missed), client.onFlushed)
      client.cursor += lost
      client.missedChunks = 0
    }
    while (client.cursor < handedOut && mayTake(client)) {
      client.cursor += 1
      const bytes = client.cursor === handedOut ? newest : Buffer.from(ring.at(client.cursor) ?? "")
      client.socket.send(bytes, asText, client.onFlushed)
    }
  }

  const handOutSingly = (entries: ReadonlyArray<Entry>, to: ReadonlyArray<Client>) => {
    for (const { bytes, seq } of entries) {
      if (seq !== undefined) {
        handedOut = seq
        newest = bytes
        for (const client of to) pump(client)
        continue
      }
      for (const client of to) {
        if (isBehind(client) || !mayTake(client)) client.missedChunks += 1
        else client.socket.send(bytes, asText, client.onFlushed)
      }
    }
  }

  /** One piece for all who are up to date, which they all are as a rule; for the others event by event. */
  const handOutTogether = (entries: ReadonlyArray<Entry>, to: ReadonlyArray<Client>) => {
    const upToDate = new Set(to.filter((client) => !isBehind(client) && mayTake(client)))
    handOutSingly(
      entries,
      to.filter((client) => !upToDate.has(client))
    )
    if (upToDate.size === 0) return
    const piece = Buffer.concat(entries.map(({ bytes }) => textFrame(bytes)))
    for (const client of upToDate) {
      client.cursor = handedOut
      client.raw.write(piece, client.onFlushed)
    }
  }

  const write = (event: BrokerEvent): Entry => {
    if (ephemeralKinds.has(event.kind)) return { seq: undefined, bytes: Buffer.from(JSON.stringify(event)) }
    const text = ring.push((seq) => JSON.stringify({ ...event, seq }))
    return { seq: ring.last, bytes: Buffer.from(text) }
  }

  const handOut = () => {
    if (pending.length === 0) return
    const entries = pending.map(write)
    pending = []
    handedOutAtMillis = performance.now()
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes.length, 0)
    if (bytes > mostAtOnce) handOutSingly(entries, [...clients])
    else handOutTogether(entries, [...clients])
    reserve()
  }
  // The last ones of a life wait for nobody.
  yield* Effect.addFinalizer(() => Effect.sync(handOut))

  yield* events.listen((event) => {
    if (clients.size === 0 && ephemeralKinds.has(event.kind)) return
    pending.push(event)
    if (pending.length >= mostPending) return handOut()
    if (pending.length > 1) return
    setTimeout(handOut, Math.max(firstMillis, handedOutAtMillis + restMillis - performance.now()))
  })

  const startOf = (since: Since) => replayStart(ring, since.seq, since.epoch === undefined || since.epoch === epoch)

  const accept: EventStream["Type"]["accept"] = (socket, since, raw) => {
    // A replay goes to the newest; what waits to be handed out is on its way to the others only.
    handOut()
    const start = startOf(since)
    const client: Client = {
      socket,
      raw,
      onFlushed: () => {
        if (isBehind(client) && socket.bufferedAmount <= lowWater) pump(client)
      },
      cursor: start.cursor,
      missedChunks: 0,
      lastPongMillis: clock.unsafeCurrentTimeMillis()
    }
    socket.on("error", () => socket.terminate())
    socket.on("close", () => clients.delete(client))
    socket.on("pong", () => {
      client.lastPongMillis = clock.unsafeCurrentTimeMillis()
    })
    clients.add(client)
    socket.ping()
    if (start.gap) socket.send(gapNotice(since.seq), client.onFlushed)
    pump(client)
  }

  yield* Effect.gen(function* () {
    yield* Effect.sleep(pingEvery)
    const now = yield* Clock.currentTimeMillis
    for (const client of clients) {
      if (now - client.lastPongMillis > silentAfterMillis) client.socket.terminate()
      else client.socket.ping()
    }
  }).pipe(Effect.forever, Effect.forkScoped)

  return EventStream.of({
    accept,
    epoch,
    replay: (since) =>
      Effect.sync((): Replay => {
        handOut()
        const { cursor, gap } = startOf(since)
        const kept = Array.from({ length: ring.last - cursor }, (_, i) => ring.at(cursor + 1 + i) ?? "")
        return {
          events: kept.map((text): unknown => JSON.parse(text)),
          gap,
          oldestAvailable: gap ? ring.oldest : since.seq,
          epoch
        }
      }),
    clientCount: Effect.sync(() => clients.size)
  })
})

export class EventStream extends Context.Tag("relay-broker/api/EventStream")<
  EventStream,
  {
    /** Takes over an open socket: the replay after `since`, then live events, until it closes. */
    readonly accept: (socket: WebSocket, since: Since, raw: Writable) => void
    readonly replay: (since: Since) => Effect.Effect<Replay>
    /** Another one in every run of a broker: a number of an event is a place in one run only. */
    readonly epoch: string
    readonly clientCount: Effect.Effect<number>
  }
>() {
  static readonly layer = Layer.scoped(EventStream, make)
}

// The query of the event routes: `sinceSeq`, or `since_seq`; 0 when absent. Ours: `epoch`, the run of the broker that
// the number is of, as replays and gap notices tell it.

interface Since {
  readonly seq: number
  readonly epoch: string | undefined
}

/** Left: the sentence to refuse with (400, `text/plain`). */
export const readSinceSeq = (url: string): Either.Either<Since, string> => {
  const query = queryOf(url)
  const given = query.get("sinceSeq") ?? query.get("since_seq") ?? "0"
  return /^\d{1,15}$/.test(given)
    ? Either.right({ seq: Number(given), epoch: query.get("epoch") ?? undefined })
    : Either.left("Failed to deserialize query string: sinceSeq: expected a non-negative integer")
}
