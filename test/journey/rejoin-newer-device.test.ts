/** Devices that come and go while somebody asks to be let in again: newer ones are heard, and let in; a revoked one is not. */
import { expect, test } from "vitest"
import type { FetchAnswer } from "../../core/contract/node-service.ts"
import { hex } from "../../core/domain/bytes.ts"
import { stateOf, updateWithout } from "../fakes/broken-groups.ts"
import { house } from "../fakes/house.ts"
import { inTeam } from "../fakes/team.ts"
import { until } from "../fakes/until.ts"

const LOST_MARK = Uint8Array.of(4)

test("a member that lost the group is let in by a newer device of somebody whose older one is revoked", async () => {
  const here = await house()
  try {
    const [alice, bob] = [await here.settle("alice"), await here.settle("bob")]
    const { groupId } = await alice.session.createGroup("team", "hybrid")
    await alice.session.invite(groupId, ["bob"])
    await bob.sync()
    await bob.session.accept(groupId)
    await alice.sync()
    const tablet = await here.device("bob")
    await bob.session.follow()
    await tablet.session.follow()
    await until("the tablet is in the group", () => tablet.store.groups()[0]?.status === "active")
    alice.tampering.fetch = async (ask, request) => {
      const answer: FetchAnswer = await ask(request)
      return {
        ...answer,
        envelopes: answer.envelopes.map((row) => (row.commit ? { ...row, payload: LOST_MARK } : row)),
      }
    }
    const [old] = (await tablet.session.devices()).filter(({ current, status }) => !current && status !== "revoked")
    await tablet.session.revokeDevice(old?.id ?? "")
    await alice.sync()
    expect(alice.group(groupId).rejoin).toBeDefined()
    alice.tampering.fetch = undefined
    await alice.session.follow()
    await until("alice is let in again", () => alice.group(groupId).rejoin === undefined)
    await alice.session.send(groupId, "here again")
    await until("the tablet reads it", () =>
      tablet.store.timeline({ limit: 100 }).some(({ body }) => body === "here again"),
    )
  } finally {
    await here.close()
  }
})

test("a device that asked to be let in again and was revoked then is not let in: its leaf goes, and nobody is alarmed", async () => {
  const { here, alice, bob, groupId } = await inTeam("alice", "bob")
  try {
    const tablet = await here.device("bob")
    for (const { session } of [alice, bob, tablet]) await session.follow()
    await until("the tablet is in the group", () => tablet.store.groups()[0]?.status === "active")
    for (const { session } of [bob, alice]) await session.close()
    await updateWithout(tablet, groupId, bob)
    const last = bob.another()
    await last.send(groupId, "finds out")
    await last.sync(15_000)
    await last.close()
    expect(bob.group(groupId).rejoin).toBeDefined()
    await (await tablet.reopen()).revokeDevice(hex(bob.me.deviceKey))
    await (await alice.reopen()).follow()
    await until("his leaf is gone", () => stateOf(alice, groupId).group.members.length === 2)
    const changes = (await alice.session.timeline({ groupId, limit: 100 })).flatMap(({ change }) => change ?? [])
    expect(changes.flatMap(({ rejoined }) => rejoined)).toEqual([])
    expect([alice.troubles, tablet.troubles]).toEqual([[], []])
  } finally {
    await here.close()
  }
})
