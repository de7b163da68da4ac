/** Whether two rows of times differ by more than chance. */

export interface Sample {
  readonly count: number
  readonly mean: number
  readonly variance: number
}

export function sampleOf(times: readonly number[]): Sample {
  const count = times.length
  const mean = times.reduce((sum, time) => sum + time, 0) / count
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (count - 1)
  return { count, mean, variance }
}

/** Welch's t of two samples of different variance: beyond ±4.5 they hardly come from one distribution. */
export function welchT(a: readonly number[], b: readonly number[]): number {
  const [one, other] = [sampleOf(a), sampleOf(b)]
  const error = Math.sqrt(one.variance / one.count + other.variance / other.count)
  return error === 0 ? 0 : (one.mean - other.mean) / error
}

/** The time that so many hundredths of all do not exceed. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Without what took longer than nine tenths of both together: pauses of the machine hide small differences. */
export function withoutPauses(
  a: readonly number[],
  b: readonly number[],
): readonly [readonly number[], readonly number[]] {
  const longest = quantile([...a, ...b], 0.9)
  return [a.filter((time) => time <= longest), b.filter((time) => time <= longest)]
}
