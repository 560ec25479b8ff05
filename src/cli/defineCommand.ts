/**
 * A command described once: what `@effect/cli` parses, what the normaliser knows, and what the help page says come from the
 * same description, so that they cannot disagree.
 */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { CommandWords } from "./argv.ts"
import type { Surroundings } from "./Surroundings.ts"

export interface Parameter<A> {
  /** With its dashes. */
  readonly name: string
  /** Another spelling, with its dash. */
  readonly alias?: string
  /** What its value is called; absent for a flag. */
  readonly value?: string
  readonly description: string
  readonly option: Options.Options<A>
  /** May be given several times. */
  readonly repeatable?: true
  /** What is wrong with a value, in words that follow the name: the parser's own sentences do not name the option. */
  readonly wrong?: (value: string) => string | undefined
}

export interface Positional<A> {
  readonly label: string
  readonly description: string
  readonly repeated: boolean
  readonly args: Args.Args<A>
}

type Parameters = { readonly [key: string]: Parameter<unknown> }
type Positionals = { readonly [key: string]: Positional<unknown> }

type Given<P extends Parameters, A extends Positionals> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never
} & { readonly [K in keyof A]: A[K] extends Positional<infer T> ? T : never }

/** What the parser hands over: two records with the keys that were described, of types it cannot tell from there. */
interface Parsed {
  readonly options: { readonly [key: string]: unknown }
  readonly args: { readonly [key: string]: unknown }
}

/** A command, ready to be parsed, checked and explained. */
export interface Entry {
  /** Its words from the program's name on: `deliveries`, `deliveries show`. */
  readonly name: string
  readonly summary: string
  readonly parameters: ReadonlyArray<Omit<Parameter<unknown>, "option" | "wrong">>
  readonly positionals: ReadonlyArray<Omit<Positional<unknown>, "args">>
  readonly passThrough: boolean
  readonly examples: ReadonlyArray<string>
  readonly words: CommandWords
  readonly subcommands: ReadonlyArray<Entry>
  /** Named by its last word, and without its subcommands. */
  readonly command: Command.Command<string, Surroundings, unknown, Parsed>
}

const valued = <A>(o: {
  readonly name: string
  readonly value: string
  readonly description: string
  readonly option: Options.Options<A>
  readonly repeatable?: true
  readonly wrong?: (value: string) => string | undefined
}): Parameter<A> => ({ ...o, name: `--${o.name}` })

const orUndefined = <A>(option: Options.Options<A>): Options.Options<A | undefined> =>
  option.pipe(Options.optional, Options.map(Option.getOrUndefined))

const filled = (text: string | undefined) => (text === undefined || text.trim() === "" ? undefined : text.trim())

/** Blank counts as absent. */
export const text = (name: string, value: string, description: string): Parameter<string | undefined> =>
  valued({ name, value, description, option: orUndefined(Options.text(name)).pipe(Options.map(filled)) })

export const secret = (
  name: string,
  value: string,
  description: string
): Parameter<Redacted.Redacted<string> | undefined> =>
  valued({ name, value, description, option: orUndefined(Options.redacted(name)) })

