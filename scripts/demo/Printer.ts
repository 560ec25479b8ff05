/** One line per step, with the time since the start; colours only on a terminal. */

const colour = process.stdout.isTTY === true && !process.env["NO_COLOR"]
const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)

export type Print = (step: string, detail: string) => void

export const makePrinter =
  (startedMillis: number): Print =>
  (step, detail) => {
    const seconds = ((Date.now() - startedMillis) / 1_000).toFixed(3).padStart(8)
    process.stdout.write(`${paint(2, `${seconds} s`)}  ${paint(36, step.padEnd(10))}  ${detail}\n`)
  }
