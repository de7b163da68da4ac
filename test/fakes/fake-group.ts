/** A group of the scripted core, and how the screen sees it. */
import type { GroupView, MemberView, TimelineView, TrustView } from "../../core/client/client-api.ts"

export const START = Date.UTC(2026, 10, 20, 9, 12)

export interface FakeGroup {
  name: string
  status: GroupView["status"]
  members: string[]
  epoch: number
  inviter: string | undefined
  /** Of a 1:1 conversation. */
  peer: string | undefined
  readUpTo: number
  notify: GroupView["notify"]
  draft: string
  timer: number
  receipts: boolean
  typing: boolean
}

export const newFakeGroup = (
  name: string,
  members: readonly string[],
  options: { epoch?: number; inviter?: string },
): FakeGroup => ({
  name,
  status: options.inviter === undefined ? "active" : "hidden",
  members: [...members],
  epoch: options.epoch ?? 1,
  inviter: options.inviter,
  peer: undefined,
  readUpTo: 0,
  notify: "all",
  draft: "",
  timer: 0,
  receipts: false,
  typing: false,
})

export function fakeGroupView(
  groupId: string,
  group: FakeGroup,
  { all, trust }: { readonly all: readonly TimelineView[]; readonly trust: (name: string) => TrustView },
): GroupView {
  const { name, status, epoch, members, inviter, peer, readUpTo, notify, draft, timer, receipts, typing } = group
  const rows = all.filter((row) => row.groupId === groupId)
  const unread = rows.filter((row) => row.place > readUpTo && !row.own && row.kind === "text")
  const mentions = unread.filter(({ mention }) => mention).length
  const lastAt = rows.at(-1)?.receivedAt ?? START
  const view = { groupId, name, peer, status, suite: "hybrid", epoch, members: [...members] } as const
  const peerTrust = peer === undefined ? undefined : trust(peer)
  return {
    ...view,
    peerTrust,
    unread: unread.length,
    mentions,
    notify,
    draft,
    timer,
    receipts,
    typing,
    lastAt,
    inviter,
    rekeyedAt: START,
  }
}

/** All leaves have new keys with each epoch. */
export function fakeMembers(
  { members, epoch }: FakeGroup,
  self: string,
  trust: (name: string) => TrustView,
): readonly MemberView[] {
  const leafFingerprint = `0000 1100 ${(0xab00 + epoch).toString(16).toUpperCase()}`
  return members.map((name) => ({
    name,
    leafFingerprint,
    accountKey: name,
    deviceKey: name,
    ...trust(name),
    firstSeen: START,
    self: name === self,
  }))
}
