/** Who may read the server's numbers. */
import { expect, test } from "vitest"
import { utf8 } from "../../../core/domain/bytes.ts"
import { mayRead } from "../../../server/ops/sidecar-access.ts"

const TOKEN = "sixteen letters!"
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`

function asks(address: string, headers: Record<string, string> = {}, token: string | undefined = TOKEN): boolean {
  return mayRead({ address, headers: { host: "127.0.0.1:9700", ...headers } }, token === "" ? undefined : utf8(token))
}

test.each([["127.0.0.1"], ["127.9.9.9"], ["::1"], ["::ffff:127.0.0.1"]])("this computer may: %s", (address) => {
  for (const host of ["localhost", "localhost:9700", "127.0.0.1:9700", "[::1]:9700", "192.0.2.7"]) {
    expect(asks(address, { host }, "")).toBe(true)
  }
})

test.each([["192.0.2.7"], ["::ffff:192.0.2.7"], ["2001:db8::1"], [""], ["128.0.0.1"]])(
  "others may not without the token: %s",
  (address) => {
    expect([asks(address), asks(address, {}, "")]).toEqual([false, false])
  },
)

test.each([["forwarded"], ["x-forwarded-for"], ["x-real-ip"], ["via"]])("nor whom a proxy hands on: %s", (name) => {
  expect(asks("127.0.0.1", { [name]: "anything" })).toBe(false)
})

test("nor a page whose name points here", () => {
  for (const host of ["evil.example", "evil.example:9700", "127.0.0.1.evil.example", "", "[::1"]) {
    expect(asks("127.0.0.1", { host })).toBe(false)
  }
})

test("who knows the token may from everywhere, by either scheme", () => {
  for (const authorization of [`Bearer ${TOKEN.replace(" ", "")}`, basic(`any:${TOKEN.replace(" ", "")}`)]) {
    expect(asks("192.0.2.7", { authorization }, TOKEN.replace(" ", ""))).toBe(true)
  }
  expect(asks("192.0.2.7", { authorization: basic(`:${TOKEN}`) })).toBe(true)
})

test("a wrong, empty or malformed token is none", () => {
  const wrong = [
    "Bearer",
    "Bearer ",
    "Bearer x",
    basic("any:x"),
    basic(TOKEN),
    "Basic ===",
    `Digest ${TOKEN}`,
    basic(":"),
  ]
  for (const authorization of wrong) expect(asks("192.0.2.7", { authorization })).toBe(false)
  for (const authorization of ["Bearer undefined", basic(":"), basic("a:")]) {
    expect(asks("192.0.2.7", { authorization }, "")).toBe(false)
  }
})
