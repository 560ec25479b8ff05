/** `relay-broker dead-letters purge <id>… | --all` */
import * as Effect from "effect/Effect"
import { Purged } from "../../api/DeliveryShapes.ts"
import { checkIdsOrAll } from "../checkIdsOrAll.ts"
import { defineCommand, flag, someWords } from "../defineCommand.ts"
import { UnknownDeadLetters } from "../Failures.ts"
import { brokerParameters, printJson, printLines, withBroker } from "../withBroker.ts"

const lineOf = (purged: number) =>
  purged === 0 ? "no dead letters to purge" : `${purged} dead ${purged === 1 ? "letter" : "letters"} purged`

export const deadLettersPurge = defineCommand({
  name: "dead-letters purge",
  summary: "Forget dead letters for good.",
  parameters: { all: flag("all", "Every one."), ...brokerParameters },
  positionals: { ids: someWords("id", "Delivery ids of dead letters.", { atLeast: 0 }) },
  examples: ["relay-broker dead-letters purge dlv_1", "relay-broker dead-letters purge --all"],
  run: (given) =>
    Effect.zipRight(
      checkIdsOrAll({ ...given, command: "dead-letters purge", verb: "purge" }),
      withBroker(given, ({ call }) =>
        Effect.gen(function* () {
          const purgeAt = (path: string) =>
            Effect.map(call({ method: "DELETE", path, answer: Purged }), ({ value }) => value.purged)
          const counted = given.all
            ? [{ id: "", purged: yield* purgeAt("/api/dead-letters") }]
            : yield* Effect.forEach([...new Set(given.ids)], (id) =>
                Effect.map(purgeAt(`/api/dead-letters/${encodeURIComponent(id)}`), (purged) => ({ id, purged }))
              )
          const total = counted.reduce((sum, { purged }) => sum + purged, 0)
          const unknown = given.all ? [] : counted.flatMap(({ id, purged }) => (purged === 0 ? [id] : []))
          if (given.json) yield* printJson({ purged: total })
          else if (total > 0 || given.all) yield* printLines([lineOf(total)])
          if (unknown.length > 0) yield* new UnknownDeadLetters({ ids: unknown })
        })
      )
    )
})
