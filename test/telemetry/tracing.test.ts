import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Tracer from "effect/Tracer"
import { collectorOf } from "../../src/telemetry/Collector.ts"
import { recorder, selecting } from "../../src/telemetry/tracing.ts"

/** A tracer that remembers what it was asked for. */
const remembering = Effect.map(Effect.tracer, (native) => {
  const spans: Array<Tracer.Span> = []
  const inner = Tracer.make({
    span: (...given) => {
      const span = native.span(...given)
      spans.push(span)
      return span
    },
    context: (f, fiber) => native.context(f, fiber)
  })
  return { spans, tracer: selecting(inner) }
})

describe("what is traced", () => {
  it.effect("is an invocation with what happens in it, and nothing else", () =>
    Effect.gen(function* () {
      const { spans, tracer } = yield* remembering
      const inside = Effect.void.pipe(Effect.withSpan("inside"))
      yield* inside.pipe(
        Effect.withSpan("invocation", { root: true }),
        Effect.zipRight(inside),
        Effect.zipRight(inside.pipe(Effect.withSpan("some service"))),
        Effect.withTracer(tracer)
      )
      assert.deepStrictEqual(
        spans.map(({ name }) => name),
        ["invocation", "inside"]
      )
    })
  )

  it.effect("has no header, no query and no credential in it", () =>
    Effect.gen(function* () {
      const { spans, tracer } = yield* remembering
      yield* Effect.annotateCurrentSpan({
        "http.request.header.x-relaycast-node-token": "nt_live_0123456789abcdef",
        "url.query": "token=nt_live_0123456789abcdef",
        "relay.note": "key rk_live_0123456789abcdef"
      }).pipe(Effect.withSpan("invocation", { root: true }), Effect.withTracer(tracer))
      assert.deepStrictEqual([...spans[0]!.attributes], [["relay.note", "key rk_<redacted>"]])
    })
  )

  it.effect("is nothing at all without a collector", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* recorder)
      const { tracer } = yield* remembering
      assert.strictEqual(yield* recorder.pipe(Effect.withTracer(tracer)), tracer)
    })
  )
})

describe("the collector", () => {
  const about = { version: "1", instance: "rig", host: "box" }
  const of = (env: Record<string, string>) => {
    const found = collectorOf(env, about)
    return found === undefined ? undefined : Redacted.value(found)
  }

  it("is what the variables of OpenTelemetry say", () => {
    assert.isUndefined(of({}))
    assert.isUndefined(of({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", OTEL_SDK_DISABLED: "true" }))
    assert.isUndefined(of({ OTEL_EXPORTER_OTLP_ENDPOINT: "nonsense" }))
    assert.deepStrictEqual(
      of({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318/",
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20x, tenant = a ,broken",
        OTEL_SERVICE_NAME: "mine",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=lab"
      }),
      {
        url: "http://c:4318/v1/traces",
        headers: { authorization: "Bearer x", tenant: "a" },
        serviceName: "mine",
        version: "1",
        attributes: { "deployment.environment": "lab", "service.instance.id": "rig", "host.name": "box" }
      }
    )
    assert.strictEqual(of({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://t/x" })?.url, "http://t/x")
  })
})
