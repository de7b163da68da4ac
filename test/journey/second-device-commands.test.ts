/** Further devices by commands, at a real server: by the password, by a code, named, revoked. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"
import type { Finished } from "../fakes/command-line.ts"

const here = new CommandHouse({ people: ["alice", "bob"], groups: ["team"] })
beforeAll(() => here.open())
afterAll(() => here[Symbol.asyncDispose]())

const asAlice = { env: { QPQ_PASSWORD: "pw-alice" } }
const run = (profile: string, ...argv: string[]): Promise<Finished> => here.shell.qpq(profile, argv, asAlice)
const texts = ({ json }: Finished): unknown[] => json.filter(({ type }) => type === "message").map(({ text }) => text)

test("a second profile logs in by the password, is taken into the group, and speaks there as the same person", async () => {
  const login = ["login", "alice", "--device-name", "laptop", "--server", here.address]
  const done = await run("laptop", ...login)
  expect([done.status, done.json[0]]).toMatchObject([0, { type: "account", name: "alice" }])
  expect((await here.shell.qpq("alice", ["groups"])).status).toBe(0)
  const taken = await here.shell.qpq("alice", ["recv"])
  expect([taken.status, taken.json]).toMatchObject([0, []])
  expect((await run("laptop", "recv")).status).toBe(0)
  expect((await run("laptop", "groups")).json).toMatchObject([{ name: "team", members: ["alice", "bob"] }])
  expect((await run("laptop", "send", "team", "from the laptop")).json[0]).toMatchObject({ state: "stored" })
  expect(texts(await here.shell.qpq("bob", ["recv"]))).toEqual(["from the laptop"])
  // What the person said is nothing that came for them, wherever they said it.
  expect((await here.shell.qpq("alice", ["recv"])).json).toEqual([])
  expect(texts(await here.shell.qpq("alice", ["history", "team"]))).toEqual(["from the laptop"])
})

test("devices are listed with their names, renamed and revoked; the revoked one is told so", async () => {
  const listed = (await run("laptop", "devices")).json
  expect(listed).toMatchObject([
    { type: "device", status: "active", current: false },
    { type: "device", name: "laptop", status: "active", current: true },
  ])
  const id = String(listed[1]?.["id"])
  const named = await here.shell.qpq("alice", ["devices", "name", id.slice(0, 6), "old laptop"])
  expect(named.json).toMatchObject([{ id, name: "old laptop" }])
  const revoked = await here.shell.qpq("alice", ["devices", "revoke", id.slice(0, 6)])
  expect([revoked.status, revoked.json]).toMatchObject([0, [{ id, status: "revoked" }]])
  expect((await here.shell.qpq("alice", ["devices"])).json.map(({ status }) => status)).toEqual(["active", "revoked"])
  const members = await here.shell.qpq("alice", ["members", "team"])
  expect(members.json.map(({ name }) => name)).toEqual(["alice", "bob"])
  const refused = await run("laptop", "send", "team", "still here?")
  expect(refused.json.at(-1)).toMatchObject({ type: "error", code: "E007" })
  expect((await run("laptop", "login", "alice")).json.at(-1)).toMatchObject({ type: "error", code: "E092" })
})

test("by a code a profile becomes a device without the account's password", async () => {
  const shown = new AbortController()
  const showing = here.shell.qpq("alice", ["devices", "pair"], { signal: shown.signal })
  const code = await here.shell.printed("alice", "pairing", "code")
  const env = { QPQ_PASSWORD: "a password of its own", QPQ_PAIRING_CODE: code }
  const done = await here.shell.qpq("tablet", ["login", "alice", "--pair", "--server", here.address], { env })
  expect([done.status, done.json[0]]).toMatchObject([0, { type: "account", name: "alice" }])
  expect((await showing).json.map(({ type }) => type)).toEqual(["pairing", "device"])
  const again = await here.shell.qpq("phone", ["login", "alice", "--pair", "--server", here.address], { env })
  expect(again.json.at(-1)).toMatchObject({ type: "error", code: "E095" })
})

test.each([
  ["devices", "sell"],
  ["devices", "revoke"],
  ["devices", "pair", "now"],
  ["devices", "name", "abcd"],
])("%s %s is wrong usage", async (...argv) => {
  const done = await here.shell.qpq("alice", argv)
  expect([done.status, done.json.at(-1)]).toMatchObject([2, { code: "E070" }])
})
