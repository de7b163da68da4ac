/** Path keys whose private half does not fit the tree are noticed when they come, not at the next commit. */
import type { RatchetTree } from "ts-mls"
import { describe, expect, it } from "vitest"
import { SUITES } from "../../../core/domain/suite.ts"
import { checkPrivatePath } from "../../../core/mls/private-path-check.ts"
import { Snapshot } from "../../../core/mls/ts-mls-terms.ts"
import { codeOfAsync } from "../../fakes/refusal.ts"
import { groupOf, NOW, settle } from "../../fakes/mls-people.ts"

describe.each(SUITES)("path keys of a %s group", (suite) => {
  it("fit after an honest commit, and are refused when the tree shows another key", async () => {
    const seats = await groupOf(4, suite)
    const [ada, bob] = [seats[0]!, seats[1]!]
    await settle(seats, ada, await ada.who.engine.stage(ada.group, { now: NOW }))
    const state = Snapshot.stateOf(bob.group)
    expect(await codeOfAsync(() => checkPrivatePath(state, {}, "E030"))).toBe("accepted")
    const ratchetTree: RatchetTree = state.ratchetTree.map((node) =>
      node?.nodeType === "parent"
        ? { ...node, parent: { ...node.parent, hpkePublicKey: node.parent.hpkePublicKey.map((byte) => byte ^ 1) } }
        : node,
    )
    const forged = { ...state, ratchetTree }
    expect(await codeOfAsync(() => checkPrivatePath(forged, {}, "E030"))).toBe("E030")
    expect(await codeOfAsync(() => checkPrivatePath(forged, state.privatePath.privateKeys, "E030"))).toBe("accepted")
  })
})
