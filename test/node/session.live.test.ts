/**
 * The node session on real sockets, against peers that refuse, hang, starve and lie. All its times are a hundredth of the
 * real ones (heartbeat 120 ms instead of 12 s and so on), so that nothing is waited for; the proportions are the same.
 */
import { randomBytes } from "node:crypto"
import { readdirSync } from "node:fs"
import type { Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { WebSocket } from "ws"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { NodeControl } from "../../src/node/NodeControl.ts"
import type { SessionTiming } from "../../src/node/SessionTiming.ts"
import * as WsNodeLink from "../../src/node/WsNodeLink.ts"
import { type Conduct, makeHostileEngine, refuse } from "../support/hostileEngine.ts"
import { makeNodeRig } from "../support/nodeRig.ts"
import { until } from "../support/until.ts"

const timing: SessionTiming = {
  heartbeatEveryMillis: 120,
  silenceMillis: 450,
  unwrittenMillis: 300,
  watchEveryMillis: 50,
  registerDeadlineMillis: 500,
  agentDeadlineMillis: 100,
  inventoryEveryMillis: 600,
  inventoryDeadlineMillis: 300,
  inventoryRetryMillis: 300,
  elsewhereMillis: 3_000,
  awayAlertMillis: 300,
  supersededPollMillis: 300,
  reconnect: Schedule.exponential("10 millis").pipe(
    Schedule.union(Schedule.spaced("300 millis")),
    Schedule.jitteredWith({ min: 0.5, max: 1 })
  )
}
/** The longest wait, a handshake and a register; and the machine may be busy with other things. */
const readyWithinMillis = 300 + 500 + 500 + 2_000

const makeSessionWith = (times: Partial<SessionTiming>) =>
  Effect.gen(function* () {
    const engine = yield* makeHostileEngine
    const link = WsNodeLink.layer({ baseUrl: engine.baseUrl, userAgent: "test", handshakeMillis: 500 })
    const { context, events } = yield* makeNodeRig({ link, timing: times })
    const node = Context.get(context, NodeControl)
    const alerts = Context.get(context, Alerts)
    yield* node.awaitReady(5_000).pipe(Effect.orDie)
    // A busy machine may have needed more than one attempt to get here.
    const begun = events.length
    const failures = Effect.map(node.view, ({ history }) => history.filter(({ event }) => event === "Failed"))
    const failedBefore = (yield* failures).length
    return {
      engine,
      node,
      /** As they came: `+Code` raised, `-Code` resolved. */
      alertHistory: () =>
        events
          .slice(begun)
          .flatMap((event) =>
            event.kind === "alert_raised"
              ? [`+${event.code}`]
              : event.kind === "alert_resolved"
                ? [`-${event.code}`]
                : []
          ),
      /** Waits until the session has ended once more, and tells why. */
      nextFailure: (from: number) =>
        Effect.map(failures, (seen) => seen[failedBefore + from]?.reason).pipe(
          Effect.filterOrFail((reason) => typeof reason === "string"),
          Effect.retry(Schedule.spaced("10 millis").pipe(Schedule.upTo("10 seconds"))),
          Effect.orDie,
          Effect.map(String)
        ),
      wellAgain: Effect.gen(function* () {
        engine.beWell()
        yield* Effect.sleep(50)
        yield* node.awaitReady(readyWithinMillis).pipe(Effect.orDie)
        yield* until(() => Effect.map(alerts.list, ({ length }) => length === 0))
        assert.deepStrictEqual(engine.refused, [])
      })
    }
  })

const makeSession = makeSessionWith(timing)

type Session = Effect.Effect.Success<typeof makeSession>

const drop = ({ engine }: Session) => engine.each((socket) => socket.terminate())

describe("an upgrade that is refused", () => {
  it.scopedLive.each([
    [401, "token_refused", "Unauthorized"],
    [403, "forbidden", "NodeForbidden"],
    [404, "engine_refused", "EngineRejected"],
    [409, "engine_refused", "EngineRejected"],
    [426, "engine_refused", "EngineRejected"],
    [429, "rate_limited", "RateLimited"],
    [500, "engine_unavailable", "EngineUnavailable"],
    [503, "engine_unavailable", "EngineUnavailable"]
  ] as const)("with %i", ([status, reason, alert]) =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.conduct(refuse(status))
      drop(session)
      assert.match(yield* session.nextFailure(1), new RegExp(`^${reason}: `))
      yield* until(() => session.alertHistory().includes(`+${alert}`))
      // A forbidden node waits for at least 10 s, which is no injected time.
      if (status === 403) yield* session.node.reconnect("allowed now")
      yield* session.wellAgain
      assert.deepStrictEqual(session.alertHistory(), [`+${alert}`, `-${alert}`])
    })
  )

  it.scopedLive(
    "with 401 and a body: the engine says that the workspace has expired, and no token is thrown away",
    () =>
      Effect.gen(function* () {
        const session = yield* makeSession
        const body = JSON.stringify({ ok: false, error: { code: "workspace_expired", message: "" } })
        session.engine.conduct(refuse(401, ["Content-Type: application/json"], body))
        drop(session)
        assert.match(yield* session.nextFailure(1), /^workspace_expired: /)
        yield* session.node.reconnect("renewed")
        yield* session.wellAgain
        assert.deepStrictEqual(session.alertHistory(), ["+WorkspaceExpired", "-WorkspaceExpired"])
      })
  )

  it.scopedLive("with 429 and Retry-After: 1: not before a second", () =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.conduct(refuse(429, ["Retry-After: 1"]))
      drop(session)
      yield* session.nextFailure(1)
      const attempts = session.engine.attempts()
      session.engine.beWell()
      yield* Effect.sleep(800)
      assert.strictEqual(session.engine.attempts(), attempts)
      yield* session.wellAgain
    })
  )
})

