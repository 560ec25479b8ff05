/**
 * Tables come in numbered steps from one version to the next; `PRAGMA user_version` says how many were taken. A step that
 * was released is never changed: a further one is added.
 */
import type { Native } from "./Libsql.ts"

/** The file was written by a later program, whose tables this one does not know. */
export class NewerVersion extends Error {
  constructor(found: number, known: number) {
    super(`written by a newer relay-broker (tables of version ${found}, this one knows ${known})`)
    this.name = "NewerVersion"
  }
}

export const versionOf = (db: Native): number => Number(db.prepare("PRAGMA user_version").get([])?.["user_version"])

/** Each step is a transaction of its own: a start that is cut short goes on where it was. */
export const migrate = (db: Native, steps: ReadonlyArray<string>): void => {
  const version = versionOf(db)
  if (version > steps.length) throw new NewerVersion(version, steps.length)
  for (const [index, step] of steps.entries()) {
    if (index < version) continue
    db.exec("BEGIN IMMEDIATE")
    try {
      db.exec(step)
      db.exec(`PRAGMA user_version = ${index + 1}`)
      db.exec("COMMIT")
    } catch (error) {
      if (db.inTransaction) db.exec("ROLLBACK")
      throw error
    }
  }
}
