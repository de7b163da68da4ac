/** Passwords on a real server, by commands: changing them, what opens the profile, weak ones, codes, and the end of all logins. */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { codeFrom } from "../../core/crypto/code-text.ts"
import { CommandHouse } from "../fakes/command-house.ts"

const house = new CommandHouse({ people: ["alice", "bob", "carol", "dave"], groups: ["team"] })
const { shell } = house
beforeAll(() => house.open(), 90_000)
afterAll(() => house[Symbol.asyncDispose]())

const by = (password: string) => ({ env: { QPQ_PASSWORD: password } })

/** `qpq password` from one to another. */
function change(name: string, from: string, to: string, ...more: readonly string[]) {
  const file = join(shell.folder, `${name}-new-password`)
  writeFileSync(file, `${to}\n`)
  return shell.qpq(name, ["password", "--new-password-file", file, ...more], by(from))
}

const keyOf = (name: string): string => join(shell.home(name), "profile.key")

describe("a change", () => {
  test("is refused without an account, with the wrong password, an empty one, or contradictory wishes", async () => {
    expect(await change("nobody", "a", "b")).toMatchObject({ status: 77, json: [{ code: "E065" }] })
    expect(await change("alice", "wrong", "new")).toMatchObject({ status: 77, json: [{ code: "E061" }] })
    expect(await change("alice", "pw-alice", "")).toMatchObject({ status: 78, json: [{ code: "E071" }] })
    const both = await change("alice", "pw-alice", "new", "--no-recovery", "--recovery-code")
    expect(both).toMatchObject({ status: 2, json: [{ code: "E070" }] })
    expect(await shell.qpq("alice", ["logout", "--keep-this"])).toMatchObject({ status: 2, json: [{ code: "E070" }] })
    expect(await shell.qpq("alice", ["fetch-key", "bob"])).toMatchObject({ status: 0 })
  })

  test("makes the new password open account and profile, and the old one neither", async () => {
    const before = readFileSync(keyOf("alice"))
    expect(await change("alice", "pw-alice", "new alice")).toMatchObject({
      status: 0,
      json: [{ type: "done", unlocks: true, ended: 0 }],
    })
    expect(readFileSync(keyOf("alice"))).not.toEqual(before)
    expect(existsSync(`${keyOf("alice")}.next`)).toBe(false)
    expect(await shell.qpq("alice", ["whoami"])).toMatchObject({ status: 77, json: [{ code: "E061" }] })
    expect(await shell.qpq("alice", ["login", "alice"], by("new alice"))).toMatchObject({ status: 0 })
    expect(await shell.qpq("alice", ["send", "team", "still here"], by("new alice"))).toMatchObject({ status: 0 })
  })

  test("leaves a profile with a passphrase of its own to that, and proves the old password at the server", async () => {
    const passphrase = join(shell.folder, "passphrase")
    writeFileSync(passphrase, "another thing\n")
    const own = ["--passphrase-file", passphrase]
    const register = ["register-user", "erin", "--server", house.address, ...own]
    expect(await shell.qpq("erin", register)).toMatchObject({ status: 0 })
    const before = readFileSync(keyOf("erin"))
    expect(await change("erin", "wrong", "new erin", ...own)).toMatchObject({ status: 77, json: [{ code: "E004" }] })
    expect(await change("erin", "pw-erin", "new erin", ...own)).toMatchObject({ status: 0, json: [{ unlocks: false }] })
    expect(readFileSync(keyOf("erin"))).toEqual(before)
    expect(await shell.qpq("erin", ["login", "erin", ...own], by("new erin"))).toMatchObject({ status: 0 })
  })

  test("that was killed after the server's answer leaves both passwords good here; again, it is done", async () => {
    const [old, next] = [`${keyOf("bob")}.old`, `${keyOf("bob")}.next`]
    const killed = async (from: string, to: string): Promise<void> => {
      copyFileSync(keyOf("bob"), old)
      expect(await change("bob", from, to)).toMatchObject({ status: 0 })
      // On the disk, this is all that a kill before the last step leaves otherwise.
      renameSync(keyOf("bob"), next)
      renameSync(old, keyOf("bob"))
    }
    await killed("pw-bob", "new bob")
    for (const password of ["pw-bob", "new bob"])
      expect(await shell.qpq("bob", ["send", "team", "hello"], by(password))).toMatchObject({ status: 0 })
    expect(await change("bob", "pw-bob", "new bob")).toMatchObject({ status: 0, json: [{ unlocks: true }] })
    expect(existsSync(next)).toBe(false)
    expect(await shell.qpq("bob", ["whoami"], by("pw-bob"))).toMatchObject({ status: 77 })

    await killed("new bob", "newer bob")
    expect(await shell.qpq("bob", ["login", "bob"], by("new bob"))).toMatchObject({ json: [{ code: "E004" }] })
    expect(await shell.qpq("bob", ["login", "bob"], by("newer bob"))).toMatchObject({ status: 0 })
    expect(existsSync(next)).toBe(false)
    expect(await shell.qpq("bob", ["whoami"], by("new bob"))).toMatchObject({ status: 77 })

    writeFileSync(next, "half of a fi")
    expect(await shell.qpq("bob", ["whoami"], by("newer bob"))).toMatchObject({ status: 0 })
    expect(await change("bob", "newer bob", "newest bob")).toMatchObject({ status: 0, json: [{ unlocks: true }] })
  })
})

