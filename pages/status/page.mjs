/** The status page: asks for the server's numbers every two seconds, and draws the last ten minutes of them. */
import { CHARTS, TILES } from "./charts.mjs"
import { parsed, sumOf } from "./numbers.mjs"

const EVERY_MS = 2000
const POINTS_MAX = 300
const CHART_HEIGHT = 160
const COLOURS = ["#4f9dde", "#e0a04a", "#7fbf6a", "#c678b8"]
const GRID = { stroke: "#8884", width: 1 }

const state = document.querySelector("#state")
const times = []
let before

const tiles = TILES.map(({ title, read }) => {
  const value = document.createElement("strong")
  const tile = document.createElement("div")
  tile.append(value, title)
  document.querySelector("#tiles").append(tile)
  return { value, read }
})

const charts = CHARTS.map(({ title, unit, lines }) => {
  const place = document.createElement("section")
  document.querySelector("#charts").append(place)
  const colour = getComputedStyle(document.body).color
  const axis = { stroke: colour, grid: GRID, ticks: GRID, font: "12px sans-serif" }
  const series = lines.map(({ label }, at) => ({
    label,
    stroke: COLOURS[at],
    width: 1.5,
    points: { show: false },
    value: (_, value) => (value === null || value === undefined ? "-" : shown(value)),
  }))
  const plot = new uPlot(
    {
      title: unit === "" ? title : `${title}, ${unit}`,
      width: place.clientWidth,
      height: CHART_HEIGHT,
      series: [
        { value: (_, at) => (at === null || at === undefined ? "" : new Date(at * 1000).toLocaleTimeString()) },
        ...series,
      ],
      axes: [axis, { ...axis, size: 60 }],
      scales: { y: { range: (_, _low, high) => [0, high > 0 ? 1.1 * high : 1] } },
      legend: { live: true },
    },
    [[], ...lines.map(() => [])],
    place,
  )
  return { place, plot, lines, rows: lines.map(() => []) }
})

addEventListener("resize", () => {
  for (const { plot, place } of charts) plot.setSize({ width: place.clientWidth, height: CHART_HEIGHT })
})

function shown(value) {
  if (Number.isInteger(value)) return value.toLocaleString()
  return value >= 100 ? Math.round(value).toLocaleString() : value.toPrecision(3)
}

function push(row, value) {
  row.push(value ?? null)
  if (row.length > POINTS_MAX) row.shift()
}

async function look() {
  const ready = await fetch("readyz")
  const { reason } = await ready.json()
  const answer = await fetch("metrics")
  if (!answer.ok) throw new Error(`metrics: ${answer.status}`)
  const now = parsed(await answer.text())
  const at = Date.now() / 1000
  const span = before && { now, before: before.now, seconds: at - before.at }
  push(times, at)
  for (const { value, read } of tiles) value.textContent = rounded(read({ now }))
  for (const { plot, lines, rows } of charts) {
    lines.forEach(({ read }, line) => push(rows[line], span && read(span)))
    plot.setData([times, ...rows])
    // What is newest, unless somebody points at a moment.
    if (typeof plot.cursor.idx !== "number") plot.setLegend({ idx: times.length - 1 })
  }
  before = { now, at }
  tell(ready.ok ? "serving" : (reason ?? "not ready"), ready.ok)
  document.querySelector("#version").textContent = now.get("qpq_build_info")?.[0].labels.version ?? ""
  document.querySelector("#uptime").textContent = `up ${spell(at - (sumOf(now, "process_start_time_seconds") ?? at))}`
}

function rounded(number) {
  if (number === undefined) return "-"
  return shown(Math.abs(number) >= 10 ? Math.round(number) : number)
}

function tell(text, isWell) {
  state.textContent = text
  state.className = isWell ? "well" : "ill"
}

function spell(seconds) {
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor)
  return days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`
}

async function goOn() {
  await look().catch(() => tell("no answer", false))
  setTimeout(goOn, EVERY_MS)
}
await goOn()
