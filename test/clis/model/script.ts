/**
 * What the model is to do, told by the user's text: words `do:<what>[=<value>]`. Pure. The value ends at a blank, that of
 * `shell`, `run`, `mcp` and `say` at the end of the line.
 *
 *     do:silent=500      no answer at all for 500 ms, then HTTP 200
 *     do:think=4000      the answer begins (headers, first event), its first token comes 4 s later
 *     do:stream=4000     text for 4 s
 *     do:shell=touch x   asks for the shell tool
 *     do:run=sleep 5     the same, where nobody has to allow it
 *     do:ask             asks the person a question (AskUserQuestion, or what the program has)
 *     do:mcp=NAME {…}    calls the MCP tool whose name ends in NAME
 *     do:status=529*2    the first two requests with this text are refused with that HTTP status
 *     do:usage=180000    says that so many input tokens were used: the program compacts
 *     do:say=words       the answer's text
 */

export interface Script {
  readonly silentMillis: number
  readonly thinkMillis: number
  readonly streamMillis: number
  readonly shell: { readonly command: string; readonly asks: boolean } | undefined
  readonly ask: boolean
  readonly mcp: { readonly tool: string; readonly input: { readonly [field: string]: unknown } } | undefined
  readonly status: { readonly code: number; readonly times: number } | undefined
  readonly usage: number | undefined
  readonly say: string | undefined
}

const plain: Script = {
  silentMillis: 0,
  thinkMillis: 0,
  streamMillis: 0,
  shell: undefined,
  ask: false,
  mcp: undefined,
  status: undefined,
  usage: undefined,
  say: undefined
}

const readMcp = (value: string): Script["mcp"] => {
  const [tool = "", input = ""] = value.split(/\s+(.*)/s)
  try {
    return { tool, input: input.trim() === "" ? {} : (JSON.parse(input) as { [field: string]: unknown }) }
  } catch {
    return { tool, input: { text: input } }
  }
}

const readStatus = (value: string): Script["status"] => {
  const [code = "500", times = "1"] = value.split("*")
  return { code: Number(code), times: Number(times) }
}

/** Of several texts the later words win. */
export const readScript = (texts: ReadonlyArray<string>): Script => {
  let script = plain
  const words = texts.join("\n").matchAll(/\bdo:(?:(shell|run|mcp|say)=(.*)|([a-z]+)(?:=(\S+))?)/g)
  for (const [, ofLine, lineValue = "", ofWord, wordValue = ""] of words) {
    const what = ofLine ?? ofWord
    const millis = Number(wordValue)
    switch (what) {
      case "silent":
        script = { ...script, silentMillis: millis }
        break
      case "think":
        script = { ...script, thinkMillis: millis }
        break
      case "stream":
        script = { ...script, streamMillis: millis }
        break
      case "shell":
      case "run":
        script = { ...script, shell: { command: lineValue.trim(), asks: what === "shell" } }
        break
      case "ask":
        script = { ...script, ask: true }
        break
      case "mcp":
        script = { ...script, mcp: readMcp(lineValue.trim()) }
        break
      case "status":
        script = { ...script, status: readStatus(wordValue) }
        break
      case "usage":
        script = { ...script, usage: millis }
        break
      case "say":
        script = { ...script, say: lineValue.trim() }
        break
    }
  }
  return script
}

/** How long a word of a stream takes, milliseconds. */
const wordMillis = 100

/** The words of an answer and how long each waits. */
export const answerWords = (script: Script): ReadonlyArray<{ readonly text: string; readonly waitMillis: number }> => {
  const said = { text: script.say ?? "ok", waitMillis: 0 }
  const words = Math.floor(script.streamMillis / wordMillis)
  return [...Array.from({ length: words }, (_, i) => ({ text: `word${i} `, waitMillis: wordMillis })), said]
}
