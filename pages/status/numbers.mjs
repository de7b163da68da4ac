/** What the page reads out of /metrics (Prometheus text exposition format 0.0.4): sums, rates, quantiles. */

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g

/** All series of a moment, by name. */
export function parsed(text) {
  const series = new Map()
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = LINE.exec(line) ?? []
    if (name === undefined) continue
    const row = {
      labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key, said]) => [key, said])),
      value: Number(value),
    }
    series.set(name, [...(series.get(name) ?? []), row])
  }
  return series
}

/** Over all labels that fit; undefined when there is no such series. */
export function sumOf(series, name, fits = () => true) {
  const rows = series.get(name)?.filter(({ labels }) => fits(labels))
  return rows?.reduce((sum, { value }) => sum + value, 0)
}

/** By how much a counter grew; from nothing when the server began anew in between. */
export function growth({ now, before }, name, fits) {
  const [to, from] = [sumOf(now, name, fits), sumOf(before, name, fits) ?? 0]
  if (to === undefined) return undefined
  return to < from ? to : to - from
}

/**
 * What so large a share of what a histogram saw in between did not exceed, even within a bucket, as histogram_quantile has it.
 * undefined when it saw nothing; the last bound for what is beyond it.
 */
export function quantileBetween(span, name, share, fits = () => true) {
  const bounds = boundsOf(span.now, name)
  const within = (le) => growth(span, `${name}_bucket`, (labels) => labels.le === le && fits(labels)) ?? 0
  const counts = bounds.map(within)
  const wanted = share * (counts.at(-1) ?? 0)
  if (wanted === 0) return undefined
  const at = counts.findIndex((count) => count >= wanted)
  const [low, under] = at === 0 ? [0, 0] : [numberOf(bounds[at - 1]), counts[at - 1]]
  const high = numberOf(bounds[at])
  return high === Infinity ? low : low + ((high - low) * (wanted - under)) / (counts[at] - under)
}

const boundsOf = (series, name) =>
  [...new Set((series.get(`${name}_bucket`) ?? []).map(({ labels }) => labels.le))].sort(
    (a, b) => numberOf(a) - numberOf(b),
  )

const numberOf = (le) => (le === "+Inf" ? Infinity : Number(le))