/** Comma-separated, a leading `#` of each is dropped; blank counts as absent. */
export const list = (
  name: string,
  value: string,
  description: string
): Parameter<ReadonlyArray<string> | undefined> => {
  const split = (given: string | undefined) => {
    const names = (given ?? "").split(",").flatMap((part) => part.trim().replace(/^#/, "") || [])
    return names.length === 0 ? undefined : names
  }
  return valued({ name, value, description, option: Options.map(orUndefined(Options.text(name)), split) })
}

/** Any number of times, in the order given. */
export const several = (
  name: string,
  value: string,
  description: string,
  wrong: (value: string) => string | undefined
): Parameter<ReadonlyArray<string>> =>
  valued({ name, value, description, option: Options.repeated(Options.text(name)), repeatable: true, wrong })

export const integer = (name: string, value: string, description: string): Parameter<number | undefined> =>
  valued({
    name,
    value,
    description,
    option: orUndefined(Options.integer(name)),
    wrong: (given) => (/^\d{1,9}$/.test(given) ? undefined : `needs a whole number, not '${given}'`)
  })

const unitMillis: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

const millisOf = (given: string): number | undefined => {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h)?$/.exec(given.trim()) ?? []
  return count === undefined ? undefined : Number(count) * (unitMillis[unit ?? "s"] ?? 0)
}

/** `90s`, `10m`, `1h`, `500ms`; a number alone is seconds. Milliseconds. */
export const duration = (name: string, description: string): Parameter<number | undefined> =>
  valued({
    name,
    value: "duration",
    description,
    option: orUndefined(Options.text(name)).pipe(
      Options.map((given) => (given === undefined ? undefined : millisOf(given)))
    ),
    wrong: (given) =>
      millisOf(given) === undefined ? `needs a duration such as 90s, 10m or 1h, not '${given}'` : undefined
  })

/** The first choice is the default. */
export const choice = <A extends string>(
  name: string,
  choices: readonly [A, ...ReadonlyArray<A>],
  description: string
): Parameter<A> =>
  valued({
    name,
    value: choices.join("|"),
    description,
    option: Options.choice(name, choices).pipe(Options.withDefault(choices[0])),
    wrong: (given) =>
      choices.some((known) => known === given) ? undefined : `needs ${choices.join(" or ")}, not '${given}'`
  })

export const flag = (name: string, description: string, alias?: string): Parameter<boolean> => ({
  name: `--${name}`,
  ...(alias === undefined ? {} : { alias }),
  description,
  option: alias === undefined ? Options.boolean(name) : Options.withAlias(Options.boolean(name), alias.slice(1))
})

export const word = (name: string, description: string): Positional<string> => ({
  label: `<${name}>`,
  description,
  repeated: false,
  args: Args.text({ name })
})

export const someWords = (
  name: string,
  description: string,
  o: { readonly atLeast: number }
): Positional<ReadonlyArray<string>> => ({
  label: o.atLeast === 0 ? `[${name}…]` : `<${name}…>`,
  description,
  repeated: true,
  args: Args.text({ name }).pipe(Args.atLeast(o.atLeast))
})

const mapValues = <A, B>(record: { readonly [key: string]: A }, f: (value: A) => B): { readonly [key: string]: B } =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))

/** Words that are not for another program. */
const countOf = (positionals: ReadonlyArray<Positional<unknown>>, passThrough: boolean) =>
  positionals.some(({ repeated }) => repeated) && !passThrough
    ? Number.POSITIVE_INFINITY
    : positionals.filter(({ repeated }) => !repeated).length

export const defineCommand = <P extends Parameters, A extends Positionals, E>(o: {
  readonly name: string
  readonly summary: string
  readonly parameters: P
  /** In order; a repeated one last. */
  readonly positionals: A
  /** The repeated positional is for another program and stands after `--`. */
  readonly passThrough?: boolean
  readonly examples: ReadonlyArray<string>
  /** Their names begin with this one's. */
  readonly subcommands?: ReadonlyArray<Entry>
  readonly run: (given: Given<P, A>) => Effect.Effect<void, E, Surroundings>
}): Entry => {
  const parameters = Object.values(o.parameters)
  const positionals = Object.values(o.positionals)
  const passThrough = o.passThrough ?? false
  const config = {
    options: Options.all(
      mapValues(o.parameters, ({ description, option }) => Options.withDescription(option, description))
    ),
    // `Args.all` of nothing throws.
    args:
      positionals.length === 0
        ? Args.map(Args.none, () => ({}))
        : Args.all(mapValues(o.positionals, ({ args, description }) => Args.withDescription(args, description)))
  }
  const handle = ({ args, options }: Parsed): Effect.Effect<void, unknown, Surroundings> =>
    o.run({ ...options, ...args } as Given<P, A>)
  return {
    name: o.name,
    summary: o.summary,
    parameters,
    positionals,
    passThrough,
    examples: o.examples,
    words: {
      flags: parameters
        .filter(({ value }) => value === undefined)
        .flatMap(({ alias, name }) => (alias === undefined ? [name] : [name, alias])),
      valued: parameters.filter(({ value }) => value !== undefined).map(({ name }) => name),
      repeatable: parameters.filter(({ repeatable }) => repeatable).map(({ name }) => name),
      wrong: (name, value) => parameters.find((parameter) => parameter.name === name)?.wrong?.(value),
      maxWords: countOf(positionals, passThrough),
      passThrough
    },
    subcommands: o.subcommands ?? [],
    command: Command.make(o.name.split(" ").at(-1) ?? "", config, handle).pipe(Command.withDescription(o.summary))
  }
}
