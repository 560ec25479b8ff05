/** The local API listens where other machines may reach it. */
import * as Schema from "effect/Schema"

export class ApiExposed extends Schema.TaggedError<ApiExposed>()("ApiExposed", { url: Schema.String }) {
  override get message() {
    return `the API listens at ${this.url}: whoever reaches it and has its key controls this broker and its agents`
  }
}
