/** Which methods a path has, for the answers to what no route took: 405 with `Allow`, or 404. */
import * as HttpApi from "@effect/platform/HttpApi"
import { LocalApi } from "../LocalApi.ts"

interface Row {
  readonly segments: ReadonlyArray<string>
  readonly methods: ReadonlyArray<string>
}

const readRoutes = (): ReadonlyArray<Row> => {
  const methods = new Map<string, Array<string>>()
  HttpApi.reflect(LocalApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      const known = methods.get(endpoint.path) ?? []
      methods.set(endpoint.path, [...known, ...(endpoint.method === "GET" ? ["GET", "HEAD"] : [endpoint.method])])
    }
  })
  return [...methods].map(([path, allowed]) => ({ segments: path.split("/"), methods: allowed }))
}

let rows: ReadonlyArray<Row> | undefined
/** Not before the first call: the API describes itself with what needs these, so that it is not there yet when this is loaded. */
const routes = () => {
  rows ??= readRoutes()
  return rows
}

export const pathOf = (url: string): string => url.split("?", 1)[0] ?? ""

/** Not empty, percent-encoded UTF-8, and no bare `;`, at which the router ends a path: it takes nothing else either. */
const isParameter = (segment: string): boolean => {
  try {
    return decodeURIComponent(segment) !== "" && !segment.includes(";")
  } catch {
    return false
  }
}

const fits = (pattern: ReadonlyArray<string>, segments: ReadonlyArray<string>): boolean =>
  pattern.length === segments.length &&
  pattern.every((part, i) => (part.startsWith(":") ? isParameter(segments[i] ?? "") : part === segments[i]))

/** The entry for a path, where keys may have parameters. */
export const entryFor = <A>(table: ReadonlyMap<string, A>, path: string): A | undefined => {
  const segments = path.split("/")
  return table.get(path) ?? [...table].find(([pattern]) => fits(pattern.split("/"), segments))?.[1]
}

/** Empty for an unknown path. Paths are compared as they came: a parameter is any one non-empty segment. */
export const methodsOf = (path: string): ReadonlyArray<string> => {
  const segments = path.split("/")
  return routes().find((row) => fits(row.segments, segments))?.methods ?? []
}
