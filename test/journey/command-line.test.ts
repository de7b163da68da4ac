import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"

const house = new CommandHouse()
const { shell } = house
let address: string

beforeAll(async () => {
  await house.open()
  address = house.address
})
afterAll(() => house[Symbol.asyncDispose]())

const heard = async (name: string, ...more: string[]): Promise<string[]> => {
  const { json, status } = await shell.qpq(name, ["recv", "--wait", "10", ...more])
  expect(status).toBe(0)
  return json.map((line) => `${String(line["sender"])}: ${String(line["text"])}`)
}

test("three profiles register, meet in a group and talk; the server dies in the middle and nothing is lost", async () => {
  for (const name of ["alice", "bob", "carol"]) {
    const { json, status } = await shell.qpq(name, ["register-user", name, "--server", address])
    expect([status, json]).toMatchObject([0, [{ type: "account", name, server: address }]])
  }
  const [made] = (await shell.qpq("alice", ["create-group", "team"])).json
  expect(made).toMatchObject({ type: "group", name: "team", epoch: 0, suite: "hybrid", members: ["alice"], unread: 0 })
  const [change] = (await shell.qpq("alice", ["invite", "team", "bob", "carol"])).json
  expect(change).toMatchObject({ type: "change", group: "team", epoch: 1, added: ["bob", "carol"], by: "alice" })
  expect((await shell.qpq("alice", ["send", "team", "before you came"])).json).toMatchObject([{ state: "stored" }])
  for (const name of ["bob", "carol"]) {
    const { json } = await shell.qpq(name, ["join"])
    expect(json).toMatchObject([{ type: "group", name: "team", epoch: 1, members: ["alice", "bob", "carol"] }])
  }
  expect((await shell.qpq("bob", ["send", "team", "hi"])).json).toMatchObject([{ type: "sent", state: "stored" }])

  const { port } = house.server.address
  await house.server.stop("SIGKILL")
  const queued = await shell.qpq("carol", ["send", "team", "written while it was down", "--timeout", "1"])
  expect([queued.status, queued.json]).toMatchObject([0, [{ type: "sent", state: "queued" }]])
  await house.serve(port)

  expect((await shell.qpq("carol", ["recv"])).json).toMatchObject([{ text: "before you came" }, { text: "hi" }])
  expect(await heard("alice")).toEqual(["bob: hi", "carol: written while it was down"])
  expect(await heard("bob")).toEqual(["alice: before you came", "carol: written while it was down"])
  const { json } = await shell.qpq("bob", ["history", "team"])
  expect(json.map((line) => line["text"])).toEqual(["before you came", "hi", "written while it was down"])
  expect((await shell.qpq("alice", ["recv"])).json).toEqual([])
})

test("members are removed, leave and decline by command; a left group keeps its history", async () => {
  for (const name of ["gail", "hugo", "iris"]) await shell.qpq(name, ["register-user", name, "--server", address])
  await shell.qpq("gail", ["create-group", "crew"])
  await shell.qpq("gail", ["invite", "crew", "hugo", "iris"])
  await shell.qpq("hugo", ["join"])
  await shell.qpq("hugo", ["send", "crew", "hello crew"])
  const declined = await shell.qpq("iris", ["join", "--decline", "crew"])
  expect([declined.status, declined.json]).toMatchObject([0, [{ type: "done" }]])
  expect((await shell.qpq("iris", ["groups"])).json).toEqual([])
  expect((await shell.qpq("gail", ["update", "crew"])).json).toMatchObject([
    { type: "change", updated: ["gail"], by: "gail" },
  ])
  const [removed] = (await shell.qpq("gail", ["remove", "crew", "hugo"])).json
  expect(removed).toMatchObject({ type: "change", group: "crew", removed: ["hugo"], by: "gail" })
  expect((await shell.qpq("gail", ["remove", "crew", "hugo"])).json).toMatchObject([{ type: "error", code: "E036" }])
  expect((await shell.qpq("gail", ["leave", "crew"])).status).toBe(0)
  expect((await shell.qpq("gail", ["groups"])).json).toEqual([])
  const again = await shell.qpq("gail", ["send", "crew", "anybody?"])
  expect([again.status, again.json]).toMatchObject([65, [{ type: "error", code: "E033" }]])
})

