/** `relay-broker dead-letters redeliver <id>… | --all` */
import * as Effect from "effect/Effect"
import { DeadLetterList, Redelivered } from "../../api/DeliveryShapes.ts"
import type { ApiClient } from "../ApiClient.ts"
import { checkIdsOrAll } from "../checkIdsOrAll.ts"
import { defineCommand, flag, someWords } from "../defineCommand.ts"
import { NotRedelivered } from "../Failures.ts"
import { harmless } from "../Paint.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

/** Oldest first, as they were written. Those that were sent again already are not sent twice. */
const unsent = ({ call }: ApiClient) =>
  Effect.map(call({ method: "GET", path: "/api/dead-letters", answer: DeadLetterList }), ({ value }) =>
    value.dead_letters
      .filter(({ redeliverable, redelivered_as }) => redeliverable && redelivered_as === null)
      .map(({ delivery_id }) => delivery_id)
      .reverse()
  )

const sendAgain = ({ call }: ApiClient, id: string) =>
  call({
    method: "POST",
    path: `/api/dead-letters/${encodeURIComponent(id)}/redeliver`,
    answer: Redelivered
  }).pipe(
    Effect.map((sent) => ({ _tag: "Sent" as const, ...sent })),
    // The others are sent all the same.
    Effect.catchTag("BrokerRefused", ({ reason }) => Effect.succeed({ _tag: "Refused" as const, id, reason }))
  )

export const deadLettersRedeliver = defineCommand({
  name: "dead-letters redeliver",
  summary: "Send dead letters again, as new deliveries, to the agents of their names that run here now.",
  parameters: {
    all: flag("all", "Every one that was not sent again before, oldest first."),
    ...brokerParameters
  },
  positionals: { ids: someWords("id", "Delivery ids of dead letters.", { atLeast: 0 }) },
  examples: ["relay-broker dead-letters redeliver dlv_1 dlv_2", "relay-broker dead-letters redeliver --all"],
  run: (given) =>
    Effect.zipRight(
      checkIdsOrAll({ ...given, command: "dead-letters redeliver", verb: "send again" }),
      withBroker(given, (client) =>
        Effect.gen(function* () {
          const ids = given.all ? yield* unsent(client) : [...new Set(given.ids)]
          const results = yield* Effect.forEach(ids, (id) => sendAgain(client, id))
          const sent = results.flatMap((each) => (each._tag === "Sent" ? [each] : []))
          const refused = results.flatMap((each) => (each._tag === "Refused" ? [each] : []))
          if (given.json) yield* printJson(sent.map(({ raw }) => raw))
          else if (ids.length === 0) yield* printLines(["no dead letters to send again"])
          else if (sent.length > 0) {
            yield* printLines(
              sent.map(
                ({ value }) => `${harmless(value.redelivered_from)} sent again as ${harmless(value.delivery_id)}`
              )
            )
          }
          if (refused.length > 0) yield* new NotRedelivered({ refused })
        })
      )
    )
})
