/**
 * `harnessConfig` of a spawn and the transport asked for, to what the agent runs in: a terminal, a headless program,
 * or a session in an app server. Plain functions; refusals are worded as in 9.1.6.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { type AppServer, type AppServerAuth, ReleasePolicy } from "../domain/AppServer.ts"

import { PtyHarness } from "./Bodies.ts"
import { legacy, type Reply } from "./http/Reply.ts"
import { describeIssues } from "./http/requestBody.ts"

const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { nullable: true, exact: true })

const AppServerHarness = Schema.Struct({
  runtime: Schema.Literal("headless", "app_server"),
  driver: optional(Schema.Literal("app_server")),
  protocol: optional(Schema.String),
  endpoint: optional(Schema.String),
  sessionId: optional(Schema.String),
  auth: optional(
    Schema.Struct({
      type: optional(Schema.Literal("bearer", "basic", "none")),
      token: optional(Schema.String),
      username: optional(Schema.String),
      password: optional(Schema.String)
    })
  ),
  host: optional(
    Schema.Struct({
      ownership: optional(Schema.Literal("broker-owned", "attached")),
      pid: optional(Schema.NonNegativeInt)
    })
  ),
  release: optional(ReleasePolicy)
})
type AppServerHarness = typeof AppServerHarness.Type

export interface Placement {
  readonly runtime: "pty" | "headless"
  readonly pty: typeof PtyHarness.Type | undefined
  readonly appServer: AppServer | undefined
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)

const filled = (text: string | undefined): string | undefined => {
  const trimmed = text?.trim()
  return trimmed === undefined || trimmed === "" ? undefined : trimmed
}

const readAuth = ({ auth }: AppServerHarness): Either.Either<AppServerAuth | undefined, string> => {
  if (auth?.type === "bearer") {
    const { token, type } = auth
    return token ? Either.right({ type, token }) : Either.left("app_server bearer auth requires token")
  }
  if (auth?.type === "basic") {
    const { password, type, username } = auth
    if (!username) return Either.left("app_server basic auth requires username")
    if (!password) return Either.left("app_server basic auth requires password")
    return Either.right({ type, username, password })
  }
  return Either.right(undefined)
}

/** In the order in which 9.1.6 looks. */
export const readAppServer = (config: AppServerHarness): Either.Either<AppServer, string> =>
  Either.gen(function* () {
    const refuse = (reason: string) => Either.left(reason)
    const protocol = filled(config.protocol) ?? ""
    if (protocol !== "opencode") {
      return yield* refuse(`unsupported app_server protocol '${protocol}' (supported: opencode)`)
    }
    const endpoint = filled(config.endpoint)
    if (endpoint === undefined) return yield* refuse("app_server endpoint is required")
    if (!URL.canParse(endpoint)) return yield* refuse(`invalid app_server endpoint '${endpoint}'`)
    const url = new URL(endpoint)
    const scheme = url.protocol.replace(":", "")
    if (scheme !== "http" && scheme !== "https") {
      return yield* refuse(`invalid app_server endpoint scheme '${scheme}' (expected http or https)`)
    }
    if (url.username !== "" || url.password !== "") {
      return yield* refuse("invalid app_server endpoint: credentials belong in auth")
    }
    const sessionId = filled(config.sessionId)
    if (sessionId === undefined) return yield* refuse("app_server sessionId is required")
    if (config.host?.ownership === "broker-owned") {
      return yield* refuse("broker-owned app_server hosts are not supported yet")
    }
    const auth = yield* readAuth(config)
    if (auth !== undefined && scheme === "http" && !isLoopback(url.hostname)) {
      return yield* refuse(`app_server auth requires https unless the endpoint is loopback: ${endpoint}`)
    }
    const pid = config.host?.pid
    return {
      protocol,
      endpoint: endpoint.replace(/\/+$/, ""),
      sessionId,
      release: config.release ?? "detach",
      ...(auth === undefined ? {} : { auth }),
      ...(pid === undefined ? {} : { hostPid: pid })
    }
  })

const decodeRuntime = Schema.decodeUnknownEither(Schema.Struct({ runtime: Schema.String }))
const decodePty = Schema.decodeUnknownEither(PtyHarness, { errors: "all" })
const decodeAppServer = Schema.decodeUnknownEither(AppServerHarness, { errors: "all" })
const all = Schema.Literal("pty", "headless")

const readTransport = (
  transport: string | undefined,
  name: string
): Either.Either<Placement["runtime"] | undefined, Reply> => {
  if (transport === undefined) return Either.right(undefined)
  return Schema.decodeUnknownEither(all)(transport.toLowerCase()).pipe(
    Either.mapLeft(() => legacy(500, `unsupported transport '${transport}' (expected 'pty' or 'headless')`, { name }))
  )
}

/** Without a transport the harness decides; one that says otherwise is a mistake. */
export const readPlacement = (
  config: unknown,
  transport: string | undefined,
  name: string
): Either.Either<Placement, Reply> =>
  Either.gen(function* () {
    const invalid = (error: Parameters<typeof describeIssues>[0]) =>
      legacy(400, `Invalid harnessConfig: ${describeIssues(error)}`)
    const tag = config === undefined ? undefined : Either.getOrUndefined(decodeRuntime(config))?.runtime
    const isServer = tag === "headless" || tag === "app_server"
    const pty = config === undefined || isServer ? undefined : yield* Either.mapLeft(decodePty(config), invalid)
    const server = isServer ? yield* Either.mapLeft(decodeAppServer(config), invalid) : undefined
    const asked = yield* readTransport(transport, name)
    const given = config === undefined ? undefined : isServer ? "headless" : "pty"
    if (asked !== undefined && given !== undefined && asked !== given) {
      const reason = `harnessConfig runtime '${given}' does not match transport '${asked}'`
      return yield* Either.left(legacy(500, reason, { name }))
    }
    const appServer =
      server === undefined
        ? undefined
        : yield* Either.mapLeft(readAppServer(server), (reason) => legacy(500, reason, { name }))
    return { runtime: asked ?? given ?? "pty", pty, appServer }
  })
