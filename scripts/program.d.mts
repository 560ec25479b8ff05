import type { BuildOptions } from "esbuild"

export function buildProgram(o: { readonly outdir: string; readonly options?: BuildOptions }): Promise<string>
