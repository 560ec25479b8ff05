/**
 * Which spans leave the process. Every `Effect.fn` makes one; only what people look for is recorded: a `delivery`, an
 * `invocation`, and what happens inside of them. Credentials and headers never become attributes.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { redacted } from "../domain/redacted.ts"

/** Spans that are recorded although nothing recorded surrounds them. */
const roots: ReadonlySet<string> = new Set(["delivery", "invocation"])

const withheld = /header|^url\.(full|query)$/

const recorders = new WeakSet<Tracer.Tracer>()

/** The tracer in use when it records; undefined when spans go nowhere, so that nobody need make any. */
export const recorder: Effect.Effect<Tracer.Tracer | undefined> = Effect.map(Effect.tracer, (tracer) =>
  recorders.has(tracer) ? tracer : undefined
)

class Unrecorded implements Tracer.Span {
  readonly _tag = "Span"
  readonly traceId = "0".repeat(32)
  readonly spanId = "0".repeat(16)
  readonly sampled = false
  readonly attributes = new Map<string, unknown>()
  readonly status: Tracer.SpanStatus
  readonly name: string
  readonly parent: Tracer.Span["parent"]
  readonly context: Tracer.Span["context"]
  readonly links: ReadonlyArray<Tracer.SpanLink>
  readonly kind: Tracer.SpanKind

  constructor(...[name, parent, context, links, startTime, kind]: Parameters<Tracer.Tracer["span"]>) {
    this.name = name
    this.parent = parent
    this.context = context
    this.links = links
    this.kind = kind
    this.status = { _tag: "Started", startTime }
  }

  end() {}
  attribute() {}
  event() {}
  addLinks() {}
}

/** `inner` for what is to be recorded. */
export const selecting = (inner: Tracer.Tracer): Tracer.Tracer => {
  const tracer = Tracer.make({
    span: (...given) => {
      const [name, parent] = given
      const isWanted = Option.match(parent, { onNone: () => roots.has(name), onSome: ({ sampled }) => sampled })
      if (!isWanted) return new Unrecorded(...given)
      const span = inner.span(...given)
      const attribute = span.attribute.bind(span)
      return Object.assign(span, {
        attribute: (key: string, value: unknown) => {
          if (!withheld.test(key)) attribute(key, typeof value === "string" ? redacted(value) : value)
        }
      })
    },
    context: (f, fiber) => inner.context(f, fiber)
  })
  recorders.add(tracer)
  return tracer
}
