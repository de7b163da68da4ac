/** The end of an account: by its person and by the operator. What goes, what stays (docs/decisions/0052). */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"
import { qpqServer } from "../fakes/operator.ts"

const here = new CommandHouse({ people: ["alice", "bob", "carol"], groups: ["team"] })
beforeAll(() => here.open(), 60_000)
afterAll(() => here[Symbol.asyncDispose]())

const names = (rows: readonly Readonly<Record<string, unknown>>[]): unknown[] => rows.map(({ name }) => name)

test("needs the name and the right password; refused it changes nothing", async () => {
  const wrongName = await here.shell.qpq("bob", ["delete-account", "carol"])
  expect([wrongName.status, wrongName.json.at(-1)]).toMatchObject([2, { code: "E070" }])
  const passphrase = join(here.shell.folder, "bobs")
  writeFileSync(passphrase, "pw-bob")
  const env = { QPQ_PASSWORD: "not it", QPQ_PASSPHRASE_FILE: passphrase }
  const wrong = await here.shell.qpq("bob", ["delete-account", "bob"], { env })
  expect([wrong.status, wrong.json.at(-1)]).toMatchObject([77, { code: "E004" }])
  expect((await here.shell.qpq("bob", ["send", "team", "still here"])).json[0]).toMatchObject({ state: "stored" })
  expect(names((await here.shell.qpq("alice", ["members", "team"])).json)).toEqual(["alice", "bob", "carol"])
})

test("leaves the groups, and is unknown, logged out and gone from then on; its name is nobody's", async () => {
  expect((await here.shell.qpq("bob", ["delete-account", "bob"])).status).toBe(0)
  // Ranks and their jitter are real time.
  const deadline = Date.now() + 20_000
  let left: readonly unknown[] = []
  while (left.length !== 2 && Date.now() < deadline) {
    await here.shell.qpq("alice", ["recv"])
    left = names((await here.shell.qpq("alice", ["members", "team"])).json)
  }
  expect(left).toEqual(["alice", "carol"])
  expect((await here.shell.qpq("alice", ["send", "team", "without bob"])).json[0]).toMatchObject({ state: "stored" })
  expect((await here.shell.qpq("alice", ["invite", "team", "bob"])).json.at(-1)).toMatchObject({ code: "E015" })
  expect((await here.shell.qpq("bob", ["login", "bob"])).json.at(-1)).toMatchObject({ code: "E004" })
  expect((await here.shell.qpq("bob", ["ping"])).json.at(-1)).toMatchObject({ type: "error" })
  const again = await here.shell.qpq("other", ["register-user", "bob", "--server", here.address])
  expect(again.json.at(-1)).toMatchObject({ code: "E008" })
  // What was said is on this computer still.
  const kept = await here.shell.qpq("bob", ["history", "team"])
  expect(kept.json.some(({ text }) => text === "still here")).toBe(true)
})

test("the operator can do it too, and sees no deleted account any more", async () => {
  const deleted = await qpqServer(here.dataDir, "delete", "carol")
  expect([deleted.status, deleted.out.trim()]).toEqual([0, "carol is deleted"])
  const listed = await qpqServer(here.dataDir, "accounts")
  expect(listed.out).toContain("alice")
  expect(listed.out).not.toMatch(/bob|carol/)
  expect((await qpqServer(here.dataDir, "delete", "carol")).errors).toContain("E015")
  expect((await here.shell.qpq("carol", ["login", "carol"])).json.at(-1)).toMatchObject({ code: "E004" })
})

test("an account with a recovery code has a further device by password and code together", async () => {
  const made = await here.shell.qpq("dora", ["register-user", "dora", "--recovery-code", "--server", here.address])
  const code = String(made.json.find(({ type }) => type === "recoveryCode")?.["code"])
  const login = ["login", "dora", "--server", here.address]
  const env = { QPQ_PASSWORD: "pw-dora" }
  expect((await here.shell.qpq("two", login, { env })).json.at(-1)).toMatchObject({ code: "E097" })
  const other = `${code.slice(0, 2)}${code[2] === "A" ? "B" : "A"}${code.slice(3)}`
  const mistyped = await here.shell.qpq("two", login, { env: { ...env, QPQ_RECOVERY_CODE: other } })
  expect(mistyped.json.at(-1)).toMatchObject({ code: "E070" })
  const file = join(here.shell.folder, "code")
  writeFileSync(file, `${code.toLowerCase()}\n`)
  const done = await here.shell.qpq("two", [...login, "--recovery-code-file", file], { env })
  expect([done.status, done.json[0]]).toMatchObject([0, { type: "account", name: "dora" }])
  expect((await here.shell.qpq("two", ["devices"], { env })).json).toHaveLength(2)
  expect(readFileSync(file, "utf8").trim()).toBe(code.toLowerCase())
})

test("without recovery the key stays on the first device, and a paired one says what it cannot do", async () => {
  await here.shell.qpq("emil", ["register-user", "emil", "--no-recovery", "--server", here.address])
  const env = { QPQ_PASSWORD: "pw-emil" }
  const login = ["login", "emil", "--server", here.address]
  expect((await here.shell.qpq("second", login, { env })).json.at(-1)).toMatchObject({ code: "E019" })
  const showing = here.shell.qpq("emil", ["devices", "pair"])
  const code = await here.shell.printed("emil", "pairing", "code")
  const paired = await here.shell.qpq("second", [...login, "--pair"], { env: { ...env, QPQ_PAIRING_CODE: code } })
  expect([paired.status, (await showing).status]).toEqual([0, 0])
  const [first] = (await here.shell.qpq("second", ["devices"], { env })).json
  for (const argv of [
    ["devices", "pair"],
    ["devices", "revoke", String(first?.["id"])],
  ]) {
    expect((await here.shell.qpq("second", argv, { env })).json.at(-1)).toMatchObject({ code: "E098" })
  }
})
