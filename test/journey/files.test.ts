/** Files between people on a real server over QUIC, by the command line. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"
import { fresh } from "../fakes/node-device.ts"

const house = new CommandHouse({
  people: ["alice", "bob"],
  groups: ["team"],
  flags: ["--file-size-max", "5", "--file-quota", "10"],
})
const { shell } = house
const SIZE = 3_000_000
const bytes = fresh(SIZE)

beforeAll(() => house.open())
afterAll(() => house[Symbol.asyncDispose]())

const file = (name: string, content: Uint8Array): string => {
  const path = join(shell.folder, name)
  writeFileSync(path, content)
  return path
}
const folder = (name: string): string => {
  const path = join(shell.folder, name)
  mkdirSync(path)
  return path
}
const leftovers = (name: string): readonly string[] => readdirSync(join(shell.home(name), "files"))

test("a file of 3 MB is sent with a text, listed by the other, and saved as it was", async () => {
  const path = file("plan of 2026.pdf", bytes)
  const sent = await shell.qpq("alice", ["send", "team", "look at page 3", "--file", path])
  expect([sent.status, sent.json]).toMatchObject([0, [{ state: "stored" }, { state: "stored" }]])
  expect(leftovers("alice")).toEqual([])
  const attachment = { name: "plan of 2026.pdf", size: SIZE, mediaType: "application/pdf" }
  const id = String(sent.json[0]?.["id"])
  const heard = await shell.qpq("bob", ["recv", "--wait", "10"])
  expect(heard.json).toMatchObject([
    { type: "message", id, text: "plan of 2026.pdf", attachment },
    { text: "look at page 3", replyTo: id },
  ])
  expect((await shell.plain("bob", ["history", "team"])).lines[0]).toBe(
    `[team] alice: [file] plan of 2026.pdf, 3.0 MB, ${id.slice(0, 8)}`,
  )
  const into = folder("bob-files")
  const saved = await shell.qpq("bob", ["save", "team", id.slice(0, 8), into])
  const place = join(into, "plan of 2026.pdf")
  expect([saved.status, saved.json]).toMatchObject([0, [{ type: "saved", id, path: place, size: SIZE }]])
  expect(Buffer.compare(readFileSync(place), bytes)).toBe(0)
  expect(statSync(place).mode & 0o777).toBe(0o600)
  expect([leftovers("bob"), readdirSync(into)]).toEqual([[], ["plan of 2026.pdf"]])

  const again = await shell.qpq("bob", ["save", "team", id.slice(0, 8), into])
  expect(again.json).toMatchObject([{ path: join(into, "plan of 2026 (2).pdf") }])
  writeFileSync(place, "mine")
  const refused = await shell.qpq("bob", ["save", "team", id.slice(0, 8), place])
  expect([refused.status, refused.json.at(-1), readFileSync(place, "utf8")]).toMatchObject([
    2,
    { code: "E070" },
    "mine",
  ])
  await shell.qpq("bob", ["save", "team", id.slice(0, 8), place, "--force"])
  expect(Buffer.compare(readFileSync(place), bytes)).toBe(0)
  expect(readdirSync(into)).toHaveLength(2)
})

test("what cannot be a file, or is too large for the server, is refused by its code; a text has none to save", async () => {
  const missing = await shell.qpq("alice", ["send", "team", "--file", join(shell.folder, "nothing")])
  expect([missing.status, missing.json.at(-1)]).toMatchObject([66, { code: "E072" }])
  const dir = await shell.qpq("alice", ["send", "team", "--file", shell.folder])
  expect([dir.status, dir.json.at(-1)]).toMatchObject([66, { code: "E072" }])
  const large = await shell.qpq("alice", ["send", "team", "--file", file("large", new Uint8Array(5_300_000))])
  expect([large.status, large.json.at(-1)]).toMatchObject([65, { code: "E028" }])
  expect(leftovers("alice")).toEqual([])
  const text = await shell.qpq("alice", ["send", "team", "no file"])
  const none = await shell.qpq("alice", ["save", "team", String(text.json[0]?.["id"])])
  expect([none.status, none.json.at(-1)]).toMatchObject([65, { code: "E079" }])
  expect((await shell.qpq("alice", ["send", "team"])).status).toBe(2)
})

test("a file sent while the server is away goes with the next command that is online", async () => {
  const path = file("later.txt", bytes.subarray(0, 100))
  const { port } = house.server.address
  await house.server.stop("SIGKILL")
  const sent = await shell.qpq("alice", ["send", "team", "--file", path, "--timeout", "1"])
  expect([sent.status, sent.json]).toMatchObject([0, [{ state: "queued" }]])
  expect(leftovers("alice")).toHaveLength(1)
  await house.serve(port)
  await shell.qpq("alice", ["recv"])
  expect(leftovers("alice")).toEqual([])
  const { json } = await shell.qpq("bob", ["recv", "--wait", "10"])
  expect(json.at(-1)).toMatchObject({ attachment: { name: "later.txt", size: 100 } })
  const into = folder("later")
  await shell.qpq("bob", ["save", "team", String(json.at(-1)?.["id"]).slice(0, 10), into])
  expect(Buffer.compare(readFileSync(join(into, "later.txt")), bytes.subarray(0, 100))).toBe(0)
})
