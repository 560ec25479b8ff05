/** Who a local send is from. */
const ownNames: ReadonlySet<string> = new Set(["dashboard", "human:dashboard", "human:orchestrator", "orchestrator"])

/** Missing, blank, or one of the names that mean "the person at this broker": the broker's own name. `human:` is trimmed. */
export const senderName = (from: string | undefined, self: string): string => {
  const name = from?.trim() ?? ""
  if (name === "" || ownNames.has(name.toLowerCase()) || name.toLowerCase() === self.toLowerCase()) return self
  return name.startsWith("human:") ? name.slice("human:".length).trim() || self : name
}
