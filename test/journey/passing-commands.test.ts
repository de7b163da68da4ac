/** `qpq disappear`, `receipts`, `typing`: on a real server, each command a program of its own. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"
import { until } from "../fakes/until.ts"

const house = new CommandHouse({ people: ["alice", "bob"], groups: ["team"] })
const { shell } = house

beforeAll(() => house.open())
afterAll(() => house[Symbol.asyncDispose]())

const texts = async (who: string, ...argv: readonly string[]): Promise<unknown[]> =>
  (await shell.qpq(who, argv)).json.map((line) => line["text"])

test("messages that were sent while a timer held are gone from history, search and recv by themselves", async () => {
  const set = await shell.qpq("alice", ["disappear", "team", "2s"])
  expect([set.status, set.json]).toMatchObject([0, [{ type: "timer", group: "team", seconds: 2 }]])
  await shell.qpq("alice", ["send", "team", "gone soon"])
  expect((await shell.plain("alice", ["disappear", "team", "off"])).lines).toEqual(["[team] messages stay"])
  await shell.qpq("alice", ["send", "team", "stays"])
  const heard = await shell.qpq("bob", ["recv", "--wait", "10"])
  expect(heard.json).toMatchObject([{ text: "gone soon", expiresAfter: 2 }, { text: "stays" }])
  const gone = Date.parse(String(heard.json[0]?.["expiresAt"]))
  await until("its time is over", () => Date.now() > gone)
  expect(await texts("bob", "history", "team")).toEqual(["stays"])
  expect(await texts("bob", "search", "gone")).toEqual([])
  expect(await texts("alice", "history", "team")).toEqual(["stays"])
  expect((await shell.qpq("bob", ["disappear", "team"])).json).toMatchObject([{ type: "timer", seconds: 0 }])
})

test("receipts are off until they are switched on, for all or for a group, and stand in the author's history", async () => {
  expect((await shell.qpq("bob", ["receipts"])).json).toEqual([{ type: "signal", signal: "receipts", on: false }])
  expect((await shell.plain("bob", ["receipts", "on"])).lines).toEqual(["others are told what has come and was read"])
  expect((await shell.qpq("bob", ["typing", "on", "--group", "team"])).json).toMatchObject([
    { type: "signal", signal: "typing", on: true, group: "team" },
  ])
  expect((await shell.qpq("bob", ["typing"])).json).toMatchObject([{ on: false }])
  await shell.qpq("alice", ["send", "team", "did it come?"])
  await shell.qpq("bob", ["recv", "--wait", "10"])
  expect((await shell.qpq("alice", ["recv"])).json).toEqual([])
  const history = await shell.qpq("alice", ["history", "team", "--limit", "1"])
  expect(history.json).toMatchObject([{ text: "did it come?", seen: [{ by: "bob", state: "delivered" }] }])
})

test("what is no time, no choice or no group is refused", async () => {
  const refusals = [
    [["disappear", "team", "soon"], 64, "E087"],
    [["disappear", "team", "53w"], 64, "E087"],
    [["disappear", "nowhere", "1d"], 65, "E033"],
    [["receipts", "maybe"], 2, "E070"],
    [["receipts", "default"], 2, "E070"],
    [["typing", "on", "--group", "nowhere"], 65, "E033"],
  ] as const
  for (const [argv, status, code] of refusals) {
    const refused = await shell.qpq("alice", argv)
    expect([refused.status, refused.json.at(-1)?.["code"]], argv.join(" ")).toEqual([status, code])
  }
})
