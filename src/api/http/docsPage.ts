/** The OpenAPI document as one page to read: no script, nothing loaded. Pure. */

interface SchemaObject {
  readonly $ref?: string
  readonly type?: string | ReadonlyArray<string>
  readonly description?: string
  readonly properties?: { readonly [name: string]: SchemaObject }
  readonly required?: ReadonlyArray<string>
  readonly items?: SchemaObject | ReadonlyArray<SchemaObject>
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<SchemaObject>
}

interface Content {
  readonly [type: string]: { readonly schema?: SchemaObject }
}

interface Operation {
  readonly tags?: ReadonlyArray<string>
  readonly summary?: string
  readonly security?: ReadonlyArray<object>
  readonly parameters?: ReadonlyArray<{
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema?: SchemaObject
  }>
  readonly requestBody?: { readonly content?: Content }
  readonly responses?: { readonly [status: string]: { readonly content?: Content } }
}

export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components?: { readonly schemas?: { readonly [name: string]: SchemaObject } }
}

const escapes: { readonly [character: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }
const html = (text: string) => text.replace(/[&<>"]/g, (character) => escapes[character] ?? character)
const code = (text: string) => `<code>${html(text)}</code>`

const deepest = 4

const typeText = (document: OpenApiDocument, schema: SchemaObject, depth = 0): string => {
  const target = resolve(document, schema)
  if (target.enum !== undefined) return target.enum.map((value) => JSON.stringify(value)).join(" | ")
  if (target.anyOf !== undefined) {
    return [...new Set(target.anyOf.map((each) => typeText(document, each, depth + 1)))].join(" | ")
  }
  if (target.items !== undefined && depth < deepest) {
    const items = Array.isArray(target.items) ? target.items : [target.items]
    const inner = items.map((each: SchemaObject) => typeText(document, each, depth + 1)).join(", ")
    return Array.isArray(target.items) ? `[${inner}]` : `array of ${inner}`
  }
  if (typeof target.type === "string") return target.type
  return target.type?.join(" | ") ?? "anything"
}

const resolve = (document: OpenApiDocument, schema: SchemaObject): SchemaObject => {
  const name = schema.$ref?.replace("#/components/schemas/", "")
  return name === undefined ? schema : (document.components?.schemas?.[name] ?? {})
}

const fields = (document: OpenApiDocument, schema: SchemaObject): string => {
  const { properties, required = [] } = resolve(document, schema)
  const names = Object.entries(properties ?? {})
  if (names.length === 0) return `<p class="type">${html(typeText(document, schema))}</p>`
  const rows = names.map(
    ([name, field]) =>
      `<tr><td>${code(name)}${required.includes(name) ? "" : " <i>optional</i>"}</td><td>${html(typeText(document, field))}</td></tr>`
  )
  return `<table>${rows.join("")}</table>`
}

const contentOf = (document: OpenApiDocument, content: Content | undefined): string =>
  Object.values(content ?? {})
    .map(({ schema }) => (schema === undefined ? "" : fields(document, schema)))
    .join("")

const badge = (operation: Operation) =>
  operation.security === undefined ? "" : operation.security.length === 0 ? " <b>no key</b>" : " <b>its own token</b>"

const operationBlock = (document: OpenApiDocument, path: string, method: string, operation: Operation): string => {
  const parameters = (operation.parameters ?? []).map(
    ({ in: where, name, schema }) =>
      `<tr><td>${code(name)} <i>${html(where)}</i></td><td>${html(typeText(document, schema ?? {}))}</td></tr>`
  )
  const body = contentOf(document, operation.requestBody?.content)
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, { content }]) => `<h4>${html(status)}</h4>${contentOf(document, content)}`
  )
  return [
    `<details><summary><span class="${html(method)}">${html(method.toUpperCase())}</span> ${code(path)}${badge(operation)}`,
    `<small>${html(operation.summary ?? "")}</small></summary>`,
    parameters.length === 0 ? "" : `<h3>Parameters</h3><table>${parameters.join("")}</table>`,
    body === "" ? "" : `<h3>Body</h3>${body}`,
    `<h3>Answers</h3>${answers.join("")}</details>`
  ].join("")
}

const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8882}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:2rem 0 .5rem;text-transform:capitalize}
h3{font-size:.9rem;margin:.8rem 0 .2rem}h4{font-size:.85rem;margin:.6rem 0 .1rem}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;padding:.4rem .8rem}
summary{cursor:pointer;overflow-wrap:anywhere}summary small{display:block;opacity:.75;margin-left:4.2rem}
summary span{display:inline-block;width:4rem;font-weight:700;font-size:.8rem}
.get{color:#1a7f37}.post{color:#0969da}.put{color:#9a6700}.delete{color:#cf222e}
summary b{font-size:.75rem;border:1px solid var(--line);border-radius:4px;padding:0 .3rem}
code{font-family:ui-monospace,monospace;font-size:.9em}
table{border-collapse:collapse;width:100%;font-size:.9rem}td{border-top:1px solid var(--soft);padding:.15rem .4rem;vertical-align:top;overflow-wrap:anywhere}
td:first-child{width:45%}i{opacity:.6;font-size:.85em}.type{margin:.1rem .4rem;font-size:.9rem}`

export const docsPage = (document: OpenApiDocument): string => {
  const groups = new Map<string, Array<string>>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "other"
      groups.set(tag, [...(groups.get(tag) ?? []), operationBlock(document, path, method, operation)])
    }
  }
  const { title, version } = document.info
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    `<title>${html(title)} API</title><style>${style}</style></head><body>`,
    `<h1>${html(title)} ${html(version)}: local API</h1>`,
    `<p>Send the key as ${code("X-API-Key")} or ${code("Authorization: Bearer")}. Events come over ${code("/ws")}; `,
    `<a href="openapi.json">openapi.json</a> is this page for programs.</p>`,
    ...[...groups].map(([tag, blocks]) => `<h2>${html(tag)}</h2>${blocks.join("")}`),
    "</body></html>"
  ].join("\n")
}