test("what a profile knows is shown without a server", async () => {
  expect((await shell.qpq("alice", ["whoami"])).json).toMatchObject([{ type: "account", name: "alice" }])
  const members = (await shell.qpq("alice", ["members", "team"])).json
  expect(members.map(({ name, self }) => [name, self])).toEqual([
    ["alice", true],
    ["bob", false],
    ["carol", false],
  ])
  expect((await shell.qpq("alice", ["groups"])).json).toMatchObject([{ type: "group", name: "team" }])
  const limited = (await shell.qpq("bob", ["history", "team", "--limit", "1"])).json
  expect(limited).toMatchObject([{ text: "written while it was down" }])
  const earlier = await shell.qpq("bob", ["history", "team", "--before", String(limited[0]?.["id"])])
  expect(earlier.json.map((line) => line["text"])).toEqual(["before you came", "hi"])
})

test("send - reads standard input; recv --exec hands each message to a command", async () => {
  await shell.qpq("alice", ["send", "team", "-"], { input: "first line\nsecond line\n" })
  const file = join(shell.folder, "heard.json")
  const { status } = await shell.qpq("bob", ["recv", "--exec", `cat >> ${file}; env | grep -c QPQ_PASS >> ${file}`])
  expect(status).toBe(0)
  const [message, passwords] = readFileSync(file, "utf8").trim().split("\n")
  expect(JSON.parse(message ?? "")).toMatchObject({ sender: "alice", text: "first line\nsecond line" })
  expect(passwords).toBe("0")
})

test("recv --follow prints what comes until it is interrupted, exit 130", async () => {
  const stop = new AbortController()
  const following = shell.qpq("bob", ["recv", "--follow"], { signal: stop.signal })
  await shell.qpq("alice", ["send", "team", "are you there?"])
  await expect
    .poll(async () => (await shell.qpq("bob", ["history", "team"])).json.at(-1)?.["text"])
    .toBe("are you there?")
  stop.abort()
  expect((await following).status).toBe(130)
})

