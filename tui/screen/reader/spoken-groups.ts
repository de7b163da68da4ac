/** The groups in words: which is open, what is unread, what is new in the list. */
import { durationText } from "../../../core/domain/duration.ts"
import { ERRORS } from "../../../core/domain/errors.ts"
import type { GroupView, LinkView } from "../../../core/client/client-api.ts"
import { titleOf } from "../group-title.ts"
import { groupAt, invitations, listedGroups, openGroupView, toldOf } from "../selectors.ts"
import type { ScreenState } from "../screen-state.ts"
import { safeLine } from "../text-cells.ts"
import { timeText } from "./spoken-rows.ts"

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`

export const ALONE = "Only you here."

/** "# ops: 5 members, 2 of 4 verified, epoch 12, post-quantum" */
export function groupText(state: ScreenState, group: GroupView): string {
  if (group.status === "removed") return `${titleOf(group)}: you were removed. /leave takes it off the list.`
  const facts = [
    group.peer === undefined ? counted(group.members.length, "member") : "the two of you",
    ...verifiedText(state, group),
    `epoch ${group.epoch}`,
    group.suite === "hybrid" ? "post-quantum" : "not post-quantum",
    ...(group.timer > 0 ? [`messages disappear after ${durationText(group.timer)}`] : []),
    ...(group.notify === "nothing" ? ["muted"] : []),
  ]
  const alone = group.members.length === 1 && group.peer === undefined ? ` ${ALONE} /invite invites someone.` : ""
  return `${titleOf(group)}: ${facts.join(", ")}.${alone}`
}

function verifiedText({ open }: ScreenState, { groupId }: GroupView): readonly string[] {
  const others = open?.groupId === groupId ? open.members.filter(({ self }) => !self) : []
  if (others.length === 0) return []
  const changed = others.filter((member) => member.changed || member.mismatched).map(({ name }) => safeLine(name))
  const trouble = changed.length === 0 ? [] : [`the key of ${changed.join(" and ")} is in question`]
  return [`${others.filter(({ verified }) => verified).length} of ${others.length} verified`, ...trouble]
}

/** Who is here, and what waits. */
export function greeting(state: ScreenState): readonly string[] {
  const name = safeLine(state.account?.name ?? "")
  const listed = listedGroups(state)
  const directs = listed.filter(({ peer }) => peer !== undefined).length
  const invited = invitations(state).length
  const parts = [
    counted(listed.length - directs, "group"),
    ...(directs > 0 ? [counted(directs, "conversation")] : []),
    ...(invited > 0 ? [`${counted(invited, "invitation")} (/invites)`] : []),
  ]
  const start =
    listed.length > 0
      ? []
      : [`No groups yet. /create makes one, /invites shows invitations. Others can invite you by your name: ${name}.`]
  return [`You are ${name}. ${parts.join(", ")}. /help lists all commands, /where says where you are.`, ...start]
}

/** Of each group with something unread. @param openCount what was not heard of the open one. */
export function unreadTexts(state: ScreenState, openCount: number): readonly string[] {
  const others = listedGroups(state).filter(({ unread, groupId }) => unread > 0 && groupId !== state.open?.groupId)
  const open = openGroupView(state)
  const total = others.reduce((sum, { unread }) => sum + unread, openCount)
  if (total === 0) return ["Nothing is unread."]
  const places = others.length + (openCount > 0 ? 1 : 0)
  return [
    `${counted(total, "unread message")} in ${counted(places, "group")}.`,
    ...others.map((group) => `${titleOf(group)}: ${group.unread}${forYou(group)}`),
    ...(open && openCount > 0 ? [`${titleOf(open)}, which is open: ${openCount}`] : []),
  ]
}

const forYou = ({ unread, mentions, notify }: GroupView): string => {
  const calls = Math.min(unread, mentions)
  return `${calls > 0 ? `, ${calls} for you` : ""}${notify === "nothing" ? ", muted" : ""}`
}

/** What is new in the list: invitations, and groups that one is not in any more. */
export function listChanges(before: ScreenState, after: ScreenState): readonly string[] {
  if (before.groups === after.groups) return []
  return after.groups.flatMap((group) => {
    const old = groupAt(before, group.groupId)
    if (old?.status === group.status) return []
    if (group.status === "hidden") return [invitationText(group)]
    const isHeard = group.groupId === after.open?.groupId
    return group.status === "removed" && old && !isHeard ? [`You were removed from ${titleOf(group)}.`] : []
  })
}

/** New messages elsewhere, as far as the person wants to be told of them. */
export function newElsewhere(before: ScreenState, after: ScreenState): readonly string[] {
  if (before.groups === after.groups) return []
  return after.groups.flatMap((group) => moreIn(groupAt(before, group.groupId), group, after))
}

function moreIn(old: GroupView | undefined, group: GroupView, state: ScreenState): readonly string[] {
  if (group.status !== "active" || group.groupId === state.open?.groupId) return []
  const isTold = toldOf(state, group) > 0
  const more = group.unread - (old?.unread ?? 0)
  if (!isTold || more <= 0) return []
  const calls = group.mentions > (old?.mentions ?? 0) ? ", for you" : ""
  const all = group.unread > more ? `, ${group.unread} unread` : ""
  return [`${titleOf(group)}: ${counted(more, "new message")}${calls}${all}`]
}

function invitationText(group: GroupView): string {
  const who = safeLine(group.inviter ?? "Somebody")
  const what = group.peer === undefined ? `invites you to ${titleOf(group)}` : "wants to talk to you"
  return `${who} ${what}. /invites shows it.`
}

/** The connection in a sentence. */
export function linkText(link: LinkView): string {
  const why = link.code === undefined ? "" : ` ${ERRORS[link.code].remedy}`
  switch (link.state) {
    case "online":
      return "Connected."
    case "connecting":
      return "Connecting. What you write waits and is sent by itself."
    case "reconnecting":
    case "offline":
      return `Not connected since ${timeText(link.since)}. It is tried again by itself; what you write waits and is sent then.`
    case "expired":
      return `The login has expired: nothing comes or goes.${why}`
    case "refused":
      return `${link.code === "E056" ? "The server's certificate has changed" : "The server refuses us"}: nothing comes or goes.${why}`
  }
}
