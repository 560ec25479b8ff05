/** What is wrong with a name for an agent; undefined when nothing is. Clients may send any text, so only what cannot work is refused. */
export const longestName = 200

/** `self`: the broker's own name at the engine, whose token a spawn would take away. */
export const nameProblem = (name: string, self: string): string | undefined => {
  if (name.trim() === "") return "the name is empty"
  if (name !== name.trim()) return "the name begins or ends with a blank"
  if (name.length > longestName) return `the name is longer than ${longestName} characters`
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name)) return "the name has control characters"
  if (/^\.{1,2}$/.test(name)) return `'${name}' is no name`
  if (name === self) return `'${name}' is the broker's own name`
  return undefined
}
