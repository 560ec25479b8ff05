/** Waits until a broker has gone. The port is the last thing it gives up: it is gone when nothing answers there. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { ApiClient } from "./ApiClient.ts"
import { StillRunning } from "./Failures.ts"

/** A refusal is still an answer. */
export const isGone = ({ call }: ApiClient) =>
  call({ method: "GET", path: "/health", answer: Schema.Unknown }).pipe(
    Effect.as(false),
    Effect.catchAll((error) => Effect.succeed(error._tag === "BrokerUnreachable"))
  )

export const awaitGone = (client: ApiClient, patienceSeconds: number) =>
  isGone(client).pipe(
    Effect.repeat({ until: (gone) => gone, schedule: Schedule.spaced("100 millis") }),
    Effect.timeoutFail({
      duration: `${patienceSeconds} seconds`,
      onTimeout: () => new StillRunning({ url: client.url, afterSeconds: patienceSeconds })
    })
  )
