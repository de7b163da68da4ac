/** Who has lost a group can be heard by a device that came into it since: those who were there before may be gone. */
import { expect, test } from "vitest"
import type { FetchAnswer } from "../../core/contract/node-service.ts"
import { house } from "../fakes/house.ts"
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
