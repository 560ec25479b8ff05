/** The part of the local API that changes a running agent: model, channels, interrupt. */
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import { ChannelsBody, ModelBody } from "../Bodies.ts"
import { ByName, coded, legacy } from "../http/described.ts"
import * as Shapes from "../Shapes.ts"

const { post } = HttpApiEndpoint

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
