/** Figures over samples. Pure. */

/** Nearest rank: always one of the samples. NaN without any. */
export const percentile = (samples: ReadonlyArray<number>, rank: number): number => {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)] ?? Number.NaN
}

export const median = (samples: ReadonlyArray<number>): number => percentile(samples, 50)
