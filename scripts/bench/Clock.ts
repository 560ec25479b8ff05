/** The clock of all measurements: monotonic, and the same for every process of this machine. */

/** Milliseconds, with the resolution of the system. */
export const nowMillis = (): number => Number(process.hrtime.bigint()) / 1e6
