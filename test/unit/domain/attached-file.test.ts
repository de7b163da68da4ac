/** Names of files that others sent: whatever they hold, a plain name in the folder that was meant. */
import { expect, test } from "vitest"
import { mediaTypeOf, plainFileName, plainMediaType, sizeText } from "../../../core/domain/attached-file.ts"
import { utf8 } from "../../../core/domain/bytes.ts"

test.each([
  ["plan.pdf", "plan.pdf"],
  ["Grüße 👋.txt", "Grüße 👋.txt"],
  ["../../.ssh/authorized_keys", "authorized_keys"],
  ["/etc/passwd", "passwd"],
  ["C:\\x", "x"],
  ["C:x", "C_x"],
  ["..\\..\\boot.ini", "boot.ini"],
  ["a/b\\c", "c"],
  ["folder/", "folder"],
  [".bashrc", "bashrc"],
  ["..", "file"],
  ["", "file"],
  ["/", "file"],
  [" . ", "file"],
  ["con.txt", "_con.txt"],
  ["LPT1", "_LPT1"],
  ["a\u001b[2Jb\n.txt", "a_[2Jb_.txt"],
  ["safe\u202efdp.exe", "safe_fdp.exe"],
  ["a\u0000b", "a_b"],
  ["ends. ", "ends"],
  ["what?*.txt", "what__.txt"],
])("%j is saved as %j", (name, plain) => {
  expect(plainFileName(name)).toBe(plain)
  expect(plainFileName(plain)).toBe(plain)
})

test("a name that is too long keeps its ending", () => {
  const name = plainFileName(`${"é".repeat(300)}.pdf`)
  expect(name).toMatch(/é\.pdf$/)
  expect(utf8(name).length).toBeLessThanOrEqual(255)
})

test("a media type that is none is that of any bytes", () => {
  expect(plainMediaType("image/PNG")).toBe("image/png")
  for (const type of ["", "image", "a/b/c", "text/html\u001b", `x/${"y".repeat(200)}`]) {
    expect(plainMediaType(type)).toBe("application/octet-stream")
  }
  expect([mediaTypeOf("a.PDF"), mediaTypeOf("a.constructor"), mediaTypeOf("a")]).toEqual([
    "application/pdf",
    "application/octet-stream",
    "application/octet-stream",
  ])
})

test("sizes are told in powers of a thousand", () => {
  expect([0, 999, 1000, 3_000_000, 1_073_741_824].map(sizeText)).toEqual(["0 B", "999 B", "1.0 KB", "3.0 MB", "1.1 GB"])
})
