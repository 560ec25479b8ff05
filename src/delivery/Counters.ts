/** Named counts since the start, for people who ask where messages stop. */
import type { DeliveryCounters } from "./Deliveries.ts"

export const makeCounters = () => {
  const counts = new Map<string, number>()
  return {
    add: (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1),
    read: (): DeliveryCounters => Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)))
  }
}

export type Counters = ReturnType<typeof makeCounters>
