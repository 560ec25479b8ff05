/**
 * Stands before every route: the key first, so that nothing is learnt without it; then pages of other origins; then 404 and
 * 405 with the bodies that clients know (the platform's own are different); a defect is logged whole and answered
 * with one line.
 */
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { KeyHeaders } from "../ApiKey.ts"
import { type OriginPolicy, refusal } from "../Origin.ts"
import { isPublic } from "../publicPaths.ts"
import { coded, internalError, methodNotAllowed, notFound, type Reply, unauthorized } from "./Reply.ts"
import { methodsOf, pathOf } from "./routeTable.ts"

export interface Gate {
  readonly hasKey: (headers: KeyHeaders) => boolean
  readonly origins: OriginPolicy
}

/** The refusal of a request to this path, before any route looks at it. */
export const makeGate = ({ hasKey, origins }: Gate) => {
  const foreign = refusal(origins)
  return (path: string, headers: KeyHeaders): Reply | undefined => {
    const keyed = hasKey(headers)
    if (!isPublic(path) && !keyed) return unauthorized
    const reason = foreign(headers, keyed)
    return reason === undefined ? undefined : coded(403, "forbidden_origin", reason)
  }
}

export const guard = (gate: ReturnType<typeof makeGate>) =>
  HttpMiddleware.make((app) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const path = pathOf(request.url)
      const refused = gate(path, request.headers)
      if (refused !== undefined) return Effect.succeed(refused)
      // Asked before the router, which takes an empty segment for a parameter: `DELETE /api/dead-letters/`.
      const methods = methodsOf(path)
      if (methods.length === 0) return Effect.succeed(notFound)
      return app.pipe(
        Effect.catchIf(Predicate.isTagged("RouteNotFound"), () => Effect.succeed(methodNotAllowed(methods))),
        Effect.catchAllDefect((defect) =>
          Effect.logError("API request died", Cause.die(defect)).pipe(
            Effect.annotateLogs({ method: request.method, path }),
            Effect.as(internalError)
          )
        )
      )
    })
  )
