/** Questions about a list of arguments. */

/** The value of the first of these options: `--x v` or `--x=v`. Null: the option is there without a value. */
export const valueOf = (args: ReadonlyArray<string>, names: ReadonlyArray<string>): string | null | undefined => {
  for (const [index, argument] of args.entries()) {
    for (const name of names) {
      if (argument.startsWith(`${name}=`)) return argument.slice(name.length + 1) || null
      if (argument !== name) continue
      const next = args[index + 1]
      return next === undefined || next.startsWith("-") ? null : next
    }
  }
  return undefined
}

/** The arguments without these options and their values. */
export const without = (args: ReadonlyArray<string>, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const left: Array<string> = []
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!
    if (names.some((name) => argument.startsWith(`${name}=`))) continue
    if (!names.includes(argument)) left.push(argument)
    else if (args[index + 1]?.startsWith("-") === false) index++
  }
  return left
}
