/** 1:1 conversations by command, with real processes behind: `qpq dm` and what the other commands make of it. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandHouse } from "../fakes/command-house.ts"

const house = new CommandHouse({ people: ["alice", "bob"] })
const { shell } = house

beforeAll(() => house.open())
afterAll(() => house[Symbol.asyncDispose]())

const texts = async (name: string, argv: readonly string[]): Promise<unknown[]> =>
  (await shell.qpq(name, argv)).json.map((line) => `${String(line["sender"])}: ${String(line["text"])}`)

test("dm opens a conversation and says something; the other finds it as an invitation, answers with dm, and both read", async () => {
  const sent = await shell.qpq("alice", ["dm", "bob", "lunch at noon?"])
  expect([sent.status, sent.json]).toMatchObject([0, [{ type: "sent", group: "bob", state: "stored" }]])
  await shell.qpq("bob", ["recv"])
  expect((await shell.qpq("bob", ["groups"])).json).toMatchObject([
    { type: "invitation", group: "alice", inviter: "alice", peer: "alice" },
  ])
  expect((await shell.plain("bob", ["groups"])).lines.join()).toMatch(/alice wants to talk to you .* qpq dm alice/)
  const accepted = await shell.qpq("bob", ["dm", "alice"])
  expect([accepted.status, accepted.json]).toMatchObject([
    0,
    [{ type: "group", name: "alice", peer: "alice", epoch: 1, suite: "hybrid", members: ["alice", "bob"], unread: 1 }],
  ])
  expect(await texts("bob", ["recv"])).toEqual(["alice: lunch at noon?"])
  const answer = await shell.qpq("bob", ["dm", "alice", "-"], { input: "yes\n" })
  expect(answer.json).toMatchObject([{ type: "sent", group: "alice", state: "stored" }])
  expect(await texts("alice", ["recv", "--wait", "10", "--group", "bob"])).toEqual(["bob: yes"])
  expect(await texts("alice", ["history", "bob"])).toEqual(["alice: lunch at noon?", "bob: yes"])
  expect((await shell.qpq("alice", ["members", "bob"])).json).toMatchObject([{ name: "alice" }, { name: "bob" }])
  expect((await shell.qpq("alice", ["send", "bob", "see you"])).json).toMatchObject([{ state: "stored" }])
})

test("a group of the same name makes the name ambiguous, and the refusal says which is which; dm still means the person", async () => {
  const [made] = (await shell.qpq("alice", ["create-group", "bob"])).json
  const refused = await shell.qpq("alice", ["send", "bob", "to whom?"])
  expect([refused.status, refused.json]).toMatchObject([65, [{ type: "error", code: "E033" }]])
  const [direct] = (await shell.qpq("alice", ["groups"])).json.filter(({ peer }) => peer === "bob")
  const [one, other] = [String(direct?.["groupId"]), String(made?.["groupId"])]
  expect(refused.json[0]?.["message"]).toContain(`${one.slice(0, 8)} (1:1), ${other.slice(0, 8)}`)
  expect((await shell.qpq("alice", ["send", one, "to you"])).json).toMatchObject([{ group: "bob", state: "stored" }])
  expect((await shell.qpq("alice", ["dm", "bob", "and again"])).json).toMatchObject([{ state: "stored" }])
  expect((await texts("bob", ["recv"])).slice(-2)).toEqual(["alice: to you", "alice: and again"])
  await shell.qpq("alice", ["leave", other])
})

test("what makes no sense between two is refused: nobody, oneself, a third", async () => {
  const refusals = [
    [["dm", "nobody"], 68, "E015"],
    [["dm", "alice"], 2, "E070"],
    [["dm", "Bob!"], 65, "E016"],
    [["invite", "bob", "alice"], 2, "E070"],
    [["remove", "bob", "bob"], 2, "E070"],
  ] as const
  for (const [argv, status, code] of refusals) {
    const refused = await shell.qpq("alice", argv)
    expect([argv, refused.status, refused.json]).toMatchObject([argv, status, [{ type: "error", code }]])
  }
})

test("who leaves is heard, and talking there ends until somebody opens it again", async () => {
  await shell.qpq("bob", ["leave", "alice"])
  expect((await shell.qpq("bob", ["groups"])).json).toEqual([])
  expect(await texts("bob", ["history", "alice"])).toContain("bob: yes")
  const again = await shell.qpq("bob", ["dm", "alice", "I am back"])
  expect([again.status, again.json]).toMatchObject([0, [{ type: "sent", group: "alice", state: "stored" }]])
  expect(await texts("alice", ["recv"])).toContain("bob: I am back")
  expect((await shell.qpq("alice", ["dm", "bob", "good"])).json).toMatchObject([{ state: "stored" }])
  expect(await texts("bob", ["recv"])).toEqual(["alice: good"])
})

test("with the server away a known conversation takes the text and keeps it; an unknown one cannot be begun", async () => {
  await house.server.stop("SIGKILL")
  const queued = await shell.qpq("alice", ["dm", "bob", "later then", "--timeout", "1"])
  expect([queued.status, queued.json]).toMatchObject([0, [{ type: "sent", state: "queued" }]])
  const refused = await shell.qpq("alice", ["dm", "carol"])
  expect([refused.status, refused.json]).toMatchObject([69, [{ type: "error", code: "E053" }]])
})
