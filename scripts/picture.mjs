// Draws a terminal's screen: a dump of an @xterm/headless buffer becomes SVG, and PNG where rsvg-convert is installed.
// As a program: node scripts/picture.mjs DUMP.json OUT.svg
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"

const CELL = { width: 8.43, height: 18 }
const MARGIN = 14
const FONT = "DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK SC, Noto Color Emoji, monospace"
const FOREGROUND = "#d3d7de"
const BACKGROUND = "#12161c"
const PALETTE = [
  ["#1c2128", "#e06c75", "#8cc265", "#d9a74a", "#5aa2e6", "#c678dd", "#4fb7c5", "#c8ccd4"],
  ["#5c6370", "#f0808a", "#a5d982", "#e9bf6a", "#7cb8f2", "#d896ea", "#6fd0dc", "#ffffff"],
].flat()

/** Every cell of the terminal's screen as plain values; a cell of width 0 belongs to the one before it. */
export function dump(terminal, { cursor: isShown = true } = {}) {
  const buffer = terminal.buffer.active
  const rows = Array.from({ length: terminal.rows }, (_, y) => {
    const line = buffer.getLine(buffer.viewportY + y)
    return Array.from({ length: terminal.cols }, (_, x) => cellOf(line?.getCell(x)))
  })
  const cursor = isShown ? { column: buffer.cursorX, row: buffer.cursorY } : undefined
  return { columns: terminal.cols, rows, cursor }
}

function cellOf(cell) {
  if (!cell) return { text: " ", width: 1 }
  return {
    text: cell.getChars() || " ",
    width: cell.getWidth(),
    foreground: cell.isFgDefault() ? -1 : cell.getFgColor(),
    background: cell.isBgDefault() ? -1 : cell.getBgColor(),
    bold: Boolean(cell.isBold()),
    dim: Boolean(cell.isDim()),
    inverse: Boolean(cell.isInverse()),
  }
}

export function svg({ columns, rows, cursor }) {
  const width = Math.ceil(columns * CELL.width + 2 * MARGIN)
  const height = Math.ceil(rows.length * CELL.height + 2 * MARGIN)
  const drawn = rows.flatMap((row, y) => row.map((cell, x) => cellSvg(cell, x, y)))
  const caret = cursor
    ? `<rect x="${at(cursor.column)}" y="${MARGIN + cursor.row * CELL.height + 1}" width="2" height="${CELL.height - 2}" fill="${FOREGROUND}"/>`
    : ""
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT}" font-size="14">` +
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>${drawn.join("")}${caret}</svg>\n`
  )
}

const at = (column) => (MARGIN + column * CELL.width).toFixed(2)

function cellSvg(cell, x, y) {
  if (cell.width === 0) return ""
  const [front, back] = colours(cell)
  const top = MARGIN + y * CELL.height
  const box =
    back === BACKGROUND
      ? ""
      : `<rect x="${at(x)}" y="${top}" width="${(cell.width * CELL.width + 0.3).toFixed(2)}" height="${CELL.height}" fill="${back}"/>`
  const rule = RULES[cell.text]
  if (rule) return box + ruleSvg(rule, { x, top, colour: front, dim: cell.dim })
  if (cell.text.trim() === "") return box
  const weight = cell.bold ? ' font-weight="bold"' : ""
  const faint = cell.dim ? ' opacity="0.55"' : ""
  return `${box}<text x="${at(x)}" y="${top + 13.5}" fill="${front}"${weight}${faint}>${escaped(cell.text)}</text>`
}

/** Box drawing as lines that meet, whatever the font: up, right, down, left. */
const RULES = {
  "─": [0, 1, 0, 1],
  "│": [1, 0, 1, 0],
  "┌": [0, 1, 1, 0],
  "┐": [0, 0, 1, 1],
  "└": [1, 1, 0, 0],
  "┘": [1, 0, 0, 1],
}

function ruleSvg([up, right, down, left], { x, top, colour, dim }) {
  const cx = MARGIN + (x + 0.5) * CELL.width
  const cy = top + CELL.height / 2
  const arms = [
    up && `M${cx} ${cy}V${top}`,
    right && `M${cx} ${cy}H${cx + CELL.width / 2 + 0.2}`,
    down && `M${cx} ${cy}V${top + CELL.height}`,
    left && `M${cx} ${cy}H${cx - CELL.width / 2 - 0.2}`,
  ].filter(Boolean)
  return `<path d="${arms.join("")}" stroke="${colour}" fill="none"${dim ? ' opacity="0.55"' : ""}/>`
}

/** Of the 256 colours: the 16 named ones, a cube of 6 levels, 24 greys (xterm's table). */
function colourOf(index) {
  if (index < PALETTE.length) return PALETTE[index]
  if (index >= 232) return hexOf([0, 0, 0].map(() => 8 + (index - 232) * 10))
  const cube = index - PALETTE.length
  return hexOf([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => LEVELS[level]))
}

const LEVELS = [0, 95, 135, 175, 215, 255]
const hexOf = (parts) => `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`

function colours({ foreground = -1, background = -1, inverse }) {
  const front = foreground < 0 ? FOREGROUND : colourOf(foreground)
  const back = background < 0 ? BACKGROUND : colourOf(background)
  return inverse ? [back, front] : [front, back]
}

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

/** Writes `path` (.svg), and the .png beside it when the converter is there. @returns the paths written. */
export function writePicture(screen, path) {
  writeFileSync(path, svg(screen))
  const png = path.replace(/\.svg$/, ".png")
  const made = spawnSync("rsvg-convert", ["-z", "1.5", "-o", png, path])
  return made.status === 0 ? [path, png] : [path]
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [source, target] = process.argv.slice(2)
  if (!source || !target) {
    console.error("usage: node scripts/picture.mjs DUMP.json OUT.svg")
    process.exit(2)
  }
  console.log(writePicture(JSON.parse(readFileSync(source, "utf8")), target).join("\n"))
}
