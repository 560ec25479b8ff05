/**
 * Puts a snapshot and the stream of output together: pieces say where they end, the snapshot says where it stands. Pure.
 *
 * Invariant: the texts given for consecutive pieces are the output from the snapshot's position on, each code unit once,
 * until a piece says that something was missed.
 */
export interface Followed {
  /** The output up to here was seen. */
  readonly position: number
  /** What is new in the piece. */
  readonly text: string
  /** Output between what was seen and the piece never came: only a new snapshot helps. */
  readonly missed: boolean
}

export const follow = (position: number, piece: { readonly chunk: string; readonly position: number }): Followed => {
  const start = piece.position - piece.chunk.length
  if (start > position) return { position, text: "", missed: true }
  if (piece.position <= position) return { position, text: "", missed: false }
  return { position: piece.position, text: piece.chunk.slice(position - start), missed: false }
}
