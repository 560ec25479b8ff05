/**
 * The file in which a user describes further CLI families (docs/harnesses.md). Unknown fields are mistakes, patterns and keys
 * are checked when the file is read, and a mistake is told in one line with the field's place.
 */
import { existsSync, readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { ConfigInvalid } from "../domain/Errors.ts"
import { configuredHarness } from "./configured.ts"
import type { HarnessChoice } from "./Harness.ts"
import { readKeys } from "./keyNames.ts"

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const Pattern = Schema.transformOrFail(Schema.NonEmptyString, Schema.instanceOf(RegExp), {
  strict: true,
  decode: (text, _, ast) =>
    ParseResult.try({
      try: () => new RegExp(text, "u"),
      catch: (error) => new ParseResult.Type(ast, text, (error as Error).message)
    }),
  encode: ({ source }) => ParseResult.succeed(source)
})

const Keys = Schema.transformOrFail(Schema.NonEmptyString, Schema.Array(Schema.String), {
  strict: true,
  decode: (text, _, ast) => Either.mapLeft(readKeys(text), (problem) => new ParseResult.Type(ast, text, problem)),
  encode: (keys) => ParseResult.succeed(keys.join(""))
})

const Millis = Schema.Int.pipe(Schema.between(0, 600_000))
const Names = Schema.NonEmptyArray(Schema.NonEmptyString)
const Env = Schema.Record({ key: Schema.String, value: Schema.String })

const Dialog = Schema.Struct({
  name: Schema.NonEmptyString,
  /** `starting`: only before the program was ready for the first time. */
  phase: optional(Schema.Literal("starting", "any")),
  /** All of them stand above the options. */
  says: Schema.NonEmptyArray(Pattern),
  /** How the labels of its options begin. */
  options: Schema.NonEmptyArray(Pattern),
  /** The options are chosen by keys of their own, so that none of them is marked. */
  byKey: optional(Schema.Boolean),
  /** Without them a person answers. */
  keys: optional(Keys),
  gapMillis: optional(Millis),
  times: optional(Schema.Int.pipe(Schema.between(1, 20)))
})

export const HarnessEntry = Schema.Struct({
  family: Schema.String.pipe(Schema.pattern(/^[a-z][a-z0-9-]{0,31}$/)),
  /** Names of its program; `*` stands for any text. */
  commands: Names,
  /** A known family whose rules hold where this entry says nothing; default: `generic`. */
  like: optional(Schema.NonEmptyString),
  /** Put before all others, each unless it is given already. */
  args: optional(Schema.Array(Schema.String)),
  env: optional(Env),
  model: optional(
    Schema.Union(
      Schema.Struct({ flag: Schema.NonEmptyString }),
      Schema.Struct({ env: Schema.NonEmptyString }),
      Schema.Literal("none")
    )
  ),
  readiness: optional(
    Schema.Struct({
      /** The line the cursor is on, trailing blanks kept. */
      prompt: optional(Pattern),
      /** Some row of the screen. */
      screen: optional(Pattern),
      promptMillis: optional(Millis)
    })
  ),
  busy: optional(Pattern),
  guard: optional(
    Schema.Struct({ showMillis: optional(Millis), gapMillis: optional(Millis), millisPerKiB: optional(Millis) })
  ),
  evidenceMillis: optional(Millis),
  brackets: optional(Schema.Literal("when_enabled", "always")),
  dialogs: optional(Schema.Array(Dialog)),
  exitKeys: optional(Keys),
  interrupt: optional(Schema.Struct({ keys: Keys, gapMillis: optional(Millis) })),
  reminder: optional(Schema.Literal("full", "short"))
})
export type HarnessEntry = typeof HarnessEntry.Type

const HarnessFile = Schema.Struct({ harnesses: Schema.Array(HarnessEntry) })

const decode = Schema.decodeUnknownEither(HarnessFile, { errors: "all", onExcessProperty: "error" })

/** The first mistake, with its place, as `harnesses[0].readiness.prompt`. */
const problemOf = (error: ParseResult.ParseError): string => {
  const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
  const place = (issue?.path ?? []).map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("")
  return `${place.replace(/^\./, "") || "the file"}: ${(issue?.message ?? "").replaceAll(/\s+/g, " ")}`
}

/** Left says what is wrong, in one line. */
export const readHarnessFile = (text: string): Either.Either<ReadonlyArray<HarnessChoice>, string> =>
  Either.gen(function* () {
    const json = yield* Either.try({
      try: (): unknown => JSON.parse(text),
      catch: (error) => `not JSON: ${(error as Error).message}`
    })
    const { harnesses } = yield* Either.mapLeft(decode(json), problemOf)
    return yield* Either.all(
      harnesses.map((entry, index) =>
        Either.mapLeft(configuredHarness(entry), (problem) => `harnesses[${index}].${problem}`)
      )
    )
  })

/** `mustExist`: it was asked for by name. */
export const loadHarnesses = (o: {
  readonly path: string
  readonly mustExist: boolean
}): Effect.Effect<ReadonlyArray<HarnessChoice>, ConfigInvalid> =>
  Effect.suspend(() => {
    const { mustExist, path } = o
    const invalid = (reason: string) => new ConfigInvalid({ source: path, reason })
    if (!existsSync(path)) return mustExist ? Effect.fail(invalid("no such file")) : Effect.succeed([])
    return Effect.try({
      try: () => readFileSync(path, "utf8"),
      catch: (error) => invalid((error as Error).message)
    }).pipe(Effect.flatMap((text) => Either.mapLeft(readHarnessFile(text), invalid)))
  })
