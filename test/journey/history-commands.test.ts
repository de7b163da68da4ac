/** `qpq search`: what was said, found on the command line without the server. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"

const house = new CommandHouse({ people: ["alice"], groups: ["ops", "design"] })
const { shell } = house

beforeAll(async () => {
  await house.open()
  for (const [group, ...texts] of SAID) for (const text of texts) await shell.qpq("alice", ["send", group, text])
  await house.server.stop()
})
afterAll(() => house[Symbol.asyncDispose]())

const SAID = [
  ["ops", "deploy window moved", "the window is shut", "Deploy again"],
  ["design", "a window for the deploy"],
] as const

const found = async (...argv: readonly string[]): Promise<unknown[]> =>
  (await shell.qpq("alice", ["search", ...argv])).json.map(
    (line) => `${String(line["group"])}: ${String(line["text"])}`,
  )

test("refuses nothing to look for, groups and messages that are not there, and limits that are none", async () => {
  const refusals = [
    [["search"], 2, undefined],
    [["search", "x", "--group", "nowhere"], 65, "E033"],
    [["search", "x", "--limit", "0"], 78, "E071"],
    [["search", "x", "--before", "ffff"], 65, "E079"],
    [["search", "x".repeat(10_240)], 65, "E025"],
  ] as const
  for (const [argv, status, code] of refusals) {
    const refused = await shell.qpq("alice", argv)
    expect([argv, refused.status]).toEqual([argv, status])
    if (code !== undefined) expect(refused.json).toMatchObject([{ type: "error", code }])
  }
})

test("finds words in all groups or one, the newest last, as many as wanted and before any of them", async () => {
  expect(await found("deploy")).toEqual([
    "ops: deploy window moved",
    "ops: Deploy again",
    "design: a window for the deploy",
  ])
  expect(await found("window", "deploy", "--group", "ops")).toEqual(["ops: deploy window moved"])
  expect(await found('"deploy window"')).toEqual(["ops: deploy window moved"])
  expect(await found("deploy", "--limit", "2")).toEqual(["ops: Deploy again", "design: a window for the deploy"])
  const [, again] = (await shell.qpq("alice", ["search", "deploy"])).json
  const id = String(again?.["id"])
  expect(await found("deploy", "--before", id.slice(0, 8))).toEqual(["ops: deploy window moved"])
  expect(await found("deploy", "--before", id, "--group", "ops")).toEqual(["ops: deploy window moved"])
})

test("finds nothing without a failure, and says so to people alone", async () => {
  const json = await shell.qpq("alice", ["search", "absent"])
  expect([json.status, json.json]).toEqual([0, []])
  const plain = await shell.plain("alice", ["search", "NEAR(", "OR", "*"])
  expect([plain.status, plain.lines, plain.errors]).toEqual([0, [""], "nothing found"])
})
