/** What every client store promises about mail that the server has stored for others. */
import { expect, test } from "vitest"
import { groupId, messageId } from "../../core/domain/ids.ts"
import type { ClientStore } from "../../core/store/client-store.ts"
import type { SentMail } from "../../core/store/sent-mail.ts"
import { filled } from "../fakes/fake-services.ts"

const mail = (id: number, storedAt: number, change: Partial<SentMail> = {}): SentMail => ({
  groupId: groupId(filled(32, 1)),
  messageId: messageId(filled(16, id)),
  epoch: 2n ** 62n,
  sealed: filled(40, id),
  recipients: filled(64, id),
  storedAt,
  ...change,
})

const kept = (store: ClientStore): readonly SentMail[] =>
  store.sentMail(0, 10).map((mail) => {
    const { groupId: group, messageId: id, epoch, sealed, recipients, storedAt } = mail
    return { groupId: group, messageId: id, epoch, sealed, recipients, storedAt }
  })

export function sentMailPromises(opened: () => ClientStore): void {
  test("sent mail is kept in its order, once, until its time is over", () => {
    const store = opened()
    const [first, second, third] = [mail(1, 1000), mail(2, 2000), mail(3, 500)]
    store.write((tx) => {
      for (const one of [first, second, third]) tx.keepSent(one)
    })
    expect(kept(store)).toEqual([first, second, third])
    const [oldest] = store.sentMail(0, 1)
    expect(store.sentMail(oldest?.place ?? 0, 1)).toMatchObject([second])
    const again = mail(1, 4000, { sealed: filled(0, 0), recipients: filled(32, 9) })
    store.write((tx) => tx.keepSent(again))
    expect(kept(store)).toEqual([second, third, again])
    store.write((tx) => tx.dropSentBefore(2000))
    expect(kept(store)).toEqual([second, again])
  })
}
