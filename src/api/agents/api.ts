/** The part of the local API that changes a running agent: model, channels, interrupt. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { InjectionMode } from "../../domain/Message.ts"
import { DeliveryMode } from "../../domain/Receipt.ts"
import { ChannelsBody, ModeBody, ModelBody, ResultBody } from "../Bodies.ts"
import { ByName, coded, legacy, plain, withQuery } from "../http/described.ts"
import * as Shapes from "../Shapes.ts"

const { get, post, put } = HttpApiEndpoint

export class ControlGroup extends HttpApiGroup.make("control")
  .add(
    post("model", "/api/spawned/:name/model")
      .setPath(ByName)
      .setPayload(ModelBody)
      .addSuccess(Shapes.ModelResult)
      .addError(legacy(400))
      .addError(legacy(500))
      .addError(legacy(504))
      .annotate(OpenApi.Summary, "Types `/model <model>` into the terminal; answered when it was entered")
  )
  .add(
    post("subscribe", "/api/spawned/:name/subscribe")
      .setPath(ByName)
      .setPayload(ChannelsBody)
      .addSuccess(Shapes.ChannelsResult)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Adds channels, here and, as the agent, at the engine; answers with all of them")
  )
  .add(
    post("unsubscribe", "/api/spawned/:name/unsubscribe")
      .setPath(ByName)
      .setPayload(ChannelsBody)
      .addSuccess(Shapes.ChannelsResult)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Takes channels away; answers with what is left")
  )
  .add(
    post("interrupt", "/api/agents/by-name/:name/interrupt")
      .setPath(ByName)
      .addError(legacy(501))
      .annotate(OpenApi.Summary, "Not supported: send with `mode: steer`, which interrupts the turn first")
  ) {}

// What the routes about held messages answer.

const Text = Schema.String
const Count = Schema.Number
const known = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const ModeResult = Schema.Struct({ mode: DeliveryMode })
const ModeSet = Schema.Struct({ mode: DeliveryMode, flushed: Count })
const Flushed = Schema.Struct({ flushed: Count })

export const HeldEntry = Schema.Struct({
  from: Text,
  body: Text,
  target: Text,
  priority: Count,
  mode: InjectionMode,
  queued_at_ms: Count,
  thread_id: known(Text),
  workspace_id: known(Text),
  workspace_alias: known(Text),
  event_id: known(Text)
})

const PendingList = Schema.Struct({ pending: Schema.Array(HeldEntry) })

// The description of the routes that show an agent's terminal, type into it, and hold messages back from it.

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
      .addSuccess(ModeResult)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "How messages reach the agent")
  )
  .add(
    put("setDeliveryMode", "/api/spawned/:name/delivery-mode")
      .setPath(ByName)
      .setPayload(ModeBody)
      .addSuccess(ModeSet)
      .addError(coded(400))
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Holds what comes (`manual_flush`), or types it when it can be (`auto_inject`)")
  )
  .add(
    get("pending", "/api/spawned/:name/pending")
      .setPath(ByName)
      .addSuccess(PendingList)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Messages that are held, first one first")
  )
  .add(
    post("flush", "/api/spawned/:name/flush")
      .setPath(ByName)
      .addSuccess(Flushed)
      .addError(coded(404))
      .annotate(OpenApi.Summary, "Lets go what is held now, without a change of mode")
  ) {}

// `POST /api/agent-result`: what an agent's own program hands in, under its own token.

const ResultAccepted = Schema.Struct({
  success: Schema.Literal(true),
  name: Schema.String,
  result_id: Schema.String
})

export class ResultGroup extends HttpApiGroup.make("result").add(
  HttpApiEndpoint.post("agentResult", "/api/agent-result")
    .setPayload(ResultBody)
    .addSuccess(ResultAccepted)
    .addError(legacy(400))
    .addError(legacy(401))
    .annotate(
      OpenApi.Summary,
      "A structured result of an agent, with the token its program was given (`X-Agent-Result-Token` or bearer)"
    )
    .annotate(OpenApi.Override, { security: [{ result: [] }] })
) {}
