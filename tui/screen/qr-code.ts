/** A safety number as a QR code, drawn in half blocks: two modules in each cell, light ones bright. */
import qrcode from "qrcode-generator"
import type { VerificationView } from "../../core/client/verification-view.ts"

/** Two modules around it; scanners ask for four, and get along with two. */
const QUIET = 2

/**
 * The rows of the code of `qpq-safety-v1:NAME:NAME:DIGITS`, both names in alphabetical order, so that it is the same on
 * both sides; error correction L. All rows have the same length.
 */
export function safetyCode({ user, me, number }: Pick<VerificationView, "user" | "me" | "number">): readonly string[] {
  const code = qrcode(0, "L")
  code.addData(`qpq-safety-v1:${[user, me].sort().join(":")}:`, "Byte")
  code.addData(number, "Numeric")
  code.make()
  const size = code.getModuleCount()
  const isLight = (x: number, y: number): boolean => {
    const inside = x >= 0 && y >= 0 && x < size && y < size
    return !inside || !code.isDark(y, x)
  }
  const rows: string[] = []
  for (let y = -QUIET; y < size + QUIET; y += 2) {
    let row = ""
    for (let x = -QUIET; x < size + QUIET; x++) row += cell(isLight(x, y), isLight(x, y + 1))
    rows.push(row)
  }
  return rows
}

function cell(upper: boolean, lower: boolean): string {
  if (upper) return lower ? "█" : "▀"
  return lower ? "▄" : " "
}
