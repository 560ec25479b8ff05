/**
 * What the engine does not carry of a message that was sent from here: who it is from when the broker had to post it, its
 * thread, priority and mode. Agents of this node get the engine's copy, as everyone does, once; it is completed before it
 * is stored. The copy may come before the engine's answer to the post: until then it is known by its channel, text and poster.
 *
 * Invariants: 1. a copy is completed by at most one post · 2. at most `mostKnown` answered posts are remembered, the latest.
 */
import type { RelayMessage } from "../domain/Message.ts"

/** A post to a channel, as it will come back. */
export interface Post {
  readonly target: string
  readonly text: string
  /** Whose token it is posted with. */
  readonly postedAs: string
  /** The message as it was meant, without its id. */
  readonly meant: Omit<RelayMessage, "id" | "workspace">
}

export interface SentHere {
  readonly begin: (post: Post) => void
  /** The engine answered: with the message's id, or not at all. */
  readonly settle: (post: Post, id: string | undefined) => void
  readonly complete: (message: RelayMessage) => RelayMessage
}

const mostKnown = 1_000

const sameName = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()

export const make = (): SentHere => {
  const open = new Map<Post, string | undefined>()
  const known = new Map<string, Post>()
  const find = (message: RelayMessage): Post | undefined => {
    const post = known.get(message.id)
    if (post !== undefined) return post
    for (const [candidate, id] of open) {
      if (id !== undefined && id !== message.id) continue
      const { postedAs, target, text } = candidate
      if (target !== message.target || text !== message.text || !sameName(postedAs, message.from)) continue
      open.set(candidate, message.id)
      return candidate
    }
    return undefined
  }
  return {
    begin: (post) => void open.set(post, undefined),
    settle: (post, id) => {
      open.delete(post)
      if (id === undefined) return
      known.set(id, post)
      for (const oldest of known.keys()) {
        if (known.size <= mostKnown) break
        known.delete(oldest)
      }
    },
    complete: (message) => {
      const post = find(message)
      return post === undefined ? message : { ...message, ...post.meant }
    }
  }
}
