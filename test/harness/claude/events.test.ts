/** What follows from what Claude Code says; bodies and lines as 2.1.197 and 2.1.332 send and write them, shortened. */
import { assert, describe, it } from "@effect/vitest"
import type { ProgramState, Signal } from "../../../src/harness/Channel.ts"
import {
  next,
  type Progress,
  promptText,
  readHook,
  readSession,
  readTranscriptLine,
  type Said,
  unheard
} from "../../../src/harness/claude/events.ts"

const hookBody = (hook_event_name: string, more: object) => ({
  session_id: "c1b0c480",
  transcript_path: "/home/dev/.claude/projects/-home-dev-p/c1b0c480.jsonl",
  cwd: "/home/dev/p",
  permission_mode: "bypassPermissions",
  hook_event_name,
  ...more
})
const prompt = (text: string, prompt_id: string) => hookBody("UserPromptSubmit", { prompt: text, prompt_id })
const stop = (prompt_id: string) =>
  hookBody("Stop", { prompt_id, stop_hook_active: false, last_assistant_message: "x" })
const hook = (body: object): Said => readHook(body)?.said ?? assert.fail("no word")
const line = (entry: object): Said => readTranscriptLine(JSON.stringify(entry)) ?? assert.fail("no word")
const status = (text: string, waitingFor?: string): Said =>
  readSession(JSON.stringify({ pid: 1, sessionId: "c1b0c480", status: text, waitingFor }))?.status ??
  assert.fail("none")

const user = (content: unknown, more: object = {}) => ({
  type: "user",
  promptId: "p1",
  origin: { kind: "human" },
  message: { role: "user", content },
  ...more
})

/** What is told of all of it, states left out. */
const told = (...said: ReadonlyArray<Said>): ReadonlyArray<string> =>
  run(said).flatMap((signal) =>
    "which" in signal && "text" in signal.which ? [`${signal._tag} ${signal.which.text}`] : []
  )
const run = (said: ReadonlyArray<Said>, from: Progress = unheard): ReadonlyArray<Signal> => {
  const signals: Array<Signal> = []
  let progress = from
  for (const one of said) {
    const [after, more] = next(progress, one)
    progress = after
    signals.push(...more)
  }
  return signals
}
const states = (...said: ReadonlyArray<Said>) =>
  run(said).flatMap((signal): ReadonlyArray<ProgramState | "absent"> => {
    if (signal._tag === "State") return [signal.state]
    return signal._tag === "Absent" ? ["absent"] : []
  })

