/** `qpq recv --edits`: scripts that follow a conversation hear what is said about messages, when they ask for it. */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { packageRoot } from "../../core/domain/package-root.ts"
import { CommandHouse } from "../fakes/command-house.ts"
import type { Finished } from "../fakes/command-line.ts"

const house = new CommandHouse({ people: ["alice", "bob"], groups: ["team", "ops"] })
const { shell } = house

beforeAll(() => house.open())
afterAll(() => house[Symbol.asyncDispose]())

const recv = (name: string, ...more: readonly string[]): Promise<Finished> => shell.qpq(name, ["recv", ...more])

/** @returns its id. */
async function said(name: string, group: string, text: string): Promise<string> {
  return String((await shell.qpq(name, ["send", group, text])).json[0]?.["id"])
}

const typesOf = ({ json }: Finished): readonly unknown[] => json.map(({ type }) => type)

test("wrong usage is refused as it is without --edits, and moves nothing", async () => {
  const refusals = [
    [["--edits", "team"], 2, undefined],
    [["--edits=yes"], 2, undefined],
    [["--edits", "--edit"], 2, undefined],
    [["--edits", "--wait", "soon"], 78, "E071"],
    [["--edits", "--group", "nowhere"], 65, "E033"],
  ] as const
  for (const [argv, status, code] of refusals) {
    const refused = await recv("bob", ...argv)
    expect([argv, refused.status]).toEqual([argv, status])
    if (code !== undefined) expect(refused.json).toMatchObject([{ type: "error", code }])
  }
})

test("edits, reactions and deletions have lines of their own, after the messages; the first time those of before too", async () => {
  const [first, second] = [await said("alice", "team", "deploy at 14:00"), await said("alice", "team", "in anger")]
  expect(typesOf(await recv("bob"))).toEqual(["message", "message"])
  await shell.qpq("bob", ["react", "team", first.slice(0, 8), "👍"])
  await shell.qpq("alice", ["edit", "team", first.slice(0, 8), "deploy at 15:00"])
  await shell.qpq("alice", ["react", "team", first.slice(0, 8), "🎉"])
  await shell.qpq("alice", ["delete", "team", second.slice(0, 8)])
  expect(await recv("bob")).toMatchObject({ status: 0, json: [] })
  const third = await said("alice", "team", "and now")
  const { json } = await recv("bob", "--edits")
  const about = { group: "team", groupId: json[0]?.["groupId"], sender: "alice", verified: false }
  const sentAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/) as string
  expect(json[0]).toMatchObject({ type: "message", id: third, text: "and now" })
  expect(json.slice(1)).toEqual([
    { type: "edit", ...about, id: first, text: "deploy at 15:00", sentAt },
    { type: "reaction", ...about, id: first, author: "alice", emoji: "🎉", sentAt },
    { type: "deletion", ...about, id: second, sentAt },
  ])
  expect(await recv("bob", "--edits")).toMatchObject({ status: 0, json: [] })
  expect((await recv("alice", "--edits")).json).toEqual([
    { type: "reaction", ...about, sender: "bob", id: first, author: "alice", emoji: "👍", sentAt },
  ])
})

test("for people it is one line each, cleaned of what others could put into it", async () => {
  const id = await said("bob", "team", "one\ntwo")
  await recv("alice", "--edits")
  await shell.qpq("bob", ["edit", "team", id, "red \u001b[31malert\n[team] alice: not me\u202e"])
  await shell.qpq("bob", ["react", "team", id, "👀"])
  const { lines } = await shell.plain("alice", ["recv", "--edits"])
  const start = id.slice(0, 8)
  expect(lines).toEqual([
    `[team] bob edited ${start}: red \ufffd[31malert [team] alice: not me\ufffd`,
    `[team] bob reacted 👀 to ${start} by bob: red \ufffd[31malert [team] alice: not me\ufffd`,
  ])
  await shell.qpq("bob", ["react", "team", id])
  await shell.qpq("bob", ["delete", "team", id])
  expect((await shell.plain("alice", ["recv", "--edits"])).lines).toEqual([`[team] bob deleted ${start}`])
})

