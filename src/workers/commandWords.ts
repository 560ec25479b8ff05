/** Splits a command line into words as a POSIX shell does: quotes and backslashes, and nothing else (no expansion). */
import * as Either from "effect/Either"

/** Left says what is wrong with the line. */
export const commandWords = (line: string): Either.Either<ReadonlyArray<string>, string> => {
  const words: Array<string> = []
  let word: string | undefined
  let quote: "'" | '"' | undefined
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!
    if (quote === "'") {
      if (character === "'") quote = undefined
      else word = (word ?? "") + character
    } else if (character === "\\") {
      const next = line[++i]
      if (next === undefined) return Either.left("it ends with a backslash")
      // Inside double quotes a backslash only escapes what is special there; a newline after one is a continued line.
      if (quote === '"' && !'"\\$`\n'.includes(next)) word = `${word ?? ""}\\${next}`
      else if (next !== "\n") word = (word ?? "") + next
    } else if (character === quote) {
      quote = undefined
    } else if (quote === undefined && (character === "'" || character === '"')) {
      quote = character
      word ??= ""
    } else if (quote === undefined && /[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? "") + character
    }
  }
  if (quote !== undefined) return Either.left(`a ${quote} is not closed`)
  if (word !== undefined) words.push(word)
  return words.length === 0 ? Either.left("it is empty") : Either.right(words)
}
