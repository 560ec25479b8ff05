/**
 * Text without credentials. Errors, alerts and log lines are made from fields that hold none; this stands behind them for
 * what others put into their words (an engine that repeats a token in its reason).
 *
 * Knows the credentials of this system by their prefixes: workspace keys `rk_`, agent tokens `at_`, node tokens `nt_`, observer tokens `ot_`, keys
 * of a broker's API `br_`, agents' tokens for results `arr_`; and bearer values.
 */
const credential = /\b(rk|at|nt|ot|br|arr)_[A-Za-z0-9_-]{8,}/g
const bearer = /\b([Bb]earer\s+)[A-Za-z0-9._~+/-]{8,}=*/g

export const redacted = (text: string): string =>
  text.includes("_") || /bearer/i.test(text)
    ? text.replace(credential, "$1_<redacted>").replace(bearer, "$1<redacted>")
    : text
