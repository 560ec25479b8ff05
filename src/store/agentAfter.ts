/** The next agent name that has deliveries, in the order of names: a walk over agents that costs a look-up each. */
import type { Connection } from "./Connection.ts"

/** `agent` and the answer are as they stand in the table; "" for the first. */
export const agentAfter = (db: Connection, agent: string): string | undefined => {
  const next = db.get("SELECT min(agent) AS agent FROM deliveries WHERE agent > ?", [agent])?.["agent"]
  return typeof next === "string" ? next : undefined
}
