/** The help begins with what works where one is, by the keys in force, and then has everything else, once. */
import { describe, expect, it } from "vitest"
import { COMMANDS } from "../../../tui/screen/commands.ts"
import { createOverlay } from "../../../tui/screen/create-dialog.ts"
import { helpItems } from "../../../tui/screen/help.ts"
import { KEY_ACTIONS, keyMap } from "../../../tui/screen/key-map.ts"
import type { KeyWish } from "../../../tui/screen/key-map.ts"
import type { ListItem } from "../../../tui/screen/list-item.ts"
import { list } from "../../../tui/screen/command.ts"
import { listTitle } from "../../../tui/screen/lists.ts"
import type { Focus, Overlay } from "../../../tui/screen/screen-state.ts"
import { startState } from "../../../tui/screen/start-state.ts"
import { verifyOverlay } from "../../../tui/screen/verify.ts"

const helpIn = (focus: Focus, wish?: KeyWish): readonly ListItem[] =>
  helpItems({ focus, keys: keyMap(COMMANDS, wish).names })

/** Its first rows: the id and the keys of each. */
const here = (focus: Focus, wish?: KeyWish): Readonly<Record<string, string>> =>
  Object.fromEntries(
    helpIn(focus, wish)
      .filter(({ section }) => section === "Here")
      .map(({ key, detail }) => [key, detail]),
  )

const PANES: readonly Focus[] = ["composer", "groups", "messages", "members"]

describe("the help", () => {
  it.each(PANES)("of %s begins with what works there, and has everything once", (focus) => {
    const items = helpIn(focus)
    expect(items[0]?.section).toBe("Here")
    const keys = items.map(({ key }) => key)
    expect([...keys].sort()).toEqual(
      [...COMMANDS.map(({ id }) => id), ...KEY_ACTIONS.map(({ id }) => id), "ctrl+c"].sort(),
    )
    const sections = items.map(({ section }) => section)
    const parts = sections.filter((section, at) => section !== sections[at - 1])
    expect(parts).toEqual([...new Set(sections)])
    expect(parts.slice(0, 5)).toEqual(["Here", "Messages", "Groups", "View", "Program"])
  })

  it("of what is written has sending, and readline's keys, and none of the letters", () => {
    const rows = here("composer")
    expect(Object.keys(rows).slice(0, 2)).toEqual(["message.send", "composer.newline"])
    expect(rows).toMatchObject({ "edit.wordLeft": "alt+b  ctrl+left  alt+left", "completion.next": "tab" })
    expect(rows).toMatchObject({ "message.select": "ctrl+s  up", "editor.external": "/editor [text]  ctrl+o" })
    for (const id of ["select.up", "message.reply", "group.create", "pane.up"]) expect(rows).not.toHaveProperty([id])
  })

  it("of a selected message has its letters, whatever message that is", () => {
    const rows = here("messages")
    expect(Object.keys(rows)[0]).toBe("select.up")
    const letters = { up: "k", down: "j", first: "g", last: "G" }
    for (const [id, key] of Object.entries(letters)) expect(rows[`select.${id}`]).toBe(key)
    const about = { reply: "r", edit: "e", delete: "d", react: "+", copy: "y", open: "o" }
    for (const [id, key] of Object.entries(about)) expect(rows[`message.${id}`]?.split(" ").at(-1)).toBe(key)
    expect(rows["invites.open"]).toMatch(/ i$/)
    expect(rows["search.open"]).toMatch(/ \/$/)
    expect(rows).toMatchObject({ "pane.up": "up", "pane.open": "enter", "dialog.cancel": "esc" })
    expect(rows["message.retry"]).toBe("/retry")
  })

  it("of the groups has enter and the arrows; of the members, what is done with the marked one", () => {
    expect(here("groups")).toMatchObject({ "pane.up": "up", "pane.down": "down", "pane.open": "enter" })
    expect(here("groups")).toHaveProperty(["group.create"])
    expect(Object.keys(here("members")).slice(0, 3).sort()).toEqual(["devices", "group.removeMember", "verify"])
    for (const focus of ["groups", "members"] as const) expect(here(focus)).not.toHaveProperty(["invites.decline"])
  })

  it("names the keys in force: those of a preset, and of one's own", () => {
    const vim = here("groups", { preset: "vim", keys: {} })
    expect(vim).toMatchObject({ "pane.down": "j  down", "pane.first": "g", "focus.composer": "i" })
    expect(vim["palette.open"]).toMatch(/^: /)
    expect(here("members", { preset: "emacs", keys: {} })["group.removeMember"]).toMatch(/alt\+r$/)
    const own = { preset: "default", keys: { "group.mute": ["z"], "message.reply": ["a"] } } as const
    expect(here("groups", own)["group.mute"]).toMatch(/ z$/)
    expect(here("messages", own)["message.reply"]).toMatch(/ a$/)
    expect(here("composer", own)).not.toHaveProperty(["group.mute"])
    expect(here("groups")).not.toHaveProperty(["pane.first"])
    expect(helpIn("groups").find(({ key }) => key === "pane.first")).toMatchObject({ detail: "" })
  })

  it("says in its title where one is", () => {
    const title = (focus: Focus, over?: Overlay): string =>
      listTitle({ ...startState({ columns: 80, rows: 24 }, 0), focus }, { ...list("help"), ...(over && { over }) })
    expect(PANES.map((focus) => title(focus))).toEqual([
      "Help: writing",
      "Help: groups",
      "Help: messages",
      "Help: members",
    ])
    expect(title("composer", list("invites"))).toBe("Help: this list")
    expect(title("members", createOverlay())).toBe("Help: this dialog")
    expect(title("groups", verifyOverlay("bob"))).toBe("Help: comparing")
    expect(title("groups", { kind: "page", page: "about" })).toBe("Help: this page")
  })

  it("over a dialog begins with the keys of that dialog, what is special to it first", () => {
    const over = (overlay: Overlay): readonly string[] =>
      helpItems({ focus: "composer", keys: keyMap(COMMANDS).names }, overlay)
        .filter(({ section }) => section === "Here")
        .map(({ key }) => key)
    expect(over(verifyOverlay("bob")).slice(0, 2)).toEqual(["verify.match", "verify.mismatch"])
    expect(over(list("invites"))[0]).toBe("invites.decline")
    expect(over(list("members"))).toContain("pane.open")
    expect(over(list("members"))).not.toContain("invites.decline")
    expect(over(createOverlay())).toEqual(expect.arrayContaining(["dialog.down", "dialog.accept", "edit.wordLeft"]))
    expect(over({ kind: "page", page: "about" })).not.toContain("edit.wordLeft")
    expect(over({ kind: "status" })).not.toContain("message.send")
  })
})