describe("the recovery code", () => {
  test("is shown once, at registration and with each new password, and not without being asked for", async () => {
    const code = { type: "recoveryCode", code: expect.any(String) as string }
    const register = ["register-user", "frank", "--server", house.address, "--recovery-code"]
    const made = await shell.qpq("frank", register)
    expect(made).toMatchObject({ status: 0, json: [{ type: "account", name: "frank" }, code] })
    expect(codeFrom(made.json[1]?.["code"] as string)).toHaveLength(16)
    expect((await shell.qpq("frank", ["login", "frank"])).json).toHaveLength(1)
    const again = await change("frank", "pw-frank", "new frank")
    expect(again).toMatchObject({ status: 0, json: [{ type: "done" }, code] })
    expect(again.json[1]?.["code"]).not.toBe(made.json[1]?.["code"])
    expect((await change("frank", "new frank", "pw-frank", "--no-recovery")).json).toHaveLength(1)
    expect((await change("frank", "pw-frank", "new frank")).json).toHaveLength(1)
    const plain = await shell.plain(
      "frank",
      ["password", "--recovery-code", "--new-password-file", join(shell.folder, "frank-new-password")],
      by("new frank"),
    )
    expect(plain.lines.join("\n")).toMatch(/^the password is changed/)
    expect(plain.errors).toMatch(/recovery code, shown only now.*\n {2}(\w{4}-){6}\w\w[\w*~$=]$/)
  })
})

describe("a weak password", () => {
  const weak = { env: { QPQ_UNSAFE_TESTING_STRETCHING: "", QPQ_PASSWORD: "grace2024" } }

  test("makes no account and no profile; the refusal says why", async () => {
    const refused = await shell.qpq("grace", ["register-user", "grace", "--server", house.address], weak)
    expect(refused).toMatchObject({ status: 65, json: [{ code: "E096" }] })
    expect(refused.errors).toMatch(/user name/)
    expect(existsSync(keyOf("grace"))).toBe(false)
    const strong = { env: { ...weak.env, QPQ_PASSWORD: "kilo-harvest-oboe" } }
    expect(await shell.qpq("grace", ["register-user", "grace", "--server", house.address], strong)).toMatchObject({
      status: 0,
    })
    const file = join(shell.folder, "weak")
    writeFileSync(file, "password1")
    const changed = await shell.qpq("grace", ["password", "--new-password-file", file], strong)
    expect(changed).toMatchObject({ status: 65, json: [{ code: "E096" }] })
    expect(await shell.qpq("grace", ["whoami"], strong)).toMatchObject({ status: 0 })
  })
})

describe("logging out everywhere", () => {
  test("ends every login of the account at once, others' go on", async () => {
    const stop = new AbortController()
    const following = shell.qpq("carol", ["recv", "--follow"], { signal: stop.signal })
    await house.server.shows("qpq_long_polls_waiting 1")
    expect(await shell.qpq("carol", ["login", "carol"])).toMatchObject({ status: 0 })
    const kept = await shell.qpq("carol", ["logout", "--everywhere", "--keep-this"])
    expect(kept).toMatchObject({ status: 0, json: [{ type: "done", ended: 1 }] })
    expect(await shell.qpq("carol", ["fetch-key", "dave"])).toMatchObject({ status: 0 })
    const all = await shell.qpq("carol", ["logout", "--everywhere"])
    expect(all).toMatchObject({ status: 0, json: [{ type: "done", ended: 1 }] })
    await house.server.shows("qpq_long_polls_waiting 0")
    expect(await shell.qpq("carol", ["fetch-key", "dave"])).toMatchObject({ status: 77, json: [{ code: "E001" }] })
    expect(await shell.qpq("carol", ["logout", "--everywhere"])).toMatchObject({ status: 77 })
    expect(await shell.qpq("dave", ["fetch-key", "carol"])).toMatchObject({ status: 0 })
    stop.abort()
    await following
    expect(await shell.qpq("carol", ["login", "carol"])).toMatchObject({ status: 0 })
  })

  test("comes with a new password if asked", async () => {
    expect(await shell.qpq("dave", ["login", "dave"])).toMatchObject({ status: 0 })
    const changed = await change("dave", "pw-dave", "new dave", "--logout-others")
    expect(changed).toMatchObject({ status: 0, json: [{ type: "done", ended: 2 }] })
    expect(await shell.qpq("dave", ["fetch-key", "carol"], by("new dave"))).toMatchObject({ status: 0 })
  })
})
