/** The words after `npm run bench --`. Pure. */
import * as Either from "effect/Either"

export interface Options {
  /** Another broker to measure on the same work. */
  readonly peer: string | undefined
  /** Our broker, when not the one of this checkout. */
  readonly program: string | undefined
  readonly only: ReadonlyArray<string>
  /** Fewer samples: below a minute. */
  readonly quick: boolean
  readonly json: boolean
  readonly help: boolean
}

export const usage = (names: ReadonlyArray<string>): string => `npm run bench -- [options]

  --peer <path>     a broker binary or script with the same command line, measured in the same run
  --program <path>  measure this program instead of dist/relay-broker.js
  --only <a,b>      only these of: ${names.join(", ")}
  --agents          the real agent CLIs (installed aside, about 1 GB): only that
  --quick           fewer samples, below a minute
  --json            the results as one JSON value on stdout
  --help            this page
`

/** A problem is a sentence for the user. */
export const readOptions = (
  words: ReadonlyArray<string>,
  names: ReadonlyArray<string>
): Either.Either<Options, string> => {
  let options: Options = { peer: undefined, program: undefined, only: [], quick: false, json: false, help: false }
  const left = [...words]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [flag = "", attached] = word.split(/=(.*)/s)
    switch (flag) {
      case "--agents":
        if (attached !== undefined) return Either.left(`${flag} takes no value`)
        options = { ...options, only: ["agents"] }
        break
      case "--quick":
      case "--json":
      case "--help":
        if (attached !== undefined) return Either.left(`${flag} takes no value`)
        options = { ...options, [flag.slice(2)]: true }
        break
      case "--peer":
      case "--program":
      case "--only": {
        const value = attached ?? left.shift()
        if (value === undefined || value === "" || value.startsWith("--")) return Either.left(`${flag} needs a value`)
        options = { ...options, [flag.slice(2)]: flag === "--only" ? value.split(",") : value }
        break
      }
      default:
        return Either.left(`unknown argument ${word}`)
    }
  }
  const unknown = options.only.find((name) => !names.includes(name))
  return unknown === undefined
    ? Either.right(options)
    : Either.left(`--only ${unknown}: not one of ${names.join(", ")}`)
}