describe("a peer that hangs", () => {
  const cases: ReadonlyArray<readonly [what: string, conduct: Conduct, reason: RegExp]> = [
    ["takes the connection and never answers the upgrade", () => {}, /engine_unavailable: /],
    [
      "trickles its answer to the upgrade",
      ({ socket }) => {
        const timer = setInterval(() => socket.write("H"), 20)
        socket.on("close", () => clearInterval(timer))
      },
      /engine_unavailable: /
    ],
    ["accepts and never answers", ({ accept }) => accept(() => {}), /no answer to node\.register/],
    [
      "accepts and never reads",
      ({ accept, socket }) => accept(() => void socket.pause()),
      /no answer to node\.register|silent/
    ]
  ]
  it.scopedLive.each(cases)("%s", ([_, conduct, reason]) =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.conduct(conduct)
      drop(session)
      assert.match(yield* session.nextFailure(1), reason)
      yield* session.wellAgain
    })
  )

  it.scopedLive("in the middle of a session: no longer reads", () =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.each((socket) => socket.pause())
      assert.match(yield* session.nextFailure(0), /silent for|does not read/)
      yield* session.wellAgain
    })
  )

  it.scopedLive("in the middle of a session: answers pings only", () =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.each((socket) => socket.removeAllListeners("message"))
      assert.match(yield* session.nextFailure(0), /two inventories were not answered/)
      yield* session.wellAgain
    })
  )

  it.scopedLive("in the middle of a session: trickles one endless frame", () =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.each((socket) => {
        socket.removeAllListeners("message")
        // The start of a text frame of 60,000 bytes, and then one byte at a time: alive, and of no use.
        const raw = (socket as WebSocket & { readonly _socket: Socket })._socket
        raw.write(Buffer.from([0x81, 126, 0xea, 0x60]))
        const timer = setInterval(() => raw.write("x"), 20)
        raw.on("close", () => clearInterval(timer))
      })
      assert.match(yield* session.nextFailure(0), /two inventories were not answered/)
      yield* session.wellAgain
    })
  )

  it.scopedLive("control: a healthy peer that never speaks first is kept", () =>
    Effect.gen(function* () {
      const session = yield* makeSession
      yield* Effect.sleep(3_000)
      assert.strictEqual((yield* session.node.view).sessions, 1)
    })
  )
})

