/** The server's key is replaced under the eyes of people who know the next one, and of those who do not. */
import { expect, test } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { CommandHouse } from "../fakes/command-house.ts"
import { qpqServer } from "../fakes/operator.ts"
import { ServerProcess } from "../fakes/server-process.ts"

const DEADLINE_MS = 120_000

const lineOf = async (dataDir: string, command: string): Promise<string> => {
  const { status, out, errors } = await qpqServer(dataDir, command)
  expect(status, errors).toBe(0)
  return out.trim()
}

test(
  "with both pins people go on through the change; with the old one alone they are refused until they get the new",
  async () => {
    await using house = new CommandHouse({ people: ["alice", "bob"] })
    await house.open()
    const { shell, server, dataDir, address: first } = house
    expect(await qpqServer(dataDir, "use-next-certificate")).toMatchObject({ status: 78 })
    const both = await lineOf(dataDir, "next-certificate")
    expect(both.startsWith(`${first}&pin=sha256:`)).toBe(true)
    expect(await lineOf(dataDir, "next-certificate")).toBe(both)
    expect(await lineOf(dataDir, "invite-token")).toContain(`${both}&invite=`)

    expect(await shell.qpq("alice", ["whoami", "--server", both])).toMatchObject({ status: 0 })
    expect(await shell.qpq("alice", ["whoami"])).toMatchObject({ json: [{ server: both }] })
    const present = await server.dial()
    const second = await lineOf(dataDir, "use-next-certificate")
    expect(both).toBe(`${first}&${second.split("?")[1] ?? ""}`)
    expect(await present.node.ping()).toBeGreaterThan(0)

    const checked = await shell.qpq("alice", ["doctor"])
    expect(checked.status).toBe(0)
    const certificate: unknown = expect.objectContaining({ name: "certificate", ok: true })
    expect(checked.json).toEqual(expect.arrayContaining([certificate]))
    expect(await shell.qpq("bob", ["recv"])).toMatchObject({ status: 77, json: [{ code: "E056" }] })
    expect(await shell.qpq("bob", ["recv", "--server", second])).toMatchObject({ json: [{ code: "E073" }] })
    expect(await shell.qpq("bob", ["recv", "--server", both])).toMatchObject({ status: 0 })
    expect(await shell.qpq("carol", ["register-user", "carol", "--server", second])).toMatchObject({ status: 0 })

    await server.stop()
    await using again = await ServerProcess.start(dataDir)
    expect(formatServerAddress({ ...again.address, port: server.address.port })).toBe(second)
  },
  DEADLINE_MS,
)
