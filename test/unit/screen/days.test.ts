/** Days as people write them. */
import { describe, expect, it } from "vitest"
import { dayFrom, dayText } from "../../../tui/screen/days.ts"

/** A Sunday. */
const NOW = new Date(2026, 10, 22, 15, 30).getTime()
const read = (text: string): string => {
  const day = dayFrom(text, NOW)
  return typeof day === "string" ? `! ${day}` : dayText(day.at)
}

describe("a day", () => {
  it.each(["", "soon", "2026", "2026-11", "20", "20.11", "11/20/2026", "2026-11-20x", "today today", "\u0000"])(
    "is refused as %j",
    (text) => {
      expect(read(text)).toMatch(/^! A date is written 2026-11-20, 20\.11\., yesterday or monday/)
    },
  )

  it.each(["2026-02-30", "31.4.2026", "0.1.2026", "1.13.2026", "1999-12-31", "30.02."])("is none as %s", (text) => {
    expect(read(text)).toMatch(/^! There is no day /)
  })

  it("is none yet when it is to come", () => {
    expect(read("2026-11-23")).toBe("! Mon 23 Nov 2026 is still to come.")
  })

  it.each([
    ["2026-11-20", "Fri 20 Nov 2026"],
    ["2026-1-2", "Fri 2 Jan 2026"],
    ["20.11.2026", "Fri 20 Nov 2026"],
    ["20.11.", "Fri 20 Nov 2026"],
    ["24.12.", "Wed 24 Dec 2025"],
    ["29.2.", "Thu 29 Feb 2024"],
    ["today", "Sun 22 Nov 2026"],
    [" Yesterday ", "Sat 21 Nov 2026"],
    ["fri", "Fri 20 Nov 2026"],
    ["Monday", "Mon 16 Nov 2026"],
    ["sunday", "Sun 15 Nov 2026"],
  ])("is known as %s", (text, day) => {
    expect(read(text)).toBe(day)
  })

  it("ends where the next begins", () => {
    const day = dayFrom("2026-11-20", NOW)
    expect(typeof day === "string" ? day : dayText(day.end)).toBe("Sat 21 Nov 2026")
  })
})