describe("a message of ours", () => {
  it("is not taken when the prompt is submitted, but when the transcript has it (2.1.197, 2.1.332)", () => {
    assert.deepStrictEqual(told(status("idle"), hook(prompt("hello", "p1")), status("busy")), [])
    assert.deepStrictEqual(told(status("idle"), hook(prompt("hello", "p1")), line(user("hello"))), ["Taken hello"])
  })

  it("is taken once, and by the end of its turn where no transcript is kept", () => {
    assert.deepStrictEqual(told(hook(prompt("hello", "p1")), hook(stop("p1")), hook(stop("p1"))), ["Taken hello"])
    assert.deepStrictEqual(told(hook(prompt("hello", "p1")), line(user("hello")), hook(stop("p1"))), ["Taken hello"])
    assert.deepStrictEqual(told(hook(prompt("hello", "p1")), hook(hookBody("StopFailure", { prompt_id: "p1" }))), [
      "Taken hello"
    ])
    assert.deepStrictEqual(told(hook(prompt("hello", "p1")), hook(stop("p2"))), [])
    const subagent = readHook(hookBody("Stop", { prompt_id: "p1", agent_id: "a1" }))
    assert.isUndefined(subagent?.said)
  })

  it("that a hook of the user's own refuses is given back, not taken (2.1.197)", () => {
    const refused = {
      type: "system",
      subtype: "informational",
      content:
        "UserPromptSubmit operation blocked by hook:\n[./check]: no secrets please\n\n\n  Original prompt: hello\nsecond line"
    }
    assert.deepStrictEqual(
      told(status("idle"), hook(prompt("hello\nsecond line", "p1")), status("busy"), status("idle"), line(refused)),
      ["Returned hello\nsecond line"]
    )
    assert.deepStrictEqual(told(hook(prompt("hello\nsecond line", "p1")), line(refused), hook(stop("p1"))), [
      "Returned hello\nsecond line"
    ])
  })

  it("waits in the queue when its prompt has the id of the running turn, until the transcript has it (2.1.332)", () => {
    const running = [hook(prompt("first", "p1")), status("busy"), line(user("first"))]
    const queued = hook(prompt("second", "p1"))
    const enqueued = line({ type: "queue-operation", operation: "enqueue", content: "second" })
    assert.deepStrictEqual(told(...running, queued, enqueued, hook(stop("p1"))), [
      "Taken first",
      "Queued second",
      "Queued second"
    ])
    const after = [hook(stop("p1")), status("idle"), status("busy"), line(user("second", { promptSource: "queued" }))]
    assert.deepStrictEqual(told(...running, queued, ...after), ["Taken first", "Queued second", "Taken second"])
  })

  it("submitted while its last turn ends waits, too: that turn's id is its own (2.1.332)", () => {
    assert.deepStrictEqual(
      told(hook(prompt("first", "p1")), hook(stop("p1")), hook(prompt("second", "p1")), hook(stop("p1"))),
      ["Taken first", "Queued second"]
    )
  })

  it("submitted during a turn of another kind (a slash command) waits for the transcript", () => {
    assert.deepStrictEqual(told(status("busy"), hook(prompt("second", "p7")), hook(stop("p7"))), ["Queued second"])
  })

  it("joined to the running turn is taken without any hook (2.1.197)", () => {
    const attached = {
      type: "attachment",
      attachment: { type: "queued_command", prompt: "queued mid", commandMode: "prompt", origin: { kind: "human" } }
    }
    const operations = [line({ type: "queue-operation", operation: "enqueue", content: "queued mid" }), line(attached)]
    assert.isUndefined(readTranscriptLine(JSON.stringify({ type: "queue-operation", operation: "remove" })))
    assert.deepStrictEqual(told(status("busy"), ...operations), ["Queued queued mid", "Taken queued mid"])
  })

  it("taken out of the queue into the composer is given back", () => {
    const popped = line({ type: "queue-operation", operation: "popAll", content: "mine" })
    assert.deepStrictEqual(told(status("busy"), popped), ["Returned mine"])
  })

  it("is told without what Claude puts around a long paste, and without its last blank", () => {
    const body = `\n\n<pasted_content id="f223">\nline one   \nline two \n</pasted_content id="f223">\n`
    assert.strictEqual(promptText(body), "line one   \nline two")
    assert.strictEqual(promptText("see [Pasted text #1] ok "), "see [Pasted text #1] ok")
    assert.deepStrictEqual(told(line(user([{ type: "text", text: body }]))), ["Taken line one   \nline two"])
  })
})

describe("the transcript", () => {
  it.each([
    ["a tool's result", user([{ type: "tool_result", content: "Relay message from a [m1]: x" }])],
    ["what a hook says", user("Stop hook feedback:\nhello", { isMeta: true })],
    ["a subagent's prompt", user("hello", { isSidechain: true })],
    ["a summary", user("This session is being continued", { isCompactSummary: true })],
    ["an answer", { type: "assistant", message: { content: [{ type: "text", text: '"type":"user"' }] } }],
    ["another operation", { type: "queue-operation", operation: "dequeue" }],
    ["another attachment", { type: "attachment", attachment: { type: "hook_success", stdout: "queued_command" } }],
    ["something newer", { type: "user", message: 7 }]
  ])("says nothing of us by %s", (_, entry) => {
    assert.isUndefined(readTranscriptLine(JSON.stringify(entry)))
  })

  it("is not broken by a torn line", () => {
    assert.isUndefined(readTranscriptLine('{"type":"user","message":{"con'))
  })
})

