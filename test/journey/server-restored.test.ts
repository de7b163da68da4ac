/** Clients of a server that was restored from a backup: groups go on from where their members stand. */
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { formatServerAddress } from "../../core/domain/server-address.ts"
import { CommandLine } from "../fakes/command-line.ts"
import { qpqServer } from "../fakes/operator.ts"
import { dataFolder, ServerProcess } from "../fakes/server-process.ts"

let folders: ReturnType<typeof dataFolder>[]
let shell: CommandLine
let server: ServerProcess

beforeEach(async () => {
  folders = [dataFolder(), dataFolder()]
  shell = new CommandLine()
  server = await ServerProcess.start(folderAt(0))
  for (const name of ["alice", "bob"])
    await ok(name, "register-user", name, "--server", formatServerAddress(server.address))
})
afterEach(async () => {
  await server.stop()
  shell[Symbol.dispose]()
  for (const folder of folders) folder.remove()
})

const folderAt = (at: number): string => folders[at]?.path ?? ""

async function ok(name: string, ...argv: readonly string[]) {
  const done = await shell.qpq(name, argv)
  expect(done, `${name}: ${argv.join(" ")}`).toMatchObject({ status: 0 })
  return done.json
}

const epochOf = async (name: string): Promise<unknown> =>
  (await ok(name, "groups")).find(({ type }) => type === "group")?.["epoch"]

const backUp = () => qpqServer(folderAt(0), "backup", join(folderAt(0), "backup"))

/** The server as it was at the backup, at the address that clients know. */
async function restore(): Promise<void> {
  const { port } = server.address
  await server.stop()
  expect(await qpqServer(folderAt(1), "restore", join(folderAt(0), "backup"))).toMatchObject({ status: 0 })
  server = await ServerProcess.start(folderAt(1), "--listen", `127.0.0.1:${port}`)
}

async function team(): Promise<void> {
  await ok("alice", "create-group", "team")
  await ok("alice", "invite", "team", "bob")
  await ok("bob", "join", "team")
  await ok("alice", "recv")
}

test("a group whose members are ahead of the backup goes on from their epoch, and each hears the other", async () => {
  await team()
  const before = await epochOf("alice")
  expect(await backUp()).toMatchObject({ status: 0 })
  for (let times = 0; times < 3; times++) await ok("alice", "update", "team")
  await ok("bob", "recv")
  await restore()
  await ok("alice", "update", "team")
  await ok("bob", "recv")
  expect([await epochOf("alice"), await epochOf("bob")]).toEqual([Number(before) + 4, Number(before) + 4])
  await ok("bob", "send", "team", "still here")
  expect(await ok("alice", "recv")).toMatchObject([{ type: "message", text: "still here" }])
}, 120_000)

test("a group that is younger than the backup goes on too", async () => {
  expect(await backUp()).toMatchObject({ status: 0 })
  await team()
  await ok("bob", "recv")
  const before = await epochOf("bob")
  await restore()
  await ok("bob", "update", "team")
  await ok("alice", "recv")
  expect([await epochOf("alice"), await epochOf("bob")]).toEqual([Number(before) + 1, Number(before) + 1])
}, 120_000)

test("what was read between the backup and the restore is not read twice, and nobody is alarmed by it", async () => {
  await team()
  await ok("alice", "send", "team", "one")
  await ok("alice", "send", "team", "two")
  expect(await backUp()).toMatchObject({ status: 0 })
  expect((await ok("bob", "recv")).map(({ text }) => text)).toEqual(["one", "two"])
  await restore()
  await ok("alice", "send", "team", "three")
  const heard = await ok("bob", "recv")
  expect(heard.map(({ type, text }) => [type, text])).toEqual([["message", "three"]])
  const { json, errors } = await shell.qpq("bob", ["history", "team"])
  expect(json.filter(({ type }) => type === "message").map(({ text }) => text)).toEqual(["one", "two", "three"])
  expect(errors).toBe("")
}, 120_000)

const texts = (rows: readonly Record<string, unknown>[]): readonly unknown[] =>
  rows.filter(({ type }) => type === "message").map(({ text }) => text)

const alarmOf = async (name: string, ...argv: readonly string[]) => {
  const { status, json, errors } = await shell.qpq(name, argv)
  expect(status, `${name}: ${argv.join(" ")}: ${errors}`).toBe(0)
  return { texts: texts(json), codes: errors.match(/E\d{3}/g) ?? [] }
}

test("what the server had stored and lost is offered again, once, and the person is told", async () => {
  await team()
  await ok("alice", "send", "team", "one")
  expect(await backUp()).toMatchObject({ status: 0 })
  expect(texts(await ok("bob", "recv"))).toEqual(["one"])
  await ok("alice", "send", "team", "two")
  await ok("alice", "send", "team", "three")
  await restore()
  expect(await alarmOf("alice", "recv")).toEqual({ texts: [], codes: ["E101"] })
  expect(await alarmOf("bob", "recv")).toEqual({ texts: ["two", "three"], codes: ["E101"] })
  await ok("alice", "send", "team", "four")
  expect(await alarmOf("bob", "recv")).toEqual({ texts: ["four"], codes: [] })
  expect(texts(await ok("bob", "history", "team"))).toEqual(["one", "two", "three", "four"])
  expect(texts(await ok("alice", "history", "team"))).toEqual(["one", "two", "three", "four"])
}, 120_000)

test("what was lost together with a change of the group reaches who missed both, and nobody who came in since", async () => {
  await team()
  await ok("bob", "recv")
  expect(await backUp()).toMatchObject({ status: 0 })
  await ok("alice", "send", "team", "for bob")
  await ok("carol", "register-user", "carol", "--server", formatServerAddress(server.address))
  await ok("alice", "invite", "team", "carol")
  await ok("carol", "join", "team")
  await restore()
  await ok("carol", "register-user", "carol", "--server", formatServerAddress(server.address))
  // Whose turn it is to let somebody in comes by rank.
  for (let round = 0; round < 3; round++) {
    for (const name of ["alice", "carol", "bob"]) await shell.qpq(name, ["recv"])
    await new Promise((resolve) => setTimeout(resolve, 2500))
  }
  expect(texts(await ok("bob", "history", "team"))).toEqual(["for bob"])
  expect(texts(await ok("carol", "history", "team"))).toEqual([])
  const epochs = [await epochOf("alice"), await epochOf("bob"), await epochOf("carol")]
  expect(new Set(epochs).size).toBe(1)
}, 180_000)
