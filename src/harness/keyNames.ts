/** Keys written as text: `/exit<enter>`, `<ctrl-c><ctrl-c>`, `<escape>`. `<lt>` is a `<`. */
import * as Either from "effect/Either"

const named: Readonly<Record<string, string>> = {
  enter: "\r",
  escape: "\x1b",
  tab: "\t",
  space: " ",
  backspace: "\x7f",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  lt: "<"
}

const keyOf = (name: string): string | undefined => {
  const control = /^ctrl-([a-z])$/.exec(name)?.[1]
  return control === undefined ? named[name] : String.fromCharCode(control.charCodeAt(0) - 96)
}

/** One string per key or piece of text. Left names what is no key. */
export const readKeys = (text: string): Either.Either<ReadonlyArray<string>, string> =>
  Either.all(
    [...text.matchAll(/<([^<>]*)>|[^<]+|</g)].map(([piece, name]) => {
      const key = piece.startsWith("<") ? keyOf(name ?? "") : piece
      return key === undefined ? Either.left(`unknown key ${piece}`) : Either.right(key)
    })
  )
