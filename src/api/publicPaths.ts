const publicPaths: ReadonlySet<string> = new Set(["/health", "/docs", "/openapi.json", "/api/agent-result"])

/** Paths that need no key: three say nothing secret; results and hooks come with a token of their own. */
export const isPublic = (path: string): boolean => publicPaths.has(path) || path.startsWith("/hooks/")
