/** From an entry of the user's file to a harness: what the entry says, over the rules of the family it is like. Pure. */
import * as Either from "effect/Either"
import { textOf } from "../pty/ScreenView.ts"
import { type DialogRule, menu } from "./Dialog.ts"
import { families } from "./families.ts"
import { Generic } from "./Generic.ts"
import type { Harness, HarnessChoice } from "./Harness.ts"
import type { HarnessEntry } from "./HarnessFile.ts"
import type { LaunchContext, LaunchRules } from "./Launch.ts"
import { choosesModel, wantedModel } from "./model.ts"
import type { TerminalRules } from "./TerminalRules.ts"

const known: ReadonlyArray<Harness> = [...families.map(({ harness }) => harness), Generic]

/** `*` stands for any text; everything else for itself. */
const nameMatcher = (names: ReadonlyArray<string>): ((programName: string) => boolean) => {
  const patterns = names.map(
    (name) =>
      new RegExp(
        `^${name
          .split("*")
          .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
          .join(".*")}$`
      )
  )
  return (programName) => patterns.some((pattern) => pattern.test(programName))
}

/** The spec that the base family sees: with another way to name the model, it has none to add. */
const withoutModel = (context: LaunchContext): LaunchContext => {
  const { model: _model, ...spec } = context.spec
  return { ...context, spec }
}

const launchRules = (entry: HarnessEntry, base: LaunchRules): LaunchRules => ({
  ...base,
  plan: (context) => {
    const { args: given } = context.line
    const first = (entry.args ?? []).filter((argument) => !given.includes(argument))
    const model = choosesModel(given) ? undefined : wantedModel(context.spec)
    const rule = entry.model
    const plan = base.plan(rule === undefined ? context : withoutModel(context))
    const flag = typeof rule === "object" && "flag" in rule && model !== undefined ? [rule.flag, model] : []
    const variable = typeof rule === "object" && "env" in rule && model !== undefined ? { [rule.env]: model } : {}
    return { ...plan, args: [...first, ...flag, ...plan.args], env: { ...plan.env, ...entry.env, ...variable } }
  }
})

const dialogRules = ({ dialogs = [] }: HarnessEntry, { composer }: TerminalRules): ReadonlyArray<DialogRule> =>
  dialogs.map(({ byKey = false, gapMillis = 100, keys, name, options, phase = "starting", says, times = 3 }) => ({
    name,
    phase,
    isShown: menu({ composer, says, options, byKey }),
    answer: keys === undefined ? undefined : { keys, gapMillis, times }
  }))

const readinessRule = ({ readiness }: HarnessEntry, { readiness: base }: TerminalRules): TerminalRules["readiness"] => {
  if (readiness === undefined) return base
  const { prompt, promptMillis, screen } = readiness
  const { isReady, ...others } = base
  return {
    ...others,
    // What the family it is like shows means nothing once the entry says what to look for.
    ...(isReady === undefined || prompt !== undefined ? {} : { isReady }),
    ...(promptMillis === undefined ? {} : { promptMillis }),
    // A program whose prompt is known is not ready before it shows: silence is its loading.
    ...(prompt === undefined ? {} : { isPrompt: (line: string) => prompt.test(line), silentMillis: undefined }),
    ...(screen === undefined ? {} : { isReady: (view) => textOf(view).some((row) => screen.test(row)) })
  }
}

const terminalRules = (entry: HarnessEntry, base: TerminalRules): TerminalRules => {
  const { brackets, busy, evidenceMillis, exitKeys, guard, interrupt, reminder } = entry
  return {
    ...base,
    readiness: readinessRule(entry, base),
    dialogs: [...dialogRules(entry, base), ...base.dialogs],
    ...(busy === undefined ? {} : { isBusy: (view) => textOf(view).some((row) => busy.test(row)) }),
    ...(guard === undefined
      ? {}
      : {
          enterGuard: (typedBytes) => {
            const { gapMillis, showMillis } = base.enterGuard(typedBytes)
            return {
              showMillis: guard.showMillis ?? showMillis,
              gapMillis: (guard.gapMillis ?? gapMillis) + Math.ceil((typedBytes / 1024) * (guard.millisPerKiB ?? 0))
            }
          }
        }),
    ...(evidenceMillis === undefined ? {} : { evidenceMillis }),
    ...(brackets === undefined ? {} : { brackets }),
    ...(exitKeys === undefined ? {} : { exitKeys: exitKeys.join("") }),
    ...(interrupt === undefined
      ? {}
      : { interrupt: { keys: interrupt.keys.join(""), gapMillis: interrupt.gapMillis ?? 300 } }),
    ...(reminder === undefined ? {} : { reminder })
  }
}

/** Left: the family it shall be like is none. */
export const configuredHarness = (entry: HarnessEntry): Either.Either<HarnessChoice, string> => {
  const like = entry.like ?? Generic.family
  const base = known.find(({ family }) => family === like)
  if (base === undefined) {
    return Either.left(`like: no family "${like}" (known: ${known.map(({ family }) => family).join(", ")})`)
  }
  return Either.right({
    matches: nameMatcher(entry.commands),
    harness: {
      family: entry.family,
      launch: launchRules(entry, base.launch),
      terminal: terminalRules(entry, base.terminal)
    }
  })
}
