/** The description of the routes that show an agent's terminal, type into it, and hold messages back from it. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { ModeBody } from "./Bodies.ts"
import * as Held from "./HeldShapes.ts"
import { ByName, coded, plain, withQuery } from "./http/described.ts"

const { get, post, put } = HttpApiEndpoint

export const SnapshotResult = Schema.Struct({
  format: Schema.Literal("plain", "text", "ansi"),
  rows: Schema.Int,
  cols: Schema.Int,
  /** Row and column, from 1. */
  cursor: Schema.Tuple(Schema.Int, Schema.Int),
  /** Text; for `ansi` base64 of what draws it. */
  screen: Schema.String,
  /** Ours: how much of the output is in the picture, as `position` of `worker_stream` events counts it. */
  position: Schema.Int,
  /** Ours, `ansi` only, base64: what a viewer writes after the picture before the output that follows. */
  resume: Schema.optionalWith(Schema.String, { exact: true })
})

export class TerminalGroup extends HttpApiGroup.make("terminal")
  .add(
    get("snapshot", "/api/spawned/:name/snapshot")
      .setPath(ByName)
      .addSuccess(SnapshotResult)
      .addError(coded(400))
      .addError(coded(404))
      .annotate(OpenApi.Summary, "What the terminal shows: `plain` (default), `text` or `ansi`")
      .annotate(
        OpenApi.Transform,
        withQuery({ name: "format", schema: { type: "string", enum: ["plain", "text", "ansi"], default: "plain" } })
      )
  )
  .add(
    get("inputStream", "/api/input/:name/stream")
      .setPath(ByName)
      .addSuccess(Schema.Void)
      .addError(plain(400))
      .annotate(OpenApi.Summary, "WebSocket: keystrokes in order, each acknowledged; a plain GET is refused")
  )
  .add(
    get("deliveryMode", "/api/spawned/:name/delivery-mode")
      .setPath(ByName)
      .addSuccess(Held.ModeResult)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "How messages reach the agent")
  )
  .add(
    put("setDeliveryMode", "/api/spawned/:name/delivery-mode")
      .setPath(ByName)
      .setPayload(ModeBody)
      .addSuccess(Held.ModeSet)
      .addError(coded(400))
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Holds what comes (`manual_flush`), or types it when it can be (`auto_inject`)")
  )
  .add(
    get("pending", "/api/spawned/:name/pending")
      .setPath(ByName)
      .addSuccess(Held.PendingList)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Messages that are held, first one first")
  )
  .add(
    post("flush", "/api/spawned/:name/flush")
      .setPath(ByName)
      .addSuccess(Held.Flushed)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Lets go what is held now, without a change of mode")
  ) {}
