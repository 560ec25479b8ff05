/**
 * Posts what is raised and resolved to an address of the operator's (`RELAY_ALERT_WEBHOOK`). Never in anybody's way: a
 * bounded queue that drops its oldest, one post at a time, each tried a few times and then given up with a warning.
 *
 * The address may hold a secret (most chat services put one in its path): it is shown as its origin only. The body holds
 * no credential: texts of alerts are redacted where they are raised.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { WebhookFailed } from "../domain/Errors.ts"
import * as Metrics from "../telemetry/Metrics.ts"
import { type Alert, type AlertChange, Alerts } from "./Alerts.ts"
import type { Severity } from "./Catalogue.ts"

/** Who says it: what an operator with many brokers needs to know. */
export interface Sender {
  readonly instance: string
  readonly host: string
  readonly version: string
}

export interface WebhookOptions {
  readonly url: Redacted.Redacted<string>
  readonly sender: Sender
  /** For tests: how long one try may take, and how long to wait before the second. */
  readonly tryMillis?: number
  readonly retryMillis?: number
}

/** The body of one post, JSON. `text` is for services that show one line (Slack, Mattermost, Discord through `content`). */
export interface WebhookBody {
  readonly kind: "alert_raised" | "alert_resolved"
  readonly code: string
  readonly severity: Severity
  readonly subject: string
  /** ISO 8601. */
  readonly since: string
  readonly last: string
  readonly count: number
  readonly message: string
  readonly meaning: string
  readonly remedy: string
  readonly resolved: string | null
  readonly resolution: string | null
  readonly broker: Sender
  readonly text: string
  readonly content: string
}

export const queueLimit = 100
const tryMillis = 5_000
const retryMillis = 1_000
/** Three more tries: after 1, 2 and 4 s. */
const again = (firstMillis: number) => Schedule.exponential(firstMillis).pipe(Schedule.intersect(Schedule.recurs(3)))

const iso = (millis: number) => new Date(millis).toISOString()

const lineOf = (kind: WebhookBody["kind"], alert: Alert, { host, instance }: Sender): string =>
  kind === "alert_raised"
    ? `[${alert.severity}] ${alert.code} on ${instance}@${host}: ${alert.message}. ${alert.remedy}`
    : `[resolved] ${alert.code} on ${instance}@${host}: ${alert.subject}`

export const bodyOf = (change: Exclude<AlertChange, { _tag: "Repeated" }>, sender: Sender): WebhookBody => {
  const { alert } = change
  const kind = change._tag === "Raised" ? "alert_raised" : "alert_resolved"
  const text = lineOf(kind, alert, sender)
  const past = change._tag === "Resolved" ? change.alert : undefined
  return {
    kind,
    code: alert.code,
    severity: alert.severity,
    subject: alert.subject,
    since: iso(alert.sinceMillis),
    last: iso(alert.lastMillis),
    count: alert.count,
    message: alert.message,
    meaning: alert.meaning,
    remedy: alert.remedy,
    resolved: past === undefined ? null : iso(past.resolvedMillis),
    resolution: past?.resolution ?? null,
    broker: sender,
    text,
    content: text
  }
}

/** Another try may help: nothing came back, the server is in trouble, or it asks for patience. */
const mayPass = ({ status }: WebhookFailed): boolean => status === undefined || status >= 500 || status === 429

const make = ({ sender, url, ...options }: WebhookOptions) =>
  Effect.gen(function* () {
    const alerts = yield* Alerts
    const client = yield* HttpClient.HttpClient
    const address = Redacted.value(url)
    const { origin } = new URL(address)
    const queue = yield* Mailbox.make<WebhookBody>({ capacity: queueLimit, strategy: "sliding" })
    const limit = options.tryMillis ?? tryMillis

    const post = (body: WebhookBody) =>
      Effect.scoped(
        client.execute(HttpClientRequest.post(address).pipe(HttpClientRequest.setBody(HttpBody.unsafeJson(body))))
      ).pipe(
        // The cause of a failed request repeats the address.
        Effect.mapError(() => new WebhookFailed({ origin, reason: "no answer" })),
        Effect.timeoutFail({
          duration: limit,
          onTimeout: () => new WebhookFailed({ origin, reason: `no answer within ${limit} ms` })
        }),
        Effect.flatMap(({ status }) =>
          status < 400 ? Effect.void : Effect.fail(new WebhookFailed({ origin, status, reason: `HTTP ${status}` }))
        )
      )

    const send = (body: WebhookBody) =>
      post(body).pipe(
        Effect.retry({ schedule: again(options.retryMillis ?? retryMillis), while: mayPass }),
        Effect.tap(() => Effect.sync(() => Metrics.webhookPosts.add("ok"))),
        Effect.catchTag("WebhookFailed", (error) => {
          Metrics.webhookPosts.add("given_up")
          return Effect.logWarning(`${body.kind} ${body.code}: ${error.message}`)
        })
      )

    yield* alerts.listen((change) => {
      if (change._tag === "Repeated") return
      if (Option.exists(queue.unsafeSize(), (size) => size >= queueLimit)) Metrics.webhookPosts.add("dropped")
      queue.unsafeOffer(bodyOf(change, sender))
    })
    yield* queue.take.pipe(
      Effect.flatMap(send),
      Effect.forever,
      Effect.catchTag("NoSuchElementException", () => Effect.void),
      Effect.forkScoped
    )
  })

export const webhook = (options: WebhookOptions): Layer.Layer<never, never, Alerts | HttpClient.HttpClient> =>
  Layer.scopedDiscard(make(options))