describe("its state", () => {
  const asks = (tool_name: string, tool_input: object) =>
    hook(hookBody("PermissionRequest", { prompt_id: "p1", tool_name, tool_input }))
  const question = { questions: [{ question: "Which colour?", options: [{ label: "Red" }] }] }

  it("comes from the session file", () => {
    assert.deepStrictEqual(
      states(status("idle"), hook(prompt("a", "p1")), status("busy"), status("busy"), status("idle")),
      [{ _tag: "Idle" }, { _tag: "Busy" }, { _tag: "Idle" }]
    )
    assert.deepStrictEqual(states(status("dreaming")), [])
  })

  it("says what is asked, by the hook that came before", () => {
    const bash = asks("Bash", { command: "touch x;\n echo hi", description: "run" })
    assert.deepStrictEqual(states(status("busy"), bash, status("waiting", "permission prompt"), status("busy")), [
      { _tag: "Busy" },
      { _tag: "Asking", what: "permission", detail: "Bash: touch x; echo hi" },
      { _tag: "Busy" }
    ])
    // What was asked once is nothing for a dialog that no hook announces.
    assert.deepStrictEqual(
      states(bash, status("waiting", "permission prompt"), status("busy"), status("waiting", "permission prompt")).at(
        -1
      ),
      { _tag: "Asking", what: "permission" }
    )
  })

  it("knows a question, which 2.1.197 calls a permission and 2.1.332 an input", () => {
    const expected = { _tag: "Asking", what: "question", detail: "Which colour?" } as const
    const asked = asks("AskUserQuestion", question)
    assert.deepStrictEqual(states(asked, status("waiting", "permission prompt")), [expected])
    assert.deepStrictEqual(states(asked, status("waiting", "input needed")), [expected])
  })

  it("asks for a login after a turn that failed for want of one, until a dialog opened or a turn ended well", () => {
    const words = "Not logged in · Please run /login"
    const failed = hook(
      hookBody("StopFailure", { prompt_id: "p1", error: "authentication_failed", last_assistant_message: words })
    )
    const asked = { _tag: "Asking", what: "login", detail: words } as const
    const begun = [status("idle"), hook(prompt("a", "p1")), status("busy"), failed, status("idle")]
    assert.deepStrictEqual(states(...begun).slice(2), [asked])
    const menu = [status("waiting", "dialog open"), status("idle")]
    assert.deepStrictEqual(states(...begun, ...menu).slice(3), [{ _tag: "Asking", what: "menu" }, { _tag: "Idle" }])
    const again = [hook(prompt("b", "p2")), status("busy"), hook(stop("p2")), status("idle")]
    assert.deepStrictEqual(states(...begun, ...again).slice(3), [{ _tag: "Busy" }, { _tag: "Idle" }])
    const other = hook(hookBody("StopFailure", { prompt_id: "p1", error: "overloaded", last_assistant_message: "x" }))
    assert.deepStrictEqual(states(hook(prompt("a", "p1")), status("busy"), other, status("idle")).at(-1), {
      _tag: "Idle"
    })
  })

  it("knows an open dialog, and says words it does not know as they are", () => {
    assert.deepStrictEqual(states(status("waiting", "dialog open")), [{ _tag: "Asking", what: "menu" }])
    assert.deepStrictEqual(states(status("waiting", "the moon")), [
      { _tag: "Asking", what: "screen", detail: "the moon" }
    ])
  })
})

describe("hooks and transcript", () => {
  const turn = [status("idle"), status("busy"), status("idle")]

  it("are said to be absent after a turn without a word of either", () => {
    assert.deepStrictEqual(states(...turn), [{ _tag: "Idle" }, { _tag: "Busy" }, "absent"])
    assert.deepStrictEqual(states(...turn, status("busy"), status("idle")).slice(3), [])
  })

  it("are back with their next word, and the state with them", () => {
    const back = states(...turn, status("busy"), line(user("hello")), status("idle"))
    assert.deepStrictEqual(back.slice(2), ["absent", { _tag: "Busy" }, { _tag: "Idle" }])
  })

  it("are not absent when one of them spoke, also long ago", () => {
    const states1 = states(status("idle"), status("busy"), line(user("hello")), status("idle"), ...turn)
    assert.notInclude(states1, "absent")
    assert.notInclude(states(hook(prompt("a", "p1")), ...turn, ...turn), "absent")
  })
})

describe("a hook's body", () => {
  it("may have any further fields, and no body is an error", () => {
    assert.deepStrictEqual(readHook({ hook_event_name: "SomethingNew", session_id: "s", extra: [1] }), {
      sessionId: "s",
      transcript: undefined,
      said: undefined
    })
    for (const body of [null, 7, "x", [], {}, { hook_event_name: 7 }]) assert.isUndefined(readHook(body))
  })

  it("of a session file may be half written", () => {
    assert.isUndefined(readSession('{"pid":1,"sessionId":"a","status":"idle"}}'))
    assert.isUndefined(readSession(""))
    assert.deepStrictEqual(readSession('{"pid":1,"sessionId":"a","startedAt":5}'), {
      sessionId: "a",
      startedAt: 5,
      status: undefined
    })
  })
})
