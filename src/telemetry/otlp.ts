/** Traces to an OpenTelemetry collector, OTLP over HTTP with JSON. Loaded only when one is configured. */
import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Collector } from "./Collector.ts"
import { selecting } from "./tracing.ts"

/** Waited for at the end of the broker, so that the last spans leave; a collector that hangs costs no more. */
const shutdownMillis = 500

export const tracingTo = ({ attributes, headers, serviceName, url, version }: Collector): Layer.Layer<never> =>
  Layer.unwrapScoped(
    Effect.map(
      OtlpTracer.make({
        url,
        headers,
        resource: { serviceName, serviceVersion: version, attributes },
        exportInterval: "2 seconds",
        shutdownTimeout: shutdownMillis
      }),
      (tracer) => Layer.setTracer(selecting(tracer))
    )
  ).pipe(Layer.provide([OtlpSerialization.layerJson, NodeHttpClient.layer]))
