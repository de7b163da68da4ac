/** Safety numbers by command, with real processes behind: shown, compared, refused, taken back. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"

const house = new CommandHouse({ people: ["alice", "bob"], groups: ["team"] })
const { shell } = house

beforeAll(async () => {
  await house.open()
  await shell.qpq("alice", ["dm", "bob", "hello"])
  await shell.qpq("bob", ["dm", "alice", "hi"])
})
afterAll(() => house[Symbol.asyncDispose]())

const numberAt = async (name: string, user: string): Promise<string> =>
  String((await shell.qpq(name, ["verify", user])).json[0]?.["number"])

test("a number that does not match, is too short, or has letters is refused, and changes nothing", async () => {
  const number = await numberAt("alice", "bob")
  const refusals = [
    [["verify", "bob", "--number", "11111 ".repeat(12)], 65, "E082"],
    [["verify", "bob", "--number", number.slice(0, -1)], 2, "E070"],
    [["verify", "bob", "--number", number.replace(/^./, "x")], 2, "E070"],
    [["verify", "bob", "--number", number, "--unchecked"], 2, "E070"],
    [["verify", "alice"], 2, "E070"],
    [["verify"], 2, "E070"],
    [["verify", "bob", "--group", "team"], 2, "E070"],
    [["verify", "nobody"], 68, "E015"],
  ] as const
  for (const [argv, status, code] of refusals) {
    const refused = await shell.qpq("alice", argv)
    expect([argv, refused.status, refused.json]).toMatchObject([argv, status, [{ type: "error", code }]])
  }
  expect((await shell.qpq("alice", ["verify", "bob"])).json).toEqual([
    { type: "verification", user: "bob", number, state: "unverified" },
  ])
})

test("both see one number of twelve groups of five, and matching marks members and messages as verified", async () => {
  const number = await numberAt("bob", "alice")
  expect(number).toMatch(/^\d{5}( \d{5}){11}$/)
  const text = (await shell.plain("alice", ["verify", "bob"])).lines
  expect(
    text
      .slice(1, 3)
      .map((line) => line.trim())
      .join(" "),
  ).toBe(number)
  expect(text[3]?.trim().split(" ")).toHaveLength(19)
  expect((await shell.qpq("alice", ["send", "bob", "before"])).json).toMatchObject([{ type: "sent", verified: false }])
  const matched = await shell.qpq("alice", ["verify", "bob", "--number", number.replaceAll(" ", "")])
  expect([matched.status, matched.json]).toEqual([
    0,
    [{ type: "verification", user: "bob", number, state: "verified" }],
  ])
  const members = (await shell.qpq("alice", ["members", "team"])).json
  expect(members.find(({ name }) => name === "bob")).toMatchObject({ type: "member", verified: true })
  await shell.qpq("bob", ["send", "team", "compared"])
  expect((await shell.qpq("alice", ["recv", "--group", "team"])).json).toMatchObject([{ verified: true }])
  expect((await shell.qpq("alice", ["history", "team"])).json).toMatchObject([{ sender: "bob", verified: true }])
  expect((await shell.qpq("alice", ["send", "team", "good"])).json).toMatchObject([{ state: "stored", verified: true }])
  expect((await shell.qpq("alice", ["groups"])).json.find(({ peer }) => peer === "bob")).toMatchObject({
    verified: true,
  })
  expect((await shell.qpq("bob", ["members", "team"])).json.find(({ name }) => name === "alice")).toMatchObject({
    verified: false,
  })
})

test("a number that does not match stops what is sent to the other alone until the person goes on unchecked", async () => {
  const number = await numberAt("alice", "bob")
  const said = await shell.qpq("alice", ["verify", "bob", "--mismatch"])
  expect(said.json).toEqual([{ type: "verification", user: "bob", number, state: "unverified", mismatch: true }])
  const refused = await shell.qpq("alice", ["dm", "bob", "secret"])
  expect([refused.status, refused.json]).toMatchObject([65, [{ code: "E082" }]])
  expect(refused.errors).toContain("--unchecked")
  expect((await shell.plain("alice", ["verify", "bob"])).lines.join(" ")).toContain("does not match")
  expect((await shell.qpq("alice", ["members", "team"])).json).toMatchObject([{}, { mismatch: true, verified: false }])
  await shell.qpq("alice", ["verify", "bob", "--unchecked"])
  expect((await shell.qpq("alice", ["dm", "bob", "well"])).json).toMatchObject([{ type: "sent", state: "stored" }])
})

test("a group is compared aloud by six words, which all in its epoch have", async () => {
  const [words, others] = await Promise.all(
    ["alice", "bob"].map(async (name) => (await shell.qpq(name, ["verify", "--group", "team"])).json),
  )
  expect(words).toEqual(others)
  expect(words).toMatchObject([{ type: "epochWords", group: "team", epoch: 1 }])
  const spoken = words?.[0]?.["words"] as readonly string[]
  expect(spoken).toHaveLength(6)
  expect((await shell.plain("alice", ["verify", "--group", "team"])).lines[0]).toContain(spoken.join(" "))
})
