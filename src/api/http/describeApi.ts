/**
 * What the platform's description does not know of this API: the key, which `Guard` checks before there is a route, and
 * the refusals of bodies, which `RequestBody` words itself, in place of the platform's own `HttpApiDecodeError`.
 */
import { isRecord } from "../../domain/Json.ts"
import { isPublic } from "./described.ts"

type Fields = { readonly [key: string]: unknown }

const decodeError = "#/components/schemas/HttpApiDecodeError"

const plainText = (description: string): Fields => ({
  description,
  content: { "text/plain": { schema: { type: "string" } } }
})

const unauthorized: Fields = {
  description: "Missing or wrong key",
  content: { "application/json": { schema: { type: "object", properties: { error: { type: "object" } } } } }
}

const bodyRefusals: Fields = {
  "400": plainText("The body is not JSON"),
  "413": plainText("The body is larger than 2 MiB"),
  "415": plainText("The content type is not JSON"),
  "422": plainText("The body has not the right shape")
}

const isOurs = (schema: unknown) => !(isRecord(schema) && schema["$ref"] === decodeError)

/** Without the platform's error; undefined when nothing else is in it. */
const withoutDecodeError = (response: unknown): unknown => {
  if (!isRecord(response) || !isRecord(response["content"])) return response
  const json = response["content"]["application/json"]
  if (!isRecord(json) || !isRecord(json["schema"])) return response
  const { schema } = json as { schema: Fields }
  if (!isOurs(schema)) return undefined
  const anyOf = schema["anyOf"]
  if (!Array.isArray(anyOf)) return response
  const kept = anyOf.filter(isOurs)
  const left = kept.length === 1 ? kept[0] : { ...schema, anyOf: kept }
  return { ...response, content: { ...response["content"], "application/json": { schema: left } } }
}

const describeOperation = (path: string, operation: Fields): Fields => {
  const stated = Object.entries(isRecord(operation["responses"]) ? operation["responses"] : {}).flatMap(
    ([status, response]) => {
      const left = withoutDecodeError(response)
      return left === undefined ? [] : [[status, left] as const]
    }
  )
  const responses = {
    ...(isPublic(path) ? {} : { "401": unauthorized }),
    ...(operation["requestBody"] === undefined ? {} : bodyRefusals),
    ...Object.fromEntries(stated)
  }
  // The platform writes an empty list, which would lift the document's own: only public ones say something of theirs.
  const { security, ...rest } = operation
  return { ...rest, ...(isPublic(path) ? { security } : {}), responses }
}

const mapFields = (fields: unknown, map: (value: unknown, key: string) => unknown): Fields =>
  Object.fromEntries(Object.entries(isRecord(fields) ? fields : {}).map(([key, value]) => [key, map(value, key)]))

export const describeApi = (page: Record<string, unknown>): Record<string, unknown> => {
  const components = isRecord(page["components"]) ? page["components"] : {}
  const schemas = isRecord(components["schemas"]) ? components["schemas"] : {}
  const own = Object.entries(schemas).filter(([name]) => !["HttpApiDecodeError", "Issue", "PropertyKey"].includes(name))
  return {
    ...page,
    security: [{ header: [] }, { bearer: [] }],
    paths: mapFields(page["paths"], (methods, path) =>
      mapFields(methods, (operation) => (isRecord(operation) ? describeOperation(path, operation) : operation))
    ),
    components: {
      ...components,
      schemas: Object.fromEntries(own),
      securitySchemes: {
        header: { type: "apiKey", in: "header", name: "X-API-Key" },
        bearer: { type: "http", scheme: "bearer" },
        hook: { type: "http", scheme: "bearer" },
        result: { type: "apiKey", in: "header", name: "X-Agent-Result-Token" }
      }
    }
  }
}
