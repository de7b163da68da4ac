/** All that a client store can be asked. */
import { accountKey, channelId, groupId, messageId } from "../../core/domain/ids.ts"
import type { GroupId } from "../../core/domain/ids.ts"
import type { ClientReads } from "../../core/store/client-store.ts"
import { bytes, IDS } from "./client-drawings.ts"

/** All that a store can be asked without changing it. */
export function everything(store: ClientReads): unknown {
  const groups = [...new Set(IDS)].map((at) => [
    [store.group(at), store.groupVersion(at), store.groupFloor(at), store.secretNodes(at), store.wishes(at)],
    [store.rejoinRequests(at), store.succession(at), store.direct(at), store.stagedCommit(at), store.unread(at)],
    [store.conversation(at), store.unreadMentions(at), store.timer(at)],
    [store.arrivals({ groupId: at, after: 0, limit: 100 }), store.arrivals({ groupId: at, after: 3, limit: 2 })],
    [store.firstUnread(at), store.lineAt(at, 0), store.groupName(at)],
    [store.timeline({ groupId: at, limit: 3 }), store.timeline({ groupId: at, after: 2, limit: 2 })],
  ])
  const said = [...new Set(IDS)].flatMap((at) => [1, 2, 3].map((value) => aboutLines(store, at, value)))
  const found = ["hello", "ed", "edit 7", "delete", "3"].map((query) => [
    store.search({ query, limit: 100 }),
    store.search({ query, groupId: groupId(bytes(32, 1)), before: 6, limit: 2 }),
  ])
  const keys = [1, 2, 3].map((value) => [
    [store.epochKeysByTag(bytes(8, value)), store.directWith(accountKey(bytes(32, value)))],
    [store.directIn(channelId(bytes(16, value))), store.contactByKey(accountKey(bytes(32, value)))],
    [store.contactClaiming(accountKey(bytes(32, value))), store.formerName(accountKey(bytes(32, value)))],
    [store.processing(BigInt(value)), store.rejoinRequest(messageId(bytes(16, value)))],
  ])
  const names = [0, 1].map((value) => [store.setting(`lease-${value}`), store.leaseHolder(`lease-${value}`)])
  const lists = [store.groups(), store.epochKeys(), store.successions(), store.directs(), store.stagedCommits()]
  const mail = [
    store.timeline({ limit: 100 }),
    store.timeline({ before: 5, limit: 2 }),
    store.outbox(3, 1),
    [store.outboxCount(), store.uploads()],
    [store.nextExpiry(), store.due(25, 3), store.due(100, 100)],
  ]
  const rest = [
    store.buffered(),
    store.bufferedSizes(),
    store.keyPackages(),
    store.hybridKeys(),
    store.contacts(),
    store.blocks(),
  ]
  return [groups, said, found, keys, names, lists, mail, rest]
}

function aboutLines(store: ClientReads, groupId: GroupId, value: number): unknown {
  const sender = accountKey(bytes(32, value))
  const names = [1, 2, 3, 4, 5].map((at) => ({ groupId, senderKey: sender, messageId: messageId(bytes(16, at)) }))
  const near = store.linesBetween(groupId, messageId(bytes(16, value)), messageId(bytes(16, value + 1)), 3)
  return [
    names.map((name) => [
      store.annotations(name),
      store.attachment(name),
      store.receipts(name),
      store.hasVanished(name),
    ]),
    store.annotationsBy(groupId, sender),
    [store.strayAnnotations(groupId, sender), near],
  ]
}
