/**
 * Marks every descriptor of this process, but for the standard ones, as closed in the programs it starts. Called before and after
 * each fork of a terminal and before each other program.
 *
 * Needed on Linux only, and there for two reasons. The masters that node-pty opens are not close-on-exec, and the binary it
 * ships (1.2.0-beta.15) closes them in a new child only up to the first unused number above 15: behind a terminal that was
 * closed, all others reach the child, which could then type into them. And what the launcher of this process left open is
 * treated by Node in the same way. On macOS the system is asked for a child with nothing but its standard descriptors.
 *
 * Whoever wants to hand a descriptor on names it in `stdio`, which takes the mark off in the child.
 */
import { readdirSync } from "node:fs"
import { createRequire } from "node:module"
import type * as Koffi from "koffi"

const firstDescriptor = 3
const maxDescriptor = 0xffff_ffff
const setDescriptorFlags = 2 // F_SETFD
const closeOnExecFlag = 1 // FD_CLOEXEC
/** `close_range(2)`, by its number: the same on every architecture, and callable where the C library is older than it. */
const closeRange = 436
const closeRangeCloexec = 4 // CLOSE_RANGE_CLOEXEC

const load = () => {
  const koffi: typeof Koffi = createRequire(import.meta.url)("koffi")
  const libc = koffi.load(null)
  const syscall = libc.func("long syscall(long number, unsigned int first, unsigned int last, unsigned int flags)")
  const fcntl = libc.func("int fcntl(int descriptor, int command, int argument)")
  return () => {
    if (syscall(closeRange, firstDescriptor, maxDescriptor, closeRangeCloexec) === 0) return
    // A kernel before 5.11 does not know it: one by one. The listing's own descriptor is among them, and gone by then.
    for (const number of readdirSync("/proc/self/fd").map(Number)) {
      if (number >= firstDescriptor) fcntl(number, setDescriptorFlags, closeOnExecFlag)
    }
  }
}

let mark: (() => void) | undefined

/** Throws where the system's functions cannot be called: a program that could hold another's terminal is not started. */
export const closeOnExec = (): void => {
  if (process.platform !== "linux") return
  mark ??= load()
  mark()
}
