/**
 * Command-line words, put in order before `@effect/cli` reads them: there a repeated positional swallows whatever follows,
 * typing errors included. Known options come first, unknown ones are refused, and what follows `--` is
 * left alone. Plain functions.
 */
import { levensteinDistance } from "@effect/cli/AutoCorrect"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Either from "effect/Either"

/** What a command takes, spelled as on the command line. */
export interface CommandWords {
  readonly flags: ReadonlyArray<string>
  /** Options that take the next word as their value. */
  readonly valued: ReadonlyArray<string>
  /** Those of `valued` that may be given several times. */
  readonly repeatable?: ReadonlyArray<string>
  /** What is wrong with a value of an option, in words that follow its name; `undefined`: nothing. */
  readonly wrong?: (name: string, value: string) => string | undefined
  /** Words that are no options, at most; those after `--` not counted. */
  readonly maxWords: number
  /** Whether words may follow `--` beyond that number: they are for another program. */
  readonly passThrough?: boolean
}

const matching = CliConfig.make({ isCaseSensitive: false })
export const helpFlags: ReadonlyArray<string> = ["--help", "-h"]

const isOption = (word: string) => /^-{1,2}[a-zA-Z]/.test(word)

/** `; did you mean …?` when something known is near. */
export const suggestion = (word: string, known: ReadonlyArray<string>): string => {
  const near = (word.length < 4 ? [] : known)
    .map((candidate) => ({ candidate, distance: levensteinDistance(word, candidate, matching) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance)[0]
  return near === undefined ? "" : `; did you mean ${near.candidate}?`
}

/** Right: the words in an order that is read correctly. Left: what is wrong with them. */
export const normalise = (
  words: ReadonlyArray<string>,
  spec: CommandWords
): Either.Either<ReadonlyArray<string>, string> => {
  const known = [...spec.flags, ...spec.valued, ...helpFlags]
  const options: Array<string> = []
  const rest: Array<string> = []
  let tail: ReadonlyArray<string> = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ""
    const [name = "", ...assigned] = word.split("=")
    if (word === "--") {
      tail = words.slice(i + 1)
      break
    }
    if (!isOption(word)) {
      rest.push(word)
    } else if (spec.flags.includes(name) || helpFlags.includes(name)) {
      if (assigned.length > 0) return Either.left(`option ${name} takes no value`)
      if (!options.includes(name)) options.push(name)
    } else if (spec.valued.includes(name)) {
      const value = assigned.length > 0 ? assigned.join("=") : words[++i]
      if (value === undefined || (assigned.length === 0 && isOption(value))) {
        return Either.left(`option ${name} needs a value (${name}=-x for one that starts with a dash)`)
      }
      if (options.includes(name) && spec.repeatable?.includes(name) !== true) {
        return Either.left(`option ${name} is given twice`)
      }
      const wrong = spec.wrong?.(name, value)
      if (wrong !== undefined) return Either.left(`option ${name} ${wrong}`)
      options.push(name, value)
    } else {
      return Either.left(`unknown option ${name}${suggestion(name, known)}`)
    }
  }
  const unwanted = rest[spec.maxWords] ?? (spec.passThrough ? undefined : [...rest, ...tail][spec.maxWords])
  if (unwanted !== undefined) {
    const hint = spec.passThrough ? "; words for the program go after --" : ""
    return Either.left(`unexpected argument '${unwanted}'${hint}`)
  }
  return Either.right([...options, ...rest, ...(tail.length === 0 ? [] : ["--", ...tail])])
}
