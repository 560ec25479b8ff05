/** A page that is shown again and again: drawn over the last one on a terminal, printed when it changed elsewhere. */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { clock } from "./AlertViews.ts"
import type { BrokerUnreachable } from "./Failures.ts"
import { dim, red } from "./Paint.ts"
import { Surroundings } from "./Surroundings.ts"

export interface Page {
  readonly raw: unknown
  readonly lines: ReadonlyArray<string>
}

const everyMillis = 2_000
const home = "\u001b[H\u001b[2J\u001b[3J"

/** Until it is interrupted. A broker that is away is said and waited for: it may be what is being looked at. */
export const watching = <E extends { readonly _tag: string }, R>(
  page: Effect.Effect<Page, E | BrokerUnreachable, R>,
  o: { readonly json: boolean }
): Effect.Effect<never, E, R | Surroundings> =>
  Effect.gen(function* () {
    const around = yield* Surroundings
    let shown = ""
    const away = (error: BrokerUnreachable): Page => ({
      raw: { unreachable: error.message },
      lines: [red(error.message), "waiting for it to come back"]
    })
    const isAway = (error: E | BrokerUnreachable): error is BrokerUnreachable => error._tag === "BrokerUnreachable"
    const draw = ({ lines, raw }: Page) =>
      Effect.gen(function* () {
        const text = o.json ? JSON.stringify(raw) : lines.join("\n")
        if (around.columns !== undefined && !o.json) {
          const at = clock(new Date(yield* Clock.currentTimeMillis).toISOString(), yield* Clock.currentTimeMillis)
          return yield* Console.log(`${home}${dim(`${at}, every ${everyMillis / 1_000} s; Ctrl-C ends`)}\n\n${text}`)
        }
        if (text === shown) return
        shown = text
        yield* Console.log(text)
      })
    return yield* page.pipe(
      Effect.catchIf(isAway, (error) => Effect.succeed(away(error))),
      Effect.flatMap(draw),
      Effect.zipRight(Effect.sleep(everyMillis)),
      Effect.forever
    )
  })
