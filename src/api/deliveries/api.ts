/** The part of the local API about deliveries as data: traces, dead letters, counters. Errors of the coded family. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import * as DeliveryShapes from "../DeliveryShapes.ts"
import { coded, withQuery } from "../http/described.ts"
import { defaultLimit, maxLimit } from "../RecentQuery.ts"

const ById = Schema.Struct({ id: Schema.String })
const { del, get, post } = HttpApiEndpoint

const describeQuery = withQuery(
  { name: "agent", schema: { type: "string" } },
  { name: "limit", schema: { type: "integer", minimum: 1, maximum: maxLimit, default: defaultLimit } }
)

export class DeliveriesGroup extends HttpApiGroup.make("deliveries")
  .add(
    get("deliveries", "/api/deliveries")
      .addSuccess(DeliveryShapes.TraceList)
      .addError(coded(400))
      .annotate(OpenApi.Summary, "What became of the latest messages, newest first, without their text")
      .annotate(OpenApi.Transform, describeQuery)
  )
  .add(
    get("delivery", "/api/deliveries/:id")
      .setPath(ById)
      .addSuccess(DeliveryShapes.TraceView)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Every step of one delivery, or of all deliveries of a message, with their text")
  )
  .add(
    get("nodeDelivery", "/api/node-delivery")
      .addSuccess(DeliveryShapes.NodeDelivery)
      .annotate(OpenApi.Summary, "Where messages are and stop: node session, counters, mailboxes, waiting reasons")
  )
  .add(
    get("deadLetters", "/api/dead-letters")
      .addSuccess(DeliveryShapes.DeadLetterList)
      .annotate(OpenApi.Summary, "Messages that were given up, and why; newest first, without their text")
  )
  .add(
    del("purgeDeadLetters", "/api/dead-letters")
      .addSuccess(DeliveryShapes.Purged)
      .annotate(OpenApi.Summary, "Forgets all of them")
  )
  .add(
    get("deadLetter", "/api/dead-letters/:id")
      .setPath(ById)
      .addSuccess(DeliveryShapes.DeadLetterView)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "One of them, with its text")
  )
  .add(
    del("purgeDeadLetter", "/api/dead-letters/:id")
      .setPath(ById)
      .addSuccess(DeliveryShapes.Purged)
      .annotate(OpenApi.Summary, "Forgets one; also a success, of 0, for one that is not there")
  )
  .add(
    post("redeliver", "/api/dead-letters/:id/redeliver")
      .setPath(ById)
      .addSuccess(DeliveryShapes.Redelivered)
      .addError(coded(404))
      .addError(coded(429))
      .annotate(OpenApi.Summary, "Sends one again, as a new delivery, to the agent of its name that runs here now")
  ) {}
