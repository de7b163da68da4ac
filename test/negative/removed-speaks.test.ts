/** Whoever was removed keeps the keys of the epoch before: nobody else does, once the mailbox was read to its head. */
import { expect, test } from "vitest"
import { messageId } from "../../core/domain/ids.ts"
import { encodeAppMessage } from "../../core/wire/app-message.ts"
import { stateOf } from "../fakes/broken-groups.ts"
import { goesOn } from "../fakes/going-on.ts"
import { post, random } from "../fakes/hostile-mail.ts"
import { sealedBy } from "../fakes/hostile-member.ts"
import { house } from "../fakes/house.ts"
import { team } from "../fakes/team.ts"

test.each(["read by hand", "while it waits for mail"])("who was removed says nothing more: %s", async (how) => {
  const here = await house()
  const [alice, bob, mallory] = [await here.settle("alice"), await here.settle("bob"), await here.settle("mallory")]
  const groupId = await team(alice, bob, mallory)
  const content = { kind: "text", text: "from beyond" } as const
  const plaintext = encodeAppMessage({ id: messageId(random(16)), sentAt: Date.now(), content })
  const { message } = await mallory.engine.seal(stateOf(mallory, groupId).group, { plaintext })
  const payload = await sealedBy(mallory, groupId, message)
  if (how !== "read by hand") await bob.session.follow()
  await alice.session.remove(groupId, "mallory")
  await bob.sync()
  expect(bob.group(groupId).epoch).toBe(2n)
  expect(bob.store.epochKeys().map(({ epoch }) => epoch)).toEqual([2n])
  await post(mallory, bob.me.deviceKey, payload)
  await bob.sync()
  expect(await bob.texts()).toEqual([])
  expect(bob.troubles).toEqual([])
  await goesOn(groupId, alice, bob)
  await here.close()
})
