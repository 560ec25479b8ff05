/** The per-user data directory: `$XDG_DATA_HOME` or `~/.local/share`, and the places macOS and Windows have for it. */
import { posix, win32 } from "node:path"

export const dataDirectory = (o: {
  readonly env: { readonly [name: string]: string | undefined }
  readonly platform: NodeJS.Platform
  readonly home: string
}): string => {
  // a relative path is invalid by the XDG specification and would make the identity depend on the working directory
  const absolute = (value: string | undefined, isAbsolute: (path: string) => boolean) =>
    value !== undefined && isAbsolute(value.trim()) ? value.trim() : undefined
  switch (o.platform) {
    case "win32":
      return absolute(o.env["APPDATA"], win32.isAbsolute) ?? win32.join(o.home, "AppData", "Roaming")
    case "darwin":
      return posix.join(o.home, "Library", "Application Support")
    default:
      return absolute(o.env["XDG_DATA_HOME"], posix.isAbsolute) ?? posix.join(o.home, ".local", "share")
  }
}
