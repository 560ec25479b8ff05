/** The name this program was called by: it answers to two, and clients look at the one they know. Plain function. */
import { basename } from "node:path"

/** A file name of the program itself, rather than of a link to it, says nothing. */
export const programName = (script: string | undefined): string => {
  const name = basename(script ?? "").replace(/\.(js|mjs|cjs|ts|exe)$/, "")
  return name === "" || name === "main" ? "relay-broker" : name
}
