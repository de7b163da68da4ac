/** The operator's commands on a real server: who may register, and who is suspended; nobody else can ask. */
import { connect } from "node:net"
import { existsSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"
import { CommandLine } from "../fakes/command-line.ts"
import { qpqServer } from "../fakes/operator.ts"
import type { Said } from "../fakes/operator.ts"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"
import { until } from "../fakes/until.ts"

const rows = ({ out }: Said): readonly unknown[] =>
  out.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]))

describe("registration", () => {
  const folder = dataFolder()
  const shell = new CommandLine()
  let port = 0
  afterAll(() => {
    shell[Symbol.dispose]()
    folder.remove()
  })
  const register = (name: string, address: string, ...more: readonly string[]) =>
    shell.qpq(name, ["register-user", name, "--server", address, ...more])

  test("by invitation needs a token, each good for one account", async () => {
    await using server = await ServerProcess.start(folder.path, "--registration", "invite")
    port = server.address.port
    const address = formatServerAddress(server.address)
    expect(await register("alice", address)).toMatchObject({ status: 77, json: [{ code: "E089" }] })
    expect(await register("alice", address, "--invite", "guessed")).toMatchObject({ json: [{ code: "E089" }] })
    const [invite] = rows(await qpqServer(folder.path, "invite-token", "--json")) as readonly {
      readonly token: string
      readonly address: string
      readonly expires: string
    }[]
    expect(invite?.token).toMatch(/^[\w-]{22}$/)
    expect(invite?.address).toBe(`${address}&invite=${invite?.token}`)
    const days = (Date.parse(invite?.expires ?? "") - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(6.9)
    expect(days).toBeLessThan(7.1)
    expect(await register("alice", address, "--invite", invite?.token ?? "")).toMatchObject({ status: 0 })
    expect(await register("bob", address, "--invite", invite?.token ?? "")).toMatchObject({ json: [{ code: "E089" }] })
    const { out } = await qpqServer(folder.path, "invite-token", "1")
    const [, second = ""] = out.split("\n")
    expect(await register("bob", second)).toMatchObject({ status: 0 })
  })

  test("that is closed takes nobody; who is there logs in", async () => {
    const at = ["--listen", `127.0.0.1:${port}`]
    await using server = await ServerProcess.start(folder.path, ...at, "--registration", "closed")
    const address = formatServerAddress(server.address)
    expect(await register("carol", address)).toMatchObject({ status: 77, json: [{ code: "E091" }] })
    expect(await shell.qpq("alice", ["login", "alice"])).toMatchObject({ status: 0 })
  })
})

describe("the operator", () => {
  const house = new CommandHouse({ people: ["alice", "bob"], groups: ["team"] })
  const { shell } = house
  beforeAll(() => house.open())
  afterAll(() => house[Symbol.asyncDispose]())

  test("lists accounts, for people and as JSON lines", async () => {
    const { status, out } = await qpqServer(house.dataDir, "accounts")
    expect(status).toBe(0)
    expect(out).toMatch(/^alice +active +devices 1 {2}logins 1 {2}since \d{4}-\d\d-\d\dT/m)
    expect(rows(await qpqServer(house.dataDir, "accounts", "--json"))).toMatchObject([
      { name: "alice", status: "active", devices: 1, logins: 1 },
      { name: "bob", status: "active", devices: 1, logins: 1 },
    ])
  })

  test("sees the open logins of somebody, and ends them all", async () => {
    const stop = new AbortController()
    const following = shell.qpq("bob", ["recv", "--follow"], { signal: stop.signal })
    await house.server.shows("qpq_long_polls_waiting 1")
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string
    const device = expect.stringMatching(/^[\da-f]{8}$/) as string
    const open = rows(await qpqServer(house.dataDir, "sessions", "bob", "--json"))
    expect(open).toEqual([{ device, since: time, expires: time }])
    expect(await qpqServer(house.dataDir, "logout", "bob")).toMatchObject({ status: 0, out: "bob: 1 ended\n" })
    await house.server.shows("qpq_long_polls_waiting 0")
    expect(rows(await qpqServer(house.dataDir, "sessions", "bob", "--json"))).toEqual([])
    expect(await shell.qpq("bob", ["fetch-key", "alice"])).toMatchObject({ status: 77 })
    stop.abort()
    await following
    expect(await shell.qpq("bob", ["login", "bob"])).toMatchObject({ status: 0 })
    expect(await qpqServer(house.dataDir, "sessions", "nobody")).toMatchObject({ status: 68 })
    expect(await qpqServer(house.dataDir, "logout", "nobody")).toMatchObject({ status: 68 })
    expect(await qpqServer(house.dataDir, "logout")).toMatchObject({ status: 2 })
  })

  test("suspends somebody, whose open session ends at once and whose mail waits, and lets them go on", async () => {
    const stop = new AbortController()
    const following = shell.qpq("bob", ["recv", "--follow"], { signal: stop.signal })
    await house.server.shows("qpq_long_polls_waiting 1")
    expect(await qpqServer(house.dataDir, "suspend", "bob")).toMatchObject({ status: 0, out: "bob is suspended\n" })
    await house.server.shows("qpq_long_polls_waiting 0")
    expect(await shell.qpq("bob", ["groups", "--timeout", "5"])).toMatchObject({ status: 0 })
    expect(await shell.qpq("bob", ["fetch-key", "alice"])).toMatchObject({ status: 77, json: [{ code: "E005" }] })
    expect(await shell.qpq("bob", ["login", "bob"])).toMatchObject({ status: 77, json: [{ code: "E005" }] })
    stop.abort()
    await following
    expect(await shell.qpq("alice", ["send", "team", "are you there?"])).toMatchObject({ status: 0 })
    expect(await qpqServer(house.dataDir, "resume", "bob")).toMatchObject({ status: 0, out: "bob is active\n" })
    expect(await shell.qpq("bob", ["login", "bob"])).toMatchObject({ status: 0 })
    expect((await shell.qpq("bob", ["recv"])).json).toMatchObject([{ text: "are you there?" }])
  })

  test("sees how much is kept", async () => {
    const { out } = await qpqServer(house.dataDir, "stats")
    expect(out).toMatch(/^accounts +2$/m)
    expect(out).toMatch(/^uptimeSeconds +\d+$/m)
    expect(out).toMatch(/^mailboxMessagesMax +10000$/m)
    expect(out).toMatch(/^fileBytesMax +104857600$/m)
  })

  test.each([
    [["suspend", "nobody"], 68, "E015"],
    [["suspend"], 2, "E070"],
    [["suspend", "No Name"], 65, "E016"],
    [["suspend", "a", "b"], 2, "E070"],
    [["invite-token", "0"], 2, "E070"],
    [["invite-token", "soon"], 2, "E070"],
    [["destroy"], 2, "E070"],
  ] as const)("is told what is wrong with %j", async (argv, status, code) => {
    const said = await qpqServer(house.dataDir, ...argv)
    expect([said.status, said.out]).toEqual([status, ""])
    expect(said.errors).toContain(code)
  })

  test("sees each setting and who said so, then what would not start; no server need run", async () => {
    const config = join(house.dataDir, "server.toml")
    writeFileSync(config, 'log-level = "warn"\nrate-limit = 70\n')
    const told = await qpqServer(house.dataDir, "config", "--config", config)
    expect(told).toMatchObject({ status: 0, errors: "" })
    expect(told.out).toMatch(/^listen +0\.0\.0\.0:7000 +default$/m)
    expect(told.out).toMatch(new RegExp(`^rate-limit +70 +${config}$`, "m"))
    expect(told.out).toMatch(new RegExp(`^data-dir +${house.dataDir} +flag$`, "m"))
    expect(told.out).toMatch(/^tls-cert +- +default$/m)
    const json = rows(await qpqServer(house.dataDir, "config", "--json", "--config", config))
    expect(json).toContainEqual({ name: "log-level", value: "warn", source: config })
    expect(json).toContainEqual({ name: "tls-cert", value: null, source: "default" })
    const refused = await qpqServer(house.dataDir, "config", "--production", "yes")
    expect(refused).toMatchObject({
      status: 78,
      errors: expect.stringContaining("the database is not encrypted") as string,
    })
    expect(refused.out).toMatch(/^production +yes +flag$/m)
  })

  test("alone can open the socket; what does not ask properly is hung up on, and harms nobody", async () => {
    const path = join(house.dataDir, "admin.sock")
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const said = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(path)
        let heard = ""
        socket.on("data", (bytes: Buffer) => (heard += bytes.toString()))
        socket.on("close", () => {
          resolve(heard)
        })
        socket.on("error", () => undefined)
        socket.write(text)
      })
    const bad = ["{}\n", "[]\n", '{"command":"constructor","args":[]}\n', '{"command":1,"args":[]}\n', "x".repeat(9000)]
    for (const text of bad) expect(await said(text)).toContain("E070")
    const held = Array.from({ length: 8 }, () => connect(path))
    await until("they are in", () => held.every(({ connecting }) => !connecting))
    expect(await said('{"command":"stats","args":[]}\n')).toBe("")
    for (const socket of held) socket.destroy()
    await expect.poll(() => qpqServer(house.dataDir, "stats")).toMatchObject({ status: 0 })
  })

  test("is told when no server runs there; a socket that one left is replaced by the next", async () => {
    const folder = dataFolder()
    expect(await qpqServer(folder.path, "stats")).toMatchObject({ status: 69, out: "" })
    writeFileSync(join(folder.path, "admin.sock"), "left behind")
    const server = await ServerProcess.start(folder.path)
    expect(await qpqServer(folder.path, "stats")).toMatchObject({ status: 0 })
    await server.stop()
    expect(existsSync(join(folder.path, "admin.sock"))).toBe(false)
    folder.remove()
  })
})
