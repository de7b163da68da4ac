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

/** A line through points that a few wild ones do not turn, in units of y per unit of x. */
export interface Trend {
  readonly slope: number
  /** Between these the slope is in 95 of 100 cases, if the points stray independently of each other. */
  readonly lower: number
  readonly upper: number
}

const Z_95 = 1.96

/** Theil-Sen: the median slope of all pairs; its interval by Kendall's S (Sen 1968). NaN of fewer than two points. */
export function theilSen(points: readonly (readonly [x: number, y: number])[]): Trend {
  const slopes: number[] = []
  for (const [at, [x, y]] of points.entries())
    for (const [laterX, laterY] of points.slice(at + 1)) if (laterX !== x) slopes.push((laterY - y) / (laterX - x))
  slopes.sort((a, b) => a - b)
  const count = points.length
  const spread = Z_95 * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  const half = slopes.length >> 1
  const middle = slopes.length % 2 === 1 ? slopes[half] : ((slopes[half - 1] ?? NaN) + (slopes[half] ?? NaN)) / 2
  const ranked = (rank: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, rank))] ?? NaN
  return {
    slope: middle ?? NaN,
    lower: ranked(Math.floor((slopes.length - spread) / 2) - 1),
    upper: ranked(Math.ceil((slopes.length + spread) / 2)),
  }
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
