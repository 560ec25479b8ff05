/** Where traces go, from the variables that OpenTelemetry defines for every program. Pure. */
import * as Redacted from "effect/Redacted"

type Environment = Readonly<Record<string, string | undefined>>

export interface Collector {
  /** Of traces, with its path. */
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly serviceName: string
  readonly version: string
  readonly attributes: { readonly [name: string]: string }
}

const given = (value: string | undefined): string | undefined => {
  const text = value?.trim()
  return text === undefined || text === "" ? undefined : text
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.trim())
  } catch {
    return text.trim()
  }
}

/** `a=1,b=2`, values percent-encoded, as the specification has it; what is no pair is left out. */
export const pairsOf = (text: string | undefined): { readonly [name: string]: string } =>
  Object.fromEntries(
    (text ?? "").split(",").flatMap((part) => {
      const at = part.indexOf("=")
      return at <= 0 ? [] : [[decoded(part.slice(0, at)), decoded(part.slice(at + 1))]]
    })
  )

/** Undefined: nothing is traced. The address for traces alone is taken as it is, the general one gets the path. */
export const collectorOf = (
  env: Environment,
  o: { readonly version: string; readonly instance: string; readonly host: string }
): Redacted.Redacted<Collector> | undefined => {
  if (env["OTEL_SDK_DISABLED"]?.trim().toLowerCase() === "true") return undefined
  const base = given(env["OTEL_EXPORTER_OTLP_ENDPOINT"])
  const url =
    given(env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]) ??
    (base === undefined ? undefined : `${base.replace(/\/+$/, "")}/v1/traces`)
  if (url === undefined || !URL.canParse(url)) return undefined
  return Redacted.make({
    url,
    headers: {
      ...pairsOf(env["OTEL_EXPORTER_OTLP_HEADERS"]),
      ...pairsOf(env["OTEL_EXPORTER_OTLP_TRACES_HEADERS"])
    },
    serviceName: given(env["OTEL_SERVICE_NAME"]) ?? "relay-broker",
    version: o.version,
    attributes: {
      ...pairsOf(env["OTEL_RESOURCE_ATTRIBUTES"]),
      "service.instance.id": o.instance,
      "host.name": o.host
    }
  })
}
