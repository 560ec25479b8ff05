/** The local API as data: routes, bodies, answers. The server, the OpenAPI page and the table of methods are made from it. */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { version } from "../domain/Version.ts"
import { ControlGroup, ResultGroup, TerminalGroup } from "./agents/api.ts"
import { InputBody, ReleaseBody, ResizeBody, SendBody, SpawnBody } from "./Bodies.ts"
import { NodeGroup, ObservabilityGroup } from "./broker/api.ts"
import { DeliveriesGroup } from "./deliveries/api.ts"
import { HookGroup } from "./hooks/api.ts"
import { describeApi } from "./http/describeApi.ts"
import { ByName, coded, legacy, plain } from "./http/described.ts"
import { InsightsGroup } from "./insights/api.ts"
import { InvokeGroup } from "./invocations/api.ts"

import * as Shapes from "./Shapes.ts"

const { del, get, post } = HttpApiEndpoint

export class BrokerGroup extends HttpApiGroup.make("broker")
  .add(
    get("health", "/health")
      .addSuccess(Shapes.Health)
      .annotate(OpenApi.Summary, "Liveness, and whether something is wrong")
      .annotate(OpenApi.Override, { security: [] })
  )
  .add(
    get("session", "/api/session").addSuccess(Shapes.Session).annotate(OpenApi.Summary, "Which workspace, which mode")
  )
  .add(
    post("renew", "/api/session/renew")
      .addSuccess(Shapes.Renewed)
      .annotate(OpenApi.Summary, "Keeps an ephemeral broker alive for another lease")
  )
  .add(
    get("config", "/api/config")
      .addSuccess(Shapes.BrokerConfig)
      .annotate(OpenApi.Summary, "Workspace key and memberships")
  )
  .add(
    get("status", "/api/status")
      .addSuccess(Shapes.Status)
      .annotate(OpenApi.Summary, "Agents, waiting deliveries, node session and alerts")
  )
  .add(
    post("shutdown", "/api/shutdown").addSuccess(Shapes.ShutdownResult).annotate(OpenApi.Summary, "Orderly shutdown")
  )
  .add(
    get("openapi", "/openapi.json")
      .addSuccess(Schema.Unknown)
      .annotate(OpenApi.Summary, "This description, for programs")
      .annotate(OpenApi.Override, { security: [] })
  )
  .add(
    get("docs", "/docs")
      .addSuccess(HttpApiSchema.Text({ contentType: "text/html" }))
      .annotate(OpenApi.Summary, "This description, to read")
      .annotate(OpenApi.Override, { security: [] })
  ) {}

export class AgentsGroup extends HttpApiGroup.make("agents")
  .add(
    post("spawn", "/api/spawn")
      .setPayload(SpawnBody)
      .addSuccess(Shapes.SpawnResult)
      .addError(legacy(400))
      .addError(legacy(500))
      .annotate(OpenApi.Summary, "Starts an agent; answered when its program runs")
  )
  .add(
    get("agents", "/api/spawned").addSuccess(Shapes.AgentList).annotate(OpenApi.Summary, "Live agents, oldest first")
  )
  .add(
    del("release", "/api/spawned/:name")
      .setPath(ByName)
      .setPayload(ReleaseBody)
      .addSuccess(Shapes.ReleaseResult)
      .annotate(OpenApi.Summary, "Ends an agent; also a success for a name that is not here")
  )
  .add(
    post("input", "/api/input/:name")
      .setPath(ByName)
      .setPayload(InputBody)
      .addSuccess(Shapes.InputResult)
      .addError(coded(404))
      .addError(coded(503))
      .addError(coded(504))
      .annotate(OpenApi.Summary, "Raw keystrokes; answered when the terminal took them")
  )
  .add(
    post("resize", "/api/resize/:name")
      .setPath(ByName)
      .setPayload(ResizeBody)
      .addSuccess(Shapes.ResizeResult)
      .addError(coded(400))
      .addError(coded(404))
      .addError(coded(503))
      .annotate(OpenApi.Summary, "Size of the terminal")
  ) {}

export class MessagesGroup extends HttpApiGroup.make("messages")
  .add(
    post("send", "/api/send")
      .setPayload(SendBody)
      .addSuccess(Shapes.SendResult)
      .addError(legacy(400))
      .addError(legacy(404))
      .addError(legacy(429))
      .addError(legacy(502))
      .addError(legacy(504))
      .annotate(OpenApi.Summary, "A message to an agent (`name`, `@name`) or a channel (`#name`)")
  )
  .add(
    get("replay", "/api/events/replay")
      .addSuccess(Shapes.Replay)
      .addError(plain(400))
      .annotate(OpenApi.Summary, "Kept events after `sinceSeq` (query, default 0)")
  )
  .add(
    get("stream", "/ws")
      .addSuccess(Schema.Void)
      .addError(plain(400))
      .annotate(OpenApi.Summary, "WebSocket: kept events after `sinceSeq`, then live ones; a plain GET is refused")
  )
  .add(
    get("fleet", "/api/fleet/ws")
      .addSuccess(Schema.Void)
      .addError(plain(400))
      .annotate(OpenApi.Summary, "WebSocket: a sidecar that handles actions; a plain GET is refused")
  ) {}

export class LocalApi extends HttpApi.make("relay-broker")
  .add(BrokerGroup)
  .add(AgentsGroup)
  .add(InvokeGroup)
  .add(TerminalGroup)
  .add(ControlGroup)
  .add(MessagesGroup)
  .add(DeliveriesGroup)
  .add(InsightsGroup)
  .add(ObservabilityGroup)
  .add(NodeGroup)
  .add(ResultGroup)
  .add(HookGroup)
  .annotate(OpenApi.Title, "relay-broker")
  .annotate(OpenApi.Version, version)
  .annotate(OpenApi.Transform, describeApi) {}