describe("a session that is closed", () => {
  it.scopedLive.each([
    [1006, "link_lost"],
    [1011, "link_lost"],
    [1012, "link_lost"],
    [1000, "superseded"]
  ] as const)("with %i is %s, and comes back", ([code, reason]) =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.each((socket) => {
        if (code === 1006) socket.terminate()
        else socket.close(code, code === 1000 ? "superseded" : "bye")
      })
      assert.match(yield* session.nextFailure(0), new RegExp(`^${reason}: .*${code}`))
      yield* session.wellAgain
      assert.deepStrictEqual(session.alertHistory(), code === 1000 ? ["+NodeSuperseded", "-NodeSuperseded"] : [])
    })
  )

  it.scopedLive(
    "again and again, as an engine that restarts every 2 s for a minute: well right after the last time",
    () =>
      Effect.gen(function* () {
        const session = yield* makeSession
        for (let n = 0; n < 30; n++) {
          session.engine.goDown()
          yield* Effect.sleep(10)
          session.engine.listen()
          yield* Effect.sleep(10)
        }
        yield* session.wellAgain
        assert.strictEqual((yield* session.node.view).state._tag, "Ready")
      })
  )
})

describe("nonsense", () => {
  it.scopedLive("bytes that are no frame end the session, which comes back", () =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.each((socket) => {
        const raw = (socket as WebSocket & { readonly _socket: Socket })._socket
        raw.write(Buffer.concat([Buffer.from([0xff, 0xff]), randomBytes(4_096)]))
      })
      assert.match(yield* session.nextFailure(0), /^link_lost: /)
      yield* session.wellAgain
    })
  )

  it.scopedLive("frames that make no sense are counted, and the session goes on", () =>
    Effect.gen(function* () {
      const session = yield* makeSession
      session.engine.each((socket) => {
        for (let n = 0; n < 200; n++) socket.send(randomBytes(50).toString("latin1"))
        socket.send(randomBytes(1_000), { binary: true })
        socket.send(`[${"[".repeat(50_000)}`)
      })
      yield* until(() => Effect.map(session.node.view, ({ malformedFrames }) => malformedFrames >= 202))
      const view = yield* session.node.view
      assert.deepStrictEqual([view.sessions, view.malformedFrames], [1, 202])
    })
  )

  it.scopedLive("a frame of 10 MiB is read, and its memory given back", () =>
    Effect.gen(function* () {
      const session = yield* makeSessionWith({})
      let sent = 0
      const round = Effect.gen(function* () {
        for (let n = 0; n < 2; n++) {
          session.engine.each((socket) => socket.send(`"${"x".repeat(10 * 1024 * 1024)}"`))
          sent += 1
          yield* session.node.view.pipe(
            Effect.repeat({ until: (view) => view.malformedFrames === sent, schedule: Schedule.spaced("10 millis") })
          )
        }
        return process.memoryUsage().rss
      })
      const first = yield* round
      yield* round
      yield* round
      assert.isBelow((yield* round) - first, 100 * 1024 * 1024)
      assert.strictEqual((yield* session.node.view).sessions, 1)
    })
  )
})

describe("after all that", () => {
  it.scopedLive("nothing is left open, however often it goes wrong", () =>
    Effect.gen(function* () {
      const descriptors = () => readdirSync("/proc/self/fd").length
      const session = yield* makeSession
      const bad: ReadonlyArray<Conduct> = [
        () => {},
        refuse(503),
        ({ socket }) => void socket.destroy(),
        ({ accept }) => accept(() => {}),
        ({ accept }) => accept((socket) => socket.terminate())
      ]
      const round = Effect.gen(function* () {
        for (let n = 0; n < 25; n++) {
          session.engine.conduct(bad[n % bad.length]!)
          drop(session)
          yield* Effect.sleep(60)
        }
        yield* session.wellAgain
        yield* Effect.sleep(1_500)
      })
      // The first round opens what stays open, once; what leaks grows with every round, by 5 or more.
      yield* round
      const before = descriptors()
      yield* round
      assert.isAtMost(descriptors(), before + 2)
    })
  )
})
