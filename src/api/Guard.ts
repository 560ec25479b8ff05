/**
 * Stands before every route: the key first, so that nothing is learnt without it; then 404 and 405 with the bodies of
 * S 2.1 (the platform's own are different, CB pitfall 10); a defect is logged whole and answered with one line.
 */
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { KeyHeaders } from "./ApiKey.ts"
import { internalError, methodNotAllowed, notFound, unauthorized } from "./Replies.ts"
import { isPublic, methodsOf, pathOf } from "./RouteTable.ts"

export const guard = (hasKey: (headers: KeyHeaders) => boolean) =>
  HttpMiddleware.make((app) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const path = pathOf(request.url)
      if (!isPublic(path) && !hasKey(request.headers)) return Effect.succeed(unauthorized)
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
