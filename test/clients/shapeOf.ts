/** The shape of an answer: which fields, of which kinds. Two answers of one shape satisfy the same readers. */

/** `path → kind`; list items are folded into one (`agents[].name`). A null says only that the field is there. */
export const shapeOf = (value: unknown, path = "$", into: Map<string, string> = new Map()): Map<string, string> => {
  const put = (kind: string) => {
    const known = into.get(path)
    if (known === undefined || known === "null") into.set(path, kind)
  }
  if (Array.isArray(value)) {
    put("array")
    for (const item of value) shapeOf(item, `${path}[]`, into)
  } else if (value === null || value === undefined) put("null")
  else if (typeof value === "object") {
    put("object")
    for (const [key, field] of Object.entries(value)) shapeOf(field, `${path}.${key}`, into)
  } else put(typeof value)
  return into
}

export interface Difference {
  readonly path: string
  readonly ours: string | undefined
  readonly theirs: string | undefined
}

/** Fields of theirs that ours lacks, or has in another kind. What ours adds is no difference. */
export const missing = (ours: unknown, theirs: unknown): ReadonlyArray<Difference> => {
  const mine = shapeOf(ours)
  return [...shapeOf(theirs)].flatMap(([path, kind]) => {
    const other = mine.get(path)
    const same = other !== undefined && (other === kind || other === "null" || kind === "null")
    return same ? [] : [{ path, ours: other, theirs: kind }]
  })
}
