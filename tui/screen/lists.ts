/** The lists that open over the screen: what stands in them for a query. */
import type { GroupView, MemberView } from "../../core/client/client-api.ts"
import { commandItem } from "./list-item.ts"
import type { ListItem } from "./list-item.ts"
import { isPossible } from "./command.ts"
import { COMMANDS } from "./commands.ts"
import { titleOf } from "./group-title.ts"
import { helpItems } from "./help.ts"
import { invitations, isFirstContact, listedGroups, unreadOf } from "./selectors.ts"
import type { ListName, Overlay, ScreenState } from "./screen-state.ts"
import { safeLine } from "./text-cells.ts"
import { clockText } from "./timeline-lines.ts"
import { trustMark } from "./trust-mark.ts"
import { placeIn } from "./whereabouts.ts"

export type ListOverlay = Extract<Overlay, { readonly kind: "list" }>

export const listTitle = (state: ScreenState, { list, over }: ListOverlay): string =>
  list === "help" ? `Help: ${placeIn(state, over).name}` : LIST_TITLES[list]

const LIST_TITLES: Readonly<Record<ListName, string>> = {
  palette: "Commands",
  switcher: "Go to group",
  help: "Help",
  invites: "Invitations",
  members: "Members",
  log: "Log",
  reactions: "React",
  sent: "Texts you have sent",
  verify: "Compare with whom?",
  links: "Open which link?",
}

export function listItems(state: ScreenState, overlay: ListOverlay): readonly ListItem[] {
  const words = overlay.query.text.toLowerCase().split(/\s+/).filter(Boolean)
  return allItems(state, overlay).filter(({ title, detail, key }) => {
    const text = `${title} ${detail} ${key}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** The row that enter acts on. */
export const markedItem = (items: readonly ListItem[], at: number): ListItem | undefined =>
  items[Math.min(at, items.length - 1)]

function allItems(state: ScreenState, { list, over, links = [] }: ListOverlay): readonly ListItem[] {
  switch (list) {
    case "palette":
      return COMMANDS.filter((command) => isPossible(command, state) && command.id !== "message.send").map((command) =>
        commandItem(command, state.keys),
      )
    case "help":
      return helpItems(state, over)
    case "switcher":
      return listedGroups(state).map((group) => groupItem(state, group))
    case "invites":
      return invitations(state).map((group) => inviteItem(group, isFirstContact(state, group)))
    case "members":
      return memberItems(state)
    case "verify":
      return memberItems(state).filter(({ user }) => user !== undefined)
    case "reactions":
      return REACTIONS.map(([reaction, title]) => ({
        key: title,
        title: `${reaction}  ${title}`,
        detail: "",
        reaction,
      }))
    case "sent":
      return state.history
        .toReversed()
        .map((text, at) => ({ key: String(at), title: safeLine(text), detail: "", text }))
    case "links":
      return links.map((link) => ({ key: link, title: link, detail: "", link }))
    case "log":
      return state.log.toReversed().map(({ at, text }, index) => ({
        key: String(index),
        title: `${clockText(at)}  ${text}`,
        detail: "",
      }))
  }
}

/** The ones that people use most; any other is given by name or as it is: `/react 🦀`. */
const REACTIONS: readonly (readonly [string, string])[] = [
  ["👍", "yes, good"],
  ["👎", "no, bad"],
  ["❤️", "love"],
  ["😂", "laughing"],
  ["🎉", "celebrating"],
  ["😮", "astonished"],
  ["😢", "sad"],
  ["🙏", "thanks, please"],
  ["👀", "looking into it"],
  ["✅", "done"],
  ["❌", "failed"],
  ["🔥", "on fire"],
  ["", "take my reaction back"],
]

function groupItem(state: ScreenState, group: GroupView): ListItem {
  const unread = unreadOf(state, group)
  const count = `${group.members.length} ${group.members.length === 1 ? "member" : "members"}`
  const members = group.peer === undefined ? count : "1:1"
  const detail = unread > 0 ? `${unread} unread  ${members}` : members
  return { key: group.groupId, title: titleOf(group), detail, group }
}

function inviteItem(group: GroupView, isFirst: boolean): ListItem {
  const facts = [
    `from ${safeLine(group.inviter ?? "?")}`,
    ...(isFirst ? ["first contact"] : []),
    group.peer === undefined ? `${group.members.length} members` : "1:1",
    group.suite === "hybrid" ? "PQ" : "classic!",
  ]
  return { key: group.groupId, title: titleOf(group), detail: facts.join("  "), group }
}

const memberItems = ({ open }: ScreenState): readonly ListItem[] => (open?.members ?? []).map(memberItem)

const memberItem = (member: MemberView): ListItem => ({
  key: member.deviceKey,
  title: member.self ? "you" : safeLine(member.name),
  detail: member.self ? "" : trustMark(member).words,
  ...(!member.self && { user: member.name }),
})
