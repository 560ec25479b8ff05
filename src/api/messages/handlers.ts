/** The routes about messages and events: send, replay, and the plain requests that `/ws` and the sidecar's socket also are. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { EventStream, readSinceSeq } from "../events/EventStream.ts"
import { notAnUpgrade, text } from "../http/Reply.ts"
import { LocalApi } from "../LocalApi.ts"

import { makeSendRoute } from "./send.ts"

export const layerMessages = HttpApiBuilder.group(LocalApi, "messages", (handlers) =>
  Effect.gen(function* () {
    const stream = yield* EventStream
    const send = yield* makeSendRoute
    return handlers
      .handleRaw("send", send)
      .handleRaw("replay", ({ request }) =>
        readSinceSeq(request.url).pipe(
          Either.mapLeft((sentence) => text(400, sentence)),
          Effect.flatMap(stream.replay),
          Effect.merge
        )
      )
      .handleRaw("fleet", () => Effect.succeed(notAnUpgrade))
      .handleRaw("stream", ({ request }) =>
        Effect.succeed(
          Either.match(readSinceSeq(request.url), {
            onLeft: (sentence) => text(400, sentence),
            onRight: () => notAnUpgrade
          })
        )
      )
  })
)
