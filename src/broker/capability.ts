/**
 * What `--capability` may name: a program that this broker spawns itself, as `codex` or `spawn:codex`. Everything else needs
 * a sidecar's handler, and bare `spawn` and `release` would be captured for the whole workspace.
 */
export const spawnCapability = (given: string): string | undefined => {
  const harness = given.trim().replace(/^spawn:/, "")
  return harness === "" || /\s/.test(harness) || ["spawn", "release"].includes(given.trim())
    ? undefined
    : `spawn:${harness}`
}
