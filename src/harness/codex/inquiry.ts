/** What is found out before Codex is launched: whether it knows the model, and whether its former thread was saved. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Ask } from "../Ask.ts"
import { valueOf } from "../argvWords.ts"
import type { Findings, LaunchContext } from "../Launch.ts"
import { wantedModel } from "../model.ts"
import { findSession } from "./session.ts"

/** Offered by newer programs and accounts only. */
const checkedModel = "gpt-5.5"
const olderModel = "gpt-5.4"
const checkTimeoutMillis = 5_000

const Catalogue = Schema.parseJson(
  Schema.Struct({
    models: Schema.Array(
      Schema.Struct({ slug: Schema.String, upgrade: Schema.optionalWith(Schema.Unknown, { nullable: true }) })
    )
  })
)
const decodeCatalogue = Schema.decodeUnknownEither(Catalogue)

/** The older model when the catalogue lacks the newer one or lists it as out of date; undefined: keep what was asked for. */
export const modelInstead = (catalogue: string): string | undefined => {
  const read = decodeCatalogue(catalogue)
  if (Either.isLeft(read)) return undefined
  const entry = read.right.models.find(({ slug }) => slug === checkedModel)
  return entry === undefined || entry.upgrade !== undefined ? olderModel : undefined
}

const checkModel = ({ line, spec }: LaunchContext, ask: Ask): Effect.Effect<Findings> => {
  const model = valueOf(line.args, ["--model", "-m"]) ?? wantedModel(spec)
  if (model !== checkedModel) return Effect.succeed({})
  return Effect.gen(function* () {
    const catalogue = yield* ask.output({ command: line.command, args: ["debug", "models"] }, checkTimeoutMillis)
    const instead = Option.isNone(catalogue) ? undefined : modelInstead(catalogue.value)
    if (instead === undefined) return {}
    yield* Effect.logInfo(`${line.command} does not offer ${checkedModel}: ${spec.name} gets ${instead}`)
    return { model: instead }
  })
}

export const inquire = (context: LaunchContext, ask: Ask): Effect.Effect<Findings> =>
  Effect.zipWith(checkModel(context, ask), findSession(context, ask), (model, session) => ({ ...model, ...session }), {
    concurrent: true
  })
