/** What goes wrong, by name: each switched on, left for a while, healed; and how soon the broker must be ready again. */
import type { FakeEngineService } from "../../src/testing/FakeEngine.ts"

export interface Trouble {
  readonly name: string
  /** `isLive`: asked of a `deliver` frame, whether it is the first one of its message. */
  readonly begin: (engine: FakeEngineService, node: string, isLive: () => boolean) => void
  /** How long it lasts, milliseconds. */
  readonly lasts: number
  /** From the healing to a ready session, milliseconds: the documented waits, with room for a busy machine. */
  readonly readyWithin: number
}

/** Back-off goes up to 30 s. */
const backoff = 45_000
/** Two of them: one before the socket says 401, one before the next token is minted. */
const twoBackoffs = 80_000

const refused = (status: number, n = 2): Trouble => ({
  name: `upgrades answered ${status}`,
  begin: (engine) => {
    engine.faults.refuseUpgrades(n, status, { retryAfter: 1 })
    engine.faults.dropSockets()
  },
  lasts: 5_000,
  readyWithin: status === 401 ? twoBackoffs : backoff
})

const closed = (code: number, reason: string): Trouble => ({
  name: `closed ${code} ${reason}`,
  begin: (engine) => engine.faults.dropSockets({ code, reason }),
  lasts: 1_000,
  // Superseded: looks every 30 s whether the node is free.
  readyWithin: reason === "superseded" ? 75_000 : backoff
})

const down = (lasts: number): Trouble => ({
  name: `engine down for ${lasts / 1_000} s`,
  begin: (engine) => engine.faults.goDown(),
  lasts,
  readyWithin: backoff
})

export const troubles: ReadonlyArray<Trouble> = [
  { name: "nothing", begin: () => {}, lasts: 5_000, readyWithin: 1_000 },
  { name: "sockets cut (1006)", begin: (engine) => engine.faults.dropSockets(), lasts: 1_000, readyWithin: backoff },
  closed(1011, "internal error"),
  closed(1012, "restart"),
  closed(1000, "superseded"),
  refused(401, 1),
  refused(403, 1),
  refused(404),
  refused(409),
  refused(426),
  refused(429),
  refused(500),
  refused(503),
  down(2_000),
  down(12_000),
  {
    name: "node token unknown",
    begin: (engine, node) => {
      engine.faults.invalidateNodeToken(node)
      engine.faults.dropSockets()
    },
    lasts: 3_000,
    readyWithin: twoBackoffs
  },
  {
    name: "mints refused",
    begin: (engine, node) => {
      engine.faults.refuseHttp("POST /v1/nodes", 2, 500, "internal_error")
      engine.faults.invalidateNodeToken(node)
      engine.faults.dropSockets()
    },
    lasts: 3_000,
    readyWithin: twoBackoffs
  },
  {
    name: "accepts and never answers",
    begin: (engine) => engine.faults.goSilent(),
    lasts: 50_000,
    readyWithin: 60_000
  },
  {
    name: "replies kept back",
    begin: (engine) => engine.faults.holdReplies(),
    lasts: 8_000,
    readyWithin: backoff
  },
  {
    name: "replies late",
    begin: (engine) => engine.faults.delayReplies("2 seconds"),
    lasts: 10_000,
    readyWithin: backoff
  },
  {
    name: "replays late and sockets cut",
    begin: (engine) => {
      engine.faults.delayReplays("2 seconds")
      engine.faults.dropSockets()
    },
    lasts: 8_000,
    readyWithin: backoff
  },
  {
    name: "deliveries twice",
    begin: (engine) => engine.faults.duplicateDeliveries(true),
    lasts: 8_000,
    readyWithin: backoff
  },
  {
    name: "one in five frames lost, late or twice",
    begin: (engine, _, isLive) => {
      let n = 0
      engine.faults.onFrame(({ type }) => {
        n += 1
        if (type === "reply" || type === "error") return "deliver"
        // A replay is one ordered stream on one socket: of its frames none goes missing without that socket.
        if (type === "deliver" && !isLive()) return n % 15 === 10 ? "duplicate" : "deliver"
        return n % 15 === 0 ? "lose" : n % 15 === 5 ? { delay: "300 millis" } : n % 15 === 10 ? "duplicate" : "deliver"
      })
    },
    lasts: 15_000,
    readyWithin: backoff
  },
  {
    name: "HTTP hangs",
    begin: (engine) => engine.faults.hangHttp("*", 4),
    lasts: 8_000,
    readyWithin: backoff
  },
  {
    name: "HTTP answered 429 and 500",
    begin: (engine) => {
      engine.faults.refuseHttp("*", 3, 429, "rate_limit_exceeded", { retryAfter: 1 })
      engine.faults.refuseHttp("*", 3, 500, "internal_error")
    },
    lasts: 8_000,
    readyWithin: backoff
  },
  {
    name: "restarts every 2 s",
    begin: (engine) => {
      for (let i = 0; i < 6; i++) {
        setTimeout(() => engine.faults.goDown(), i * 2_000)
        setTimeout(() => engine.faults.comeBack(), i * 2_000 + 1_000)
      }
    },
    lasts: 12_500,
    readyWithin: backoff
  }
]

/** Frames that no engine sends, of which the last is 10 MiB; sent to a live session. */
export const garbage: ReadonlyArray<unknown> = [
  "not json",
  "[]",
  "null",
  { v: 1, type: "deliver" },
  { v: 1, type: "reply", ok: true, id: "nobody" },
  { v: 9, type: "from.the.future", x: [1, { y: "z" }] },
  { v: 1, type: "error", code: "oops", message: "no id" },
  { v: 1, type: "context.update", filler: "x".repeat(10 * 1024 * 1024) }
]
