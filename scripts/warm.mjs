// Makes `program-<hash>.cjs.cache`: the code that V8 compiled in a short life of the program. Without it the program only starts later.
import { join } from "node:path"
import { bundle } from "./bundle.mjs"
import { root } from "./setup.mjs"

export const warm = async (program) => {
  const at = (name) => ({ entryPoints: [join(root, "scripts", "warm", name)] })
  const [life, runner] = await Promise.all([bundle("warm", at("main.ts")), bundle("warm-program", at("program.ts"))])
  await (await life.load()).warm({ root, program, runner: runner.path })
}