test("ping, fetch-key, refresh-keypackage and doctor speak JSON", async () => {
  const [pong] = (await shell.qpq("bob", ["ping"])).json
  expect(pong).toMatchObject({ type: "pong", ms: expect.any(Number) as number })
  const fetched = (await shell.qpq("bob", ["fetch-key", "alice"])).json
  expect(fetched).toMatchObject([
    { type: "keyPackage", fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  ])
  expect((await shell.qpq("bob", ["refresh-keypackage"])).json).toMatchObject([{ suite: "hybrid", count: 50 }])
  const { json, status } = await shell.qpq("bob", ["doctor"])
  expect([status, json.every((line) => line["type"] === "check" && line["ok"] === true)]).toEqual([0, true])
})

test("register-state makes an identity without an account; registering later keeps it", async () => {
  const [identity] = (await shell.qpq("dora", ["register-state"])).json
  expect(identity).toMatchObject({ type: "identity", deviceKey: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
  const [account] = (await shell.qpq("dora", ["register-user", "dora", "--server", address])).json
  expect(account?.["deviceKey"]).toBe(identity?.["deviceKey"])
})

interface Refusal {
  readonly what: string
  readonly name: string
  readonly argv: readonly string[]
  readonly status: number
  readonly code: string
}
const refusals = (
  [
    ["a taken name", "eve", ["register-user", "alice"], 77, "E008"],
    ["a bad name", "eve", ["register-user", "No Such"], 65, "E016"],
    ["another server", "alice", ["login", "alice", "--server", "qpq://127.0.0.1:1"], 77, "E073"],
    ["an unknown user", "alice", ["invite", "team", "nobody"], 68, "E015"],
    ["a member", "alice", ["invite", "team", "bob"], 65, "E038"],
    ["an unknown group", "alice", ["send", "nowhere", "x"], 65, "E033"],
    ["a bad limit", "alice", ["history", "team", "--limit", "none"], 78, "E071"],
    ["no profile", "nobody", ["whoami"], 77, "E065"],
  ] as const
).map(([what, name, argv, status, code]): Refusal => ({ what, name, argv, status, code }))
test.each(refusals)("$what is refused with its code and status", async ({ name, argv, status, code }) => {
  const all = argv[0] === "register-user" ? [...argv, "--server", address] : argv
  const done = await shell.qpq(name, all)
  expect([done.status, done.json.at(-1)]).toMatchObject([status, { type: "error", code }])
  expect(done.errors).toContain(code)
})

test("wrong usage is exit 2; a wrong password opens nothing and makes nothing", async () => {
  expect((await shell.qpq("alice", ["send", "team"])).status).toBe(2)
  expect((await shell.qpq("alice", ["nonsense"])).status).toBe(2)
  const wrong = await shell.qpq("alice", ["whoami"], { env: { QPQ_PASSWORD: "wrong" } })
  expect([wrong.status, wrong.json.at(-1)]).toMatchObject([77, { code: "E061" }])
  expect(existsSync(shell.home("nobody"))).toBe(false)
})

test("login on an empty profile with a wrong password is E004", async () => {
  const order = ["login", "alice", "--server", address]
  const wrong = await shell.qpq("second", order, {
    env: { QPQ_PASSWORD: "pw-alicia", QPQ_PASSPHRASE_FILE: pass("pw-alice") },
  })
  expect([wrong.status, wrong.json.at(-1)]).toMatchObject([77, { code: "E004" }])
})

test("an address without a pin shows the fingerprint and is refused where nobody can confirm it", async () => {
  const bare = address.replace(/\?.*/, "")
  const { status, json, errors } = await shell.qpq("frank", ["register-user", "frank", "--server", bare])
  expect([status, json.at(-1)]).toMatchObject([77, { code: "E075" }])
  expect(errors).toContain(address)
})

test("a wrong pin is refused at once", async () => {
  const wrong = address.replace(/sha256:.{10}/, "sha256:AAAAAAAAAA")
  const { status, json } = await shell.qpq("frank", ["register-user", "frank", "--server", wrong])
  expect([status, json.at(-1)]).toMatchObject([77, { code: "E056" }])
})

test("logout ends the login: what needs the server says so, and login mends it", async () => {
  expect((await shell.qpq("carol", ["logout"])).json).toEqual([{ type: "done" }])
  expect((await shell.qpq("carol", ["ping"])).json.at(-1)).toMatchObject({ type: "error", code: "E001" })
  expect((await shell.qpq("carol", ["login", "carol"])).json).toMatchObject([{ type: "account", name: "carol" }])
  expect((await shell.qpq("carol", ["ping"])).status).toBe(0)
})

test("text for people: help names an example, messages are cleaned of control characters", async () => {
  expect((await shell.plain("alice", ["send", "--help"])).lines.join("\n")).toContain("qpq send team -")
  await shell.qpq("alice", ["send", "team", "red \u001b[31malert\u202e"])
  const { lines } = await shell.plain("carol", ["recv"])
  expect(lines.at(-1)).toBe("[team] alice: red \ufffd[31malert\ufffd")
})

function pass(text: string): string {
  const path = join(shell.folder, "passphrase")
  writeFileSync(path, `${text}\n`)
  return path
}

test("messages are answered, reacted to, edited and deleted by the beginning of their ids", async () => {
  const [sent] = (await shell.qpq("alice", ["send", "team", "deploy at 14:00"])).json
  const id = String(sent?.["id"])
  const start = id.slice(0, 8)
  await shell.qpq("bob", ["recv"])
  const [answer] = (await shell.qpq("bob", ["send", "team", "ack", "--reply", start])).json
  expect((await shell.qpq("bob", ["react", "team", start, "👍"])).json).toMatchObject([
    { type: "sent", group: "team", id, state: "stored" },
  ])
  expect((await shell.qpq("alice", ["edit", "team", start, "deploy at 15:00"])).status).toBe(0)
  await shell.qpq("bob", ["recv"])
  expect((await shell.qpq("bob", ["history", "team", "--limit", "2"])).json).toMatchObject([
    { id, text: "deploy at 15:00", edited: true, reactions: [{ emoji: "👍", by: ["bob"] }] },
    { id: answer?.["id"], text: "ack", replyTo: id },
  ])
  expect((await shell.qpq("bob", ["edit", "team", start, "mine"])).json).toMatchObject([{ code: "E070" }])
  expect((await shell.qpq("bob", ["react", "team", "no id", "👍"])).json).toMatchObject([{ code: "E079" }])
})

test("a deleted message is gone from the others' history", async () => {
  const [sent] = (await shell.qpq("alice", ["send", "team", "in anger"])).json
  await shell.qpq("bob", ["recv"])
  expect((await shell.qpq("alice", ["delete", "team", String(sent?.["id"])])).status).toBe(0)
  await shell.qpq("bob", ["recv"])
  const gone = (await shell.qpq("bob", ["history", "team", "--limit", "1"])).json
  expect(gone).toMatchObject([{ id: sent?.["id"], text: "", deleted: true }])
})
