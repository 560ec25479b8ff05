/** The last ids seen: remembers at least `capacity` and at most twice that, oldest forgotten first, in two generations. */
import * as HashSet from "effect/HashSet"

export interface RecentIds {
  readonly capacity: number
  readonly current: HashSet.HashSet<string>
  readonly previous: HashSet.HashSet<string>
}

export const make = (capacity: number): RecentIds => ({
  capacity,
  current: HashSet.empty(),
  previous: HashSet.empty()
})

export const has = (ids: RecentIds, id: string): boolean =>
  HashSet.has(ids.current, id) || HashSet.has(ids.previous, id)

export const add = (ids: RecentIds, id: string): RecentIds => {
  if (has(ids, id)) return ids
  const current = HashSet.add(ids.current, id)
  return HashSet.size(current) <= ids.capacity
    ? { ...ids, current }
    : { capacity: ids.capacity, previous: ids.current, current: HashSet.make(id) }
}
