/** Lengths of time as people write and read them: 30s, 5m, 8h, 1d, 4w. */

interface Unit {
  readonly letter: string
  readonly name: string
  readonly seconds: number
}

/** The longest first. */
const UNITS: readonly Unit[] = [
  { letter: "w", name: "week", seconds: 604_800 },
  { letter: "d", name: "day", seconds: 86_400 },
  { letter: "h", name: "hour", seconds: 3600 },
  { letter: "m", name: "minute", seconds: 60 },
  { letter: "s", name: "second", seconds: 1 },
]
const WRITTEN = /^(\d{1,9}) ?(?:(s|seconds?)|(m|min|minutes?)|(h|hours?)|(d|days?)|(w|weeks?))$/

/** @returns whole seconds, 0 for "off"; undefined for anything else. */
export function secondsFrom(text: string): number | undefined {
  const wanted = text.trim().toLowerCase()
  if (wanted === "off") return 0
  const [, count, ...units] = WRITTEN.exec(wanted) ?? []
  const letter = units.join("")[0]
  const unit = UNITS.find((one) => one.letter === letter)
  return unit && count !== undefined && Number(count) > 0 ? Number(count) * unit.seconds : undefined
}

/** "1 day", "90 minutes": in the longest unit that is exact. */
export function durationText(seconds: number): string {
  const { name, count } = inUnits(seconds)
  return `${count} ${name}${count === 1 ? "" : "s"}`
}

/** The same, short: "1d", "90m". */
export function shortDuration(seconds: number): string {
  const { letter, count } = inUnits(seconds)
  return `${count}${letter}`
}

function inUnits(seconds: number): Unit & { readonly count: number } {
  const unit = UNITS.find((one) => seconds >= one.seconds && seconds % one.seconds === 0) ?? UNITS.at(-1)
  const { letter, name, seconds: each } = unit ?? { letter: "s", name: "second", seconds: 1 }
  return { letter, name, seconds: each, count: seconds / each }
}
