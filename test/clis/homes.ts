/**
 * A home for one agent CLI in which it starts without an account and without a question, pointed at our model server.
 * Nothing of this machine's own home or environment is in it.
 */
import { chmodSync, mkdirSync, realpathSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Family } from "./versions.ts"

export interface Home {
  readonly home: string
  /** The project that agents work in. */
  readonly project: string
  /** All of the environment: for `env -i`. */
  readonly env: { readonly [name: string]: string }
}

/** What of the first start is left to the person; `nothing` when not given. */
export type FirstStart = "nothing" | "login" | "theme" | "key" | "trust" | "bypass"

export interface HomeOptions {
  readonly family: Family
  readonly version: string
  /** Of the model server, for this agent (`ModelServer.url`). */
  readonly modelUrl: string
  /** Made when missing; not below /tmp, where gemini refuses settings. */
  readonly directory: string
  /** In front of PATH. */
  readonly binDirectories: ReadonlyArray<string>
  readonly firstStart?: FirstStart
  /** codex, claude: compact at this many tokens. */
  readonly compactAt?: number
}

const writeJson = (path: string, value: unknown) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}

const apiKey = "sk-ant-api03-test-0123456789-abcdefghijklmnopqrstuvwxyz"

type Prepare = (o: HomeOptions, home: string, project: string) => { readonly [name: string]: string }

const claude: Prepare = (o, home, project) => {
  const left = o.firstStart ?? "nothing"
  writeJson(join(home, ".claude.json"), {
    ...(left === "theme" || left === "login" ? {} : { hasCompletedOnboarding: true, lastOnboardingVersion: o.version }),
    ...(left === "key" || left === "theme"
      ? {}
      : { customApiKeyResponses: { approved: [apiKey.slice(-20)], rejected: [] } }),
    numStartups: 3,
    ...(left === "trust" ? {} : { projects: { [project]: { hasTrustDialogAccepted: true } } })
  })
  writeJson(join(home, ".claude", "settings.json"), {
    ...(left === "theme" ? {} : { theme: "dark" }),
    ...(left === "bypass" ? {} : { skipDangerousModePermissionPrompt: true }),
    permissions: { allow: ["Bash(sleep:*)"] }
  })
  return {
    ANTHROPIC_BASE_URL: o.modelUrl,
    ...(left === "login" ? {} : { ANTHROPIC_API_KEY: apiKey }),
    ...(process.getuid?.() === 0 ? { IS_SANDBOX: "1" } : {}),
    DISABLE_TELEMETRY: "1",
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1"
  }
}

const codex: Prepare = (o, home, project) => {
  mkdirSync(join(home, ".codex"), { recursive: true })
  const provider = `model = "gpt-5.4"
model_provider = "loopback"
${o.compactAt === undefined ? "" : `model_auto_compact_token_limit = ${o.compactAt}\n`}
[model_providers.loopback]
name = "loopback"
base_url = "${o.modelUrl}/v1"
env_key = "LOOPBACK_KEY"
wire_api = "responses"
`
  const trusted = `\n[projects."${project}"]\ntrust_level = "trusted"\n`
  const left = o.firstStart ?? "nothing"
  writeFileSync(
    join(home, ".codex", "config.toml"),
    left === "login" ? trusted : left === "trust" ? provider : `${provider}${trusted}`
  )
  return { LOOPBACK_KEY: "test" }
}

const gemini: Prepare = (o, home, project) => {
  const left = o.firstStart ?? "nothing"
  writeJson(join(home, ".gemini", "settings.json"), {
    general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
    privacy: { usageStatisticsEnabled: false },
    telemetry: { enabled: false },
    ...(left === "login" ? {} : { security: { auth: { selectedType: "gemini-api-key" } } }),
    ...(left === "trust"
      ? { security: { auth: { selectedType: "gemini-api-key" }, folderTrust: { enabled: true } } }
      : {})
  })
  if (left !== "trust") writeJson(join(home, ".gemini", "trustedFolders.json"), { [project]: "TRUST_FOLDER" })
  return {
    ...(left === "login" || left === "key" ? {} : { GEMINI_API_KEY: "test" }),
    GOOGLE_GEMINI_BASE_URL: o.modelUrl,
    GEMINI_TELEMETRY_ENABLED: "false"
  }
}

const opencode: Prepare = (o, home) => {
  writeJson(join(home, ".config", "opencode", "opencode.json"), {
    autoupdate: false,
    share: "disabled",
    model: "loopback/fake",
    small_model: "loopback/fake",
    permission: { bash: { "*": "ask", "sleep *": "allow" } },
    provider: {
      loopback: {
        npm: "@ai-sdk/openai-compatible",
        name: "Loopback",
        options: { baseURL: `${o.modelUrl}/v1`, apiKey: "test" },
        models: { fake: { name: "Fake", limit: { context: o.compactAt ?? 200_000, output: 8_000 } } }
      }
    }
  })
  return { OPENCODE_DISABLE_AUTOUPDATE: "1" }
}

const qwen: Prepare = (o, home) => {
  const left = o.firstStart ?? "nothing"
  writeJson(join(home, ".qwen", "settings.json"), {
    general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false },
    privacy: { usageStatisticsEnabled: false },
    ...(left === "login" ? {} : { security: { auth: { selectedType: "openai" } } })
  })
  return left === "login" ? {} : { OPENAI_API_KEY: "test", OPENAI_BASE_URL: `${o.modelUrl}/v1`, OPENAI_MODEL: "fake" }
}

const prepares: { readonly [family in Family]: Prepare } = { claude, codex, gemini, opencode, qwen }

export const prepareHome = (o: HomeOptions): Home => {
  mkdirSync(join(o.directory, "project"), { recursive: true })
  // The programs compare the real paths.
  const home = realpathSync(o.directory)
  const project = join(home, "project")
  const more = prepares[o.family](o, home, project)
  mkdirSync(join(home, "run"), { recursive: true })
  chmodSync(join(home, "run"), 0o700)
  return {
    home,
    project,
    env: {
      PATH: [...o.binDirectories, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
      HOME: home,
      USER: process.getuid?.() === 0 ? "root" : "dev",
      LOGNAME: process.getuid?.() === 0 ? "root" : "dev",
      SHELL: "/bin/bash",
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      COLORTERM: "truecolor",
      XDG_RUNTIME_DIR: join(home, "run"),
      ...more
    }
  }
}
