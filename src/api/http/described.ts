/** Parts that the descriptions of the groups share. */
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"
import { CodedError, LegacyError } from "../Shapes.ts"

export const legacy = (status: number) => LegacyError.annotations(HttpApiSchema.annotations({ status }))
export const coded = (status: number) => CodedError.annotations(HttpApiSchema.annotations({ status }))
export const plain = (status: number) => HttpApiSchema.Text().annotations(HttpApiSchema.annotations({ status }))
export const ByName = Schema.Struct({ name: Schema.String })

const publicPaths: ReadonlySet<string> = new Set(["/health", "/docs", "/openapi.json", "/api/agent-result"])

/** Paths that need no key: three say nothing secret; results and hooks come with a token of their own. */
export const isPublic = (path: string): boolean => publicPaths.has(path) || path.startsWith("/hooks/")

export interface QueryParameter {
  readonly name: string
  readonly schema: { readonly [key: string]: unknown }
}

/** Queries are described here and read by us: the platform would refuse a wrong one in words of its own. */
export const withQuery =
  (...parameters: ReadonlyArray<QueryParameter>) =>
  (operation: Record<string, unknown>): Record<string, unknown> => ({
    ...operation,
    parameters: [
      ...(Array.isArray(operation["parameters"]) ? operation["parameters"] : []),
      ...parameters.map(({ name, schema }) => ({ name, in: "query", required: false, schema }))
    ]
  })
