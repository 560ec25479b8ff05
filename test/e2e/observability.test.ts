/**
 * What the real program tells the outside about a message and an invocation: spans at a collector, metrics, a log file, a
 * webhook; and that no credential is in any of it.
 */
import { readdirSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { parsePrometheus } from "../telemetry/Strict.ts"
import { makeWorld, temporaryHome } from "./rig.ts"

interface Received {
  readonly path: string
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  readonly body: string
}

const sink = Effect.gen(function* () {
  const received: Array<Received> = []
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk
    })
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body })
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
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
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly events: ReadonlyArray<{ readonly name: string }>
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: { readonly stringValue?: string } }>
}
interface Traces {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: Span["attributes"] }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}

const spansOf = (received: ReadonlyArray<Received>): ReadonlyArray<Span> =>
  received.flatMap(({ body }) =>
    (JSON.parse(body) as Traces).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  )

const attributeOf = ({ attributes }: Pick<Span, "attributes">, key: string) =>
  attributes.find((each) => each.key === key)?.value.stringValue

const until = (what: string, holds: () => boolean) =>
  Effect.suspend(() => (holds() ? Effect.void : Effect.fail(new Error(`never: ${what}`)))).pipe(
    Effect.retry(Schedule.spaced("100 millis").pipe(Schedule.upTo("20 seconds")))
  )

const credentials = /\b(?:rk|at|nt|br)_(?:live_)?[0-9a-f]{16,}/g

it.scopedLive("tells of a message and an invocation, and shows no credential anywhere", () =>
  Effect.gen(function* () {
    const home = yield* temporaryHome
    const collector = yield* sink
    const hook = yield* sink
    const { broker, engine, recorder } = yield* makeWorld({
      home,
      args: ["--capability", "spawn:cat"],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=lab",
        OTEL_SERVICE_NAME: "broker-under-test",
        RELAY_ALERT_WEBHOOK: `${hook.url}/secret-path`,
        RELAY_LOG_LEVEL: "trace"
      }
    })
    const events = yield* broker.events()
    const node = engine.nodes()[0]?.name ?? ""
    yield* broker.expect("POST", "/api/spawn", recorder.spec("w1", "--echo"))
    const { messageId } = yield* engine.send({ from: "alice", to: "w1", text: "hello" })
    yield* engine.awaitAck("w1", 1)
    const invocation = yield* engine.spawn({ name: "w2", cli: "cat", target: node })
    yield* engine.awaitInvocation(invocation)
    // An alert whose words an engine filled with a credential, and a new token after a 401.
    yield* engine.sendRaw(node, { v: 1, type: "nt_live_0123456789abcdef0123456789abcdef" })
    engine.faults.invalidateNodeToken(node)
    engine.faults.dropSockets()
    yield* until("traces", () => spansOf(collector.received).some(({ name }) => name === "invocation"))
    yield* until("webhook", () => hook.received.length > 0)

    const spans = spansOf(collector.received)
    const delivery = spans.find((span) => attributeOf(span, "relay.message_id") === messageId)
    assert.strictEqual(delivery?.name, "delivery")
    assert.strictEqual(attributeOf(delivery!, "relay.agent"), "w1")
    assert.strictEqual(attributeOf(delivery!, "relay.evidence"), "echo")
    assert.deepStrictEqual(
      delivery?.events.map(({ name }) => name),
      ["waiting", "typing", "acking", "acked"]
    )
    const parts = spans.filter(({ parentSpanId }) => parentSpanId === delivery?.spanId)
    assert.deepStrictEqual(
      parts.map(({ name }) => name),
      ["delivery.waiting", "delivery.typing", "delivery.acking"]
    )
    for (const part of parts) {
      assert.strictEqual(part.traceId, delivery?.traceId)
      assert.isAtMost(Number(part.endTimeUnixNano), Number(delivery?.endTimeUnixNano))
    }
    const handled = spans.find((span) => attributeOf(span, "relay.invocation_id") === invocation)
    assert.strictEqual(attributeOf(handled!, "relay.outcome"), "ok")
    assert.isTrue(spans.some(({ parentSpanId }) => parentSpanId === handled?.spanId))
    // What nobody asked for stays here.
    const roots = new Set(spans.filter(({ parentSpanId }) => parentSpanId === undefined).map(({ name }) => name))
    assert.deepStrictEqual([...roots].sort(), ["delivery", "invocation"])
    const [first] = collector.received
    assert.deepInclude(first, { path: "/v1/traces" })
    assert.strictEqual(first?.headers["x-tenant"], "lab")
    const [resource] = (JSON.parse(first!.body) as Traces).resourceSpans
    assert.strictEqual(attributeOf(resource!.resource, "service.name"), "broker-under-test")

    const metrics = String((yield* broker.call("GET", "/metrics")).body)
    const value = (name: string, label: string) =>
      parsePrometheus(metrics)
        .get(`relay_broker_${name}`)
        ?.samples.find(
          ({ labels, name: sample }) => !sample.endsWith("_bucket") && Object.values(labels).join() === label
        )?.value
    assert.strictEqual(value("deliveries_total", "acked"), 1)
    assert.strictEqual(value("injections_total", "echo"), 1)
    assert.strictEqual(value("invocations_total", "spawn,ok"), 1)
    assert.isAtLeast(value("frames_in_total", "deliver") ?? 0, 1)

    const logs = join(home, "logs", "agentworkforce", "relay", "logs")
    const file = readdirSync(logs)
      .map((name) => readFileSync(join(logs, name), "utf8"))
      .join("")
    const records = file
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly level: string })
    assert.isAbove(records.length, 5)
    const told = [...(yield* Effect.map(events.takeAll, ([chunk]) => chunk))].map((event) => JSON.stringify(event))
    const paths = ["/health", "/api/status", "/api/alerts", "/api/alerts/history", "/api/spawned", "/api/deliveries"]
    const answers = yield* Effect.forEach(paths, (path) => Effect.map(broker.call("GET", path), JSON.stringify))
    const places = {
      stdout: broker.stdout(),
      stderr: broker.stderr(),
      file,
      metrics,
      events: told.join("\n"),
      answers: answers.join("\n"),
      traces: collector.received.map(({ body }) => body).join("\n"),
      webhook: hook.received.map(({ body }) => body).join("\n")
    }
    for (const [place, text] of Object.entries(places)) assert.deepStrictEqual(text.match(credentials), null, place)
    assert.include(places.webhook, "nt_<redacted>")
    assert.isAbove(told.length, 5)
  })
)
