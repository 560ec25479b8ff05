/** Against real HTTP servers: one that answers, one that fails, one that never answers. */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import { Alerts } from "../../src/alerts/Alerts.ts"
import { queueLimit, type WebhookBody, webhook } from "../../src/alerts/Webhook.ts"
import { LinkLost, UnknownFrame } from "../../src/domain/Errors.ts"
import { Events } from "../../src/events/Events.ts"
import * as Metrics from "../../src/telemetry/Metrics.ts"
import { until } from "../support/until.ts"

const path = "/services/T0/B0/very-secret-part"
const sender = { instance: "rig", host: "box", version: "1" }

const makeServer = (answer: (response: ServerResponse, body: WebhookBody, nth: number) => void) =>
  Effect.gen(function* () {
    const bodies: Array<WebhookBody> = []
    const server = createServer((request, response) => {
      let text = ""
      request.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk
      })
      request.on("end", () => {
        const body: WebhookBody = JSON.parse(text)
        bodies.push(body)
        answer(response, body, bodies.length)
      })
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.sync(() => {
          server.closeAllConnections()
          server.close()
        })
    )
    return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}` }
  })

const makeAlerts = (url: string, logs: Array<string> = []) =>
  Effect.map(
    Layer.build(
      webhook({ url: Redacted.make(url), sender, tryMillis: 150, retryMillis: 10 }).pipe(
        Layer.provideMerge(Alerts.layer),
        Layer.provide([Events.layer, FetchHttpClient.layer]),
        Layer.provide(
          Logger.replace(
            Logger.defaultLogger,
            Logger.make(({ message }) => void logs.push(String(message)))
          )
        )
      )
    ),
    Context.get(Alerts)
  )

describe("the alert webhook", () => {
  it.scopedLive("posts what is raised and resolved, in order, repetitions not", () =>
    Effect.gen(function* () {
      const { bodies, url } = yield* makeServer((response) => void response.writeHead(204).end())
      const alerts = yield* makeAlerts(url)
      yield* alerts.raise(new LinkLost({ reason: "gone with nt_live_0123456789abcdef" }), "node_1")
      yield* alerts.raise(new LinkLost({ reason: "gone" }), "node_1")
      yield* alerts.resolve("LinkLost", "node_1")
      yield* until(() => bodies.length >= 2)
      const [raised, resolved] = bodies
      assert.deepInclude(raised, {
        kind: "alert_raised",
        code: "LinkLost",
        severity: "error",
        subject: "node_1",
        count: 1,
        message: "node socket lost: gone with nt_<redacted>",
        resolved: null,
        broker: sender
      })
      assert.deepInclude(resolved, { kind: "alert_resolved", count: 2, resolution: "resolved" })
      assert.isTrue(raised?.text.startsWith("[error] LinkLost on rig@box: node socket lost"), raised?.text)
      assert.notInclude(JSON.stringify(bodies), "0123456789abcdef")
    })
  )

  it.scopedLive("tries again while the server is in trouble, and not when it refuses", () =>
    Effect.gen(function* () {
      const { bodies, url } = yield* makeServer(
        (response, { subject }, nth) => void response.writeHead(subject === "refused" ? 404 : nth < 3 ? 500 : 200).end()
      )
      const alerts = yield* makeAlerts(url)
      yield* alerts.raise(new UnknownFrame({ frameType: "x" }), "tried")
      yield* alerts.raise(new UnknownFrame({ frameType: "x" }), "refused")
      yield* alerts.raise(new UnknownFrame({ frameType: "x" }), "last")
      yield* until(() => bodies.at(-1)?.subject === "last")
      assert.deepStrictEqual(
        bodies.map(({ subject }) => subject),
        ["tried", "tried", "tried", "refused", "last"]
      )
    })
  )

  it.scopedLive("gives up on one that always fails after four tries, names its origin only, and goes on", () =>
    Effect.gen(function* () {
      const { bodies, url } = yield* makeServer(
        (response, { subject }) => void response.writeHead(subject === "bad" ? 503 : 200).end()
      )
      const logs: Array<string> = []
      const alerts = yield* makeAlerts(url, logs)
      yield* alerts.raise(new UnknownFrame({ frameType: "x" }), "bad")
      yield* alerts.raise(new UnknownFrame({ frameType: "x" }), "good")
      yield* until(() => bodies.at(-1)?.subject === "good")
      assert.strictEqual(bodies.filter(({ subject }) => subject === "bad").length, 4)
      const warning = logs.find((line) => line.includes("alert webhook"))
      assert.include(warning, "HTTP 503")
      assert.notInclude(logs.join("\n"), "very-secret-part")
    })
  )

  it.scopedLive("never blocks who raises, however long the server hangs, and keeps a bounded queue", () =>
    Effect.gen(function* () {
      const { bodies, url } = yield* makeServer(() => {})
      const alerts = yield* makeAlerts(url)
      const dropped = Metrics.webhookPosts.read("dropped")
      const started = process.hrtime.bigint()
      for (let i = 0; i < queueLimit * 2; i++) yield* alerts.raise(new UnknownFrame({ frameType: "x" }), `type-${i}`)
      const millis = Number(process.hrtime.bigint() - started) / 1e6
      assert.isBelow(millis, 1_000)
      // The one being posted is in neither.
      assert.isAtLeast(Metrics.webhookPosts.read("dropped") - dropped, queueLimit - 1)
      // Each try is cut off; after the last one it goes on to the oldest that was kept.
      const first = () => bodies.filter(({ subject }) => subject === bodies[0]?.subject).length
      yield* until(() => bodies.length > first())
      assert.isAtMost(first(), 4)
    })
  )
})