test("a taken-back reaction is an empty one", async () => {
  const id = await said("alice", "team", "done")
  await recv("bob")
  await shell.qpq("bob", ["react", "team", id, "👍"])
  expect((await recv("alice", "--edits")).json).toMatchObject([{ type: "reaction", id, emoji: "👍" }])
  await shell.qpq("bob", ["react", "team", id])
  expect((await recv("alice", "--edits")).json).toMatchObject([{ type: "reaction", id, emoji: "" }])
})

test("--group holds for them too", async () => {
  const [inTeam, inOps] = [await said("alice", "team", "to the team"), await said("alice", "ops", "to ops")]
  await recv("bob", "--edits")
  await shell.qpq("alice", ["react", "team", inTeam, "👍"])
  await shell.qpq("alice", ["react", "ops", inOps, "🎉"])
  expect((await recv("bob", "--edits", "--group", "ops")).json).toMatchObject([{ group: "ops", emoji: "🎉" }])
  expect((await recv("bob", "--edits", "--group", "ops")).json).toEqual([])
  expect((await recv("bob", "--edits")).json).toMatchObject([{ group: "team", emoji: "👍" }])
})

test("--wait and --follow wake on an edit; without --edits they do not", async () => {
  const id = await said("alice", "team", "wait for it")
  await recv("bob", "--edits")
  const [waiting, deaf] = [recv("bob", "--edits", "--wait", "20"), recv("bob", "--wait", "3")]
  await shell.qpq("alice", ["edit", "team", id, "here it is"])
  expect((await waiting).json).toMatchObject([{ type: "edit", id, text: "here it is" }])
  expect((await deaf).json).toEqual([])
  const stop = new AbortController()
  const file = join(shell.folder, "followed.ndjson")
  const following = shell.qpq("bob", ["recv", "--edits", "--follow", "--exec", `cat >> ${file}`], {
    signal: stop.signal,
  })
  await shell.qpq("alice", ["delete", "team", id])
  await expect.poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: 20_000 }).toContain("\n")
  stop.abort()
  expect((await following).status).toBe(130)
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ type: "deletion", group: "team", id, sender: "alice" })
})

test("an echo bot is not woken by what is said about messages", async () => {
  const id = await said("alice", "team", "echo")
  const file = join(shell.folder, "echoed.ndjson")
  const heard = (): readonly string[] => readFileSync(file, "utf8").trim().split("\n")
  await recv("bob", "--exec", `cat >> ${file}`)
  await shell.qpq("alice", ["edit", "team", id, "echo again"])
  await shell.qpq("alice", ["react", "team", id, "👍"])
  await recv("bob", "--exec", `cat >> ${file}`)
  expect(heard()).toHaveLength(1)
  expect(Object.keys(JSON.parse(heard()[0] ?? "") as object)).toEqual(
    "type group groupId id sender text sentAt epoch verified".split(" "),
  )
})

test("what was not printed to its end is printed again", async () => {
  const ids = [await said("alice", "ops", "one"), await said("alice", "ops", "two")]
  await recv("bob", "--edits")
  for (const id of ids) await shell.qpq("alice", ["react", "ops", id, "👍"])
  const program = join(packageRoot(), "dist/tui/cli/main.js")
  const env = { ...process.env, QPQ_PASSWORD: "pw-bob", QPQ_UNSAFE_TESTING_STRETCHING: "tiny" }
  const dead = spawnSync(process.execPath, [program, "recv", "--edits", "--exec", "kill -9 $PPID"], {
    env: { ...env, QPQ_HOME: shell.home("bob") },
  })
  expect(dead.signal).toBe("SIGKILL")
  expect((await recv("bob", "--edits")).json.map(({ id }) => id)).toEqual(ids)
})
