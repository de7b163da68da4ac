/** Server addresses: what is read, what is written, what is refused. */
import { describe, expect, test } from "vitest"
import {
  formatPin,
  formatServerAddress,
  isSameServer,
  newerAddress,
  parseServerAddress,
} from "../../core/domain/server-address.ts"

const PIN = new Uint8Array(32).fill(7)
const PIN_TEXT = formatPin(PIN)

describe("read", () => {
  test("a name, with the usual port when none is given", () => {
    expect(parseServerAddress("qpq://chat.example")).toEqual({ host: "chat.example", port: 7000, pins: [] })
    expect(parseServerAddress("qpq://chat.example:7443/")).toEqual({ host: "chat.example", port: 7443, pins: [] })
  })

  test("addresses of both families, IPv6 without its brackets", () => {
    expect(parseServerAddress("qpq://192.0.2.7:1").host).toBe("192.0.2.7")
    expect(parseServerAddress("qpq://[::1]:7000")).toEqual({ host: "::1", port: 7000, pins: [] })
    expect(parseServerAddress("qpq://[2001:db8::5]").host).toBe("2001:db8::5")
  })

  test("a pin, or several while keys change", () => {
    const other = formatPin(new Uint8Array(32).fill(9))
    expect(parseServerAddress(`qpq://h?pin=${PIN_TEXT}`).pins).toEqual([PIN])
    expect(parseServerAddress(`qpq://h?pin=${PIN_TEXT}=&pin=${other}`).pins).toHaveLength(2)
  })

  test("the token of an invite link", () => {
    expect(parseServerAddress(`qpq://h?pin=${PIN_TEXT}&invite=abc`).invite).toBe("abc")
    expect(parseServerAddress("qpq://h?invite=")).not.toHaveProperty("invite")
  })
})

describe("written", () => {
  test.each([
    "qpq://chat.example:7000",
    "qpq://192.0.2.7:1",
    "qpq://[2001:db8::5]:7000",
    `qpq://[::1]:9?pin=${PIN_TEXT}`,
    `qpq://h:9?pin=${PIN_TEXT}&pin=${formatPin(new Uint8Array(32))}`,
  ])("%s comes back as it was", (text) => {
    expect(formatServerAddress(parseServerAddress(text))).toBe(text)
  })

  test("an invite token is left out", () => {
    expect(formatServerAddress(parseServerAddress("qpq://h:9?invite=abc"))).toBe("qpq://h:9")
  })
})

test.each([
  "",
  "chat.example:7000",
  "https://chat.example",
  "qpq://",
  "qpq://someone@chat.example",
  "qpq://chat.example/path",
  "qpq://chat.example:70000",
  "qpq://[::1",
  "qpq://h?pin=sha256:short",
  `qpq://h?pin=${PIN_TEXT}A`,
  `qpq://h?pin=${PIN_TEXT.replace("sha256", "sha1")}`,
  "qpq://h?pin=",
])("%j is refused", (text) => {
  expect(() => parseServerAddress(text)).toThrow(expect.objectContaining({ code: "E071" }))
})

describe("the address that a person gives for a server already known", () => {
  const at = (...pins: readonly number[]) => ({
    host: "h",
    port: 1,
    pins: pins.map((fill) => new Uint8Array(32).fill(fill)),
  })
  const kept = (stored: readonly number[], wanted: readonly number[]): readonly number[] | "another" =>
    isSameServer(at(...stored), at(...wanted))
      ? newerAddress(at(...stored), at(...wanted)).pins.map((pin) => pin[0] ?? -1)
      : "another"

  test.each([
    ["brings the next pin beside a known one", [1], [1, 2], [1, 2]],
    ["drops the one before the last", [1, 2], [2, 3], [2, 3]],
    ["is an older one: nothing is forgotten", [1, 2], [1], [1, 2]],
    ["says nothing of pins", [1, 2], [], [1, 2]],
    ["has no known pin", [1], [2], "another"],
    ["has pins where a CA is trusted", [], [1], "another"],
  ] as const)("%s", (_, stored, wanted, expected) => {
    expect(kept(stored, wanted)).toEqual(expected)
  })

  test("is another place", () => {
    expect(isSameServer(at(1), { ...at(1), port: 2 })).toBe(false)
    expect(isSameServer(at(1), { ...at(1), host: "g" })).toBe(false)
  })
})
