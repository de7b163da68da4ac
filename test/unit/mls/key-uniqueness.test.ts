/** Keys that are in the tree already, or a lifetime that ts-mls refuses, are refused before ts-mls acts on them (RFC 9420 sections 7.3 and 12.4.2). */
import { createCommit, encodeMlsMessage } from "ts-mls"
import type { Proposal } from "ts-mls"
import { expect, test } from "vitest"
import { inspectCommit } from "../../../core/mls/commit-policy.ts"
import { decodeKeyPackageExactly } from "../../../core/mls/key-package.ts"
import { leafAt, memberAt, Snapshot, suiteImplOf } from "../../../core/mls/ts-mls-terms.ts"
import { lifetime, resigned } from "../../fakes/forged-key-package.ts"
import { agree, groupOf, hear, invite, keyPackageOf, NOW, person, say } from "../../fakes/mls-people.ts"
import type { Seat } from "../../fakes/mls-people.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"

const leafKeyOf = ({ group }: Seat, leafIndex: number): Uint8Array =>
  leafAt(Snapshot.stateOf(group).ratchetTree, leafIndex)!.hpkePublicKey

const withLeafKey = async (hpkePublicKey: Uint8Array): Promise<Uint8Array> => {
  const who = person()
  return resigned(who.device.secretSeed, (await keyPackageOf(who)).publicBytes, { hpkePublicKey })
}

const parentKeyOf = ({ group }: Seat): Uint8Array => {
  const node = Snapshot.stateOf(group).ratchetTree.find((one) => one?.nodeType === "parent")
  if (node?.nodeType !== "parent") throw new TypeError("no parent in the tree")
  return node.parent.hpkePublicKey
}

/** Three people, whose tree has parents. */
async function three(): Promise<readonly [Seat, Seat, Seat]> {
  const seats = await groupOf(3)
  const [ada, bob, cleo] = seats
  const staged = await ada!.who.engine.stage(ada!.group, { now: NOW })
  for (const seat of [bob!, cleo!]) seat.group = (await seat.who.engine.open(seat.group, staged)).group
  ada!.group = ada!.who.engine.adopt(staged.next, ada!.group)
  return [ada!, bob!, cleo!]
}

async function goOn(seats: readonly [Seat, Seat, Seat]): Promise<void> {
  const more = await invite(seats, seats[1], 2)
  expect(agree([...seats, ...more])).toBe(true)
  expect(await hear(more[0]!, await say(seats[0], "still fine"))).toBe("still fine")
}

test.each([
  ["a member", async (ada: Seat) => [await withLeafKey(leafKeyOf(ada, 2))]],
  ["a node above the members", async (ada: Seat) => [await withLeafKey(parentKeyOf(ada))]],
  [
    "another that is added",
    async () => {
      const key = decodeKeyPackageExactly((await keyPackageOf(person())).publicBytes).leafNode.hpkePublicKey
      return [await withLeafKey(key), await withLeafKey(key)]
    },
  ],
] as const)("a KeyPackage with the key of %s is neither added nor taken from another's commit", async (_, made) => {
  const seats = await three()
  const [ada, bob] = seats
  const add = await made(ada)
  const staging = bob.who.engine.stage(bob.group, { now: NOW, add })
  await expect(staging).rejects.toMatchObject({ code: "E011", detail: "a key of the group" })
  const state = Snapshot.stateOf(ada.group)
  const extraProposals = add.map((bytes): Proposal => {
    return { proposalType: "add", add: { keyPackage: decodeKeyPackageExactly(bytes) } }
  })
  const { commit } = await createCommit({ state, cipherSuite: suiteImplOf(state) }, { extraProposals })
  const opening = bob.who.engine.open(bob.group, { message: encodeMlsMessage(commit) })
  await expect(opening).rejects.toMatchObject({ code: "E030", detail: "a key of the group" })
  await goOn(seats)
})

test.each(["leaf", "node"] as const)("a path whose %s has another's key is refused", async (where) => {
  const [ada, bob] = await three()
  const state = Snapshot.stateOf(bob.group)
  const own = leafAt(state.ratchetTree, 0)!
  const [fresh, taken] = [(await three())[0], leafKeyOf(ada, 2)]
  const [leafKey, nodeKey] = where === "leaf" ? [taken, parentKeyOf(fresh)] : [leafKeyOf(fresh, 0), taken]
  const leafNode = { ...own, hpkePublicKey: leafKey, leafNodeSource: "commit" as const, parentHash: new Uint8Array(32) }
  const path = { leafNode, nodes: [{ hpkePublicKey: nodeKey, encryptedPathSecret: [] }] }
  const by = memberAt(state.ratchetTree, 0)
  const inspecting = inspectCommit(state, { proposals: [], path }, by)
  await expect(inspecting).rejects.toMatchObject({ code: "E030", detail: "a key of the group" })
})

test.each([
  ["valid only later", lifetime(0.5, 24)],
  ["about to expire", lifetime(-23, 0.01)],
])("several KeyPackages %s are refused, and the process goes on", async (_, when) => {
  const seats = await three()
  const [{ who, group }] = seats
  const people = [person(), person()]
  const own = await Promise.all(
    people.map(async (one) => resigned(one.device.secretSeed, (await keyPackageOf(one)).publicBytes, when)),
  )
  for (const add of [own, own.slice(1)])
    expect(await codeOfAsync(() => who.engine.stage(group, { now: NOW, add }))).toBe("E011")
  expect(await codeOfAsync(() => who.engine.checkKeyPackage(own[0]!, NOW))).toBe("E011")
  await goOn(seats)
})
