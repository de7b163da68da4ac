/** The QR code holds the documented text, and its cells are the code's modules. */
import qrcode from "qrcode-generator"
import { describe, expect, it } from "vitest"
import { safetyCode } from "../../../tui/screen/qr-code.ts"

const NUMBER = "0123456789".repeat(6)
const QUIET = 2

/** Back to modules: whether each is light. */
function modulesOf(rows: readonly string[]): readonly (readonly boolean[])[] {
  return rows.flatMap((row) => [
    Array.from(row).map((cell) => cell === "█" || cell === "▀"),
    Array.from(row).map((cell) => cell === "█" || cell === "▄"),
  ])
}

describe("a QR code of a safety number", () => {
  it("is the same on both sides, whoever shows it", () => {
    const mine = safetyCode({ user: "bob", me: "alice", number: NUMBER })
    expect(safetyCode({ user: "alice", me: "bob", number: NUMBER })).toEqual(mine)
    expect(safetyCode({ user: "bob", me: "alice", number: NUMBER.replace("0", "1") })).not.toEqual(mine)
  })

  it("holds the names in alphabetical order and the digits, drawn two modules in a cell with light around", () => {
    const rows = safetyCode({ user: "bob", me: "alice", number: NUMBER })
    const code = qrcode(0, "L")
    code.addData("qpq-safety-v1:alice:bob:", "Byte")
    code.addData(NUMBER, "Numeric")
    code.make()
    const size = code.getModuleCount()
    const modules = modulesOf(rows)
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([size + 2 * QUIET]))
    modules.forEach((row, y) => {
      row.forEach((isLight, x) => {
        const [column, line] = [x - QUIET, y - QUIET]
        const isInside = column >= 0 && line >= 0 && column < size && line < size
        expect(isLight).toBe(!isInside || !code.isDark(line, column))
      })
    })
  })

  it("fits 24 rows with names of ordinary length, and 30 with the longest", () => {
    const rowsFor = (length: number): number =>
      safetyCode({ user: "a".repeat(length), me: "b".repeat(length), number: NUMBER }).length
    expect(rowsFor(12)).toBeLessThanOrEqual(20)
    expect(rowsFor(32)).toBeLessThanOrEqual(24)
  })
})
