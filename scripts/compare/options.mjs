// The words of the command line. Pure.
export const usage = `node scripts/compare.mjs [options]

  --broker <path>   the broker to judge (default: dist/relay-broker.js): exit 1 when it loses or acks what was never typed
  --peer <path>     another broker with the same command line, on the same work
  --only <a,b>      only these of: burst, restart, crash
  --rounds <n>      crashes of the crash scenario (default 10)
  --seed <n>        of the moments of those crashes (default 1)
  --json            the results as one JSON value on stdout, instead of a Markdown table
  --help            this page
`

export const scenarioNames = ["burst", "restart", "crash"]

const defaults = {
  broker: undefined,
  peer: undefined,
  only: scenarioNames,
  rounds: 10,
  seed: 1,
  json: false,
  help: false
}

/** `problem` is a sentence for the user. */
export const readOptions = (words) => {
  const options = { ...defaults }
  const left = [...words]
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [flag, attached] = word.split(/=(.*)/s)
    const name = flag.slice(2)
    if (flag === "--json" || flag === "--help") {
      if (attached !== undefined) return { problem: `${flag} takes no value` }
      options[name] = true
    } else if (flag.startsWith("--") && name in defaults) {
      const value = attached ?? left.shift()
      if (value === undefined || value === "" || value.startsWith("--")) return { problem: `${flag} needs a value` }
      options[name] = name === "only" ? value.split(",") : value
    } else return { problem: `unknown argument ${word}` }
  }
  const unknown = options.only.find((name) => !scenarioNames.includes(name))
  if (unknown !== undefined) return { problem: `--only ${unknown}: not one of ${scenarioNames.join(", ")}` }
  const numbers = { rounds: Number(options.rounds), seed: Number(options.seed) }
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < 1) return { problem: `--${name} needs a whole number from 1 on` }
  }
  return { ...options, ...numbers }
}
