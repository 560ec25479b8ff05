/** Colours as plain ANSI codes. What is printed goes through `plain` where colours are not wanted, so that nobody else has to ask. */
const code = (open: number) => (text: string) => `\u001b[${open}m${text}\u001b[39m`

export const red = code(31)
export const green = code(32)
export const yellow = code(33)
export const cyan = code(36)
export const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`
export const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`

export const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, "")

/** Colours of the terminal are ours only: what others wrote must neither move the cursor nor break a line. */
export const harmless = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
