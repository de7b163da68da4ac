/** Takes each key to where it belongs: the first steps, a dialog, a command, the focused list, or the text. */
import type { Desk } from "./desk.ts"
import { takesCompletionKey } from "./completion-keys.ts"
import { acceptDialog } from "./dialog-accept.ts"
import type { TerminalInput } from "./key-decoder.ts"
import type { KeyMap } from "./key-map.ts"
import { CLEAR_KEY } from "./key-names.ts"
import { isInviteDeed, markStep, STEPS } from "./key-steps.ts"
import type { InviteDeed, ListMove } from "./key-steps.ts"
import { blockInviter } from "./block-commands.ts"
import { isPossible, list } from "./command.ts"
import type { Command } from "./command.ts"
import { isSearchable } from "./list-item.ts"
import { listItems, markedItem } from "./lists.ts"
import type { ListItem } from "./list-item.ts"
import type { ListOverlay } from "./lists.ts"
import { fieldsOf, atStep, moved, stepBefore } from "./first-run.ts"
import type { FirstRun } from "./first-run.ts"
import { isKeysPage } from "./pages.ts"
import { confirmation } from "./member-commands.ts"
import { openHelpOver, takesOwnKey } from "./overlay-keys.ts"
import { retrySelected } from "./retry-commands.ts"
import { listedGroups } from "./selectors.ts"
import type { Overlay, ScreenState, Wish } from "./screen-state.ts"
import { compareWith, doVerify } from "./verify-commands.ts"

/** The second ctrl+c ends the program when it comes this soon. */
const TWICE_MS = 2000
/** Commands whose keys also work while a dialog is open or before there is an account. */
const ALWAYS: readonly string[] = ["quit", "suspend"]
/** Commands that mean something where nothing but the messages is seen. */
const IN_PLAIN_VIEW = ["plain.toggle", "mouse.toggle", "scroll.up", "scroll.down", "scroll.top", "scroll.live"]

type TextInput = Extract<TerminalInput, { readonly kind: "text" | "paste" }>

export class KeyRouter {
  readonly #desk: Desk
  readonly #keys: KeyMap
  readonly #monotonic: () => number
  #clearedAt = Number.NEGATIVE_INFINITY

  constructor(desk: Desk, keys: KeyMap, monotonic: () => number) {
    this.#desk = desk
    this.#keys = keys
    this.#monotonic = monotonic
  }

  /** Whether it does the same wherever one is: ends or suspends the program. */
  readonly isAlways = (input: TerminalInput): boolean =>
    input.kind === "key" && (input.name === CLEAR_KEY || this.#always(input) !== undefined)

  take(input: TerminalInput): void {
    if (input.kind === "key" && input.name === CLEAR_KEY) {
      this.#clear()
      return
    }
    this.#clearedAt = Number.NEGATIVE_INFINITY
    if (isKeysPage(this.#desk.state().overlay)) {
      // Whatever a key does elsewhere, here it is only shown.
      if (input.kind === "key" && input.name === "escape") this.#desk.wish({ kind: "overlayClosed" })
      return
    }
    const always = this.#always(input)
    if (always) always.run(this.#desk, "")
    else this.#route(input, this.#desk.state())
  }

  #always(input: TerminalInput): Command | undefined {
    const command = input.kind === "key" ? this.#keys.commands.get(input.name) : undefined
    return command && ALWAYS.includes(command.id) ? command : undefined
  }

  #route(input: TerminalInput, state: ScreenState): void {
    if (input.kind === "text" && !isWriting(state) && isSeveral(input.text)) this.#eachKey(input.text)
    else if (state.stage === "firstRun") this.#firstRun(input, state)
    else if (state.overlay) this.#overlay(input, state, state.overlay)
    else if (state.plain) this.#plain(input, state)
    else if (input.kind === "key") this.#key(input.name, state)
    else this.#text(input, state)
  }

  /** Keys that came in one piece, as held down or over a slow line: each is one, for whatever the one before it opened. */
  #eachKey(text: string): void {
    for (const { segment } of GRAPHEMES.segment(text)) this.#route({ kind: "text", text: segment }, this.#desk.state())
  }

  #clear(): void {
    const state = this.#desk.state()
    const twice = this.#monotonic() - this.#clearedAt < TWICE_MS
    this.#clearedAt = this.#monotonic()
    if (twice) this.#desk.leave()
    else if (state.overlay) this.#desk.wish({ kind: "overlayClosed" })
    else if (state.plain) this.#desk.wish({ kind: "plainSwitched" })
    else if (state.composer.text !== "") this.#desk.wish({ kind: "composerCleared" })
    else this.#desk.wish({ kind: "toasted", text: `Press ${CLEAR_KEY} again to quit.`, tone: "said" })
  }

  /** Nothing is written that is not seen. */
  #plain(input: TerminalInput, state: ScreenState): void {
    if (input.kind === "paste") return
    const key = input.kind === "key" ? input.name : input.text
    const command = this.#keys.commands.get(key) ?? this.#keys.bare.get(key)
    if (command && IN_PLAIN_VIEW.includes(command.id) && isPossible(command, state)) command.run(this.#desk, "")
    else if (this.#keys.dialog.get(key) === "cancel") this.#desk.wish({ kind: "plainSwitched" })
  }

  #firstRun(input: TerminalInput, state: ScreenState): void {
    const run = state.firstRun
    if (input.kind !== "key") {
      this.#firstRunText(input, run)
      return
    }
    const before = stepBefore(run)
    const key = this.#keys.dialog.get(input.name)
    if (key === "accept") this.#desk.firstRun.enter()
    else if (key === "cancel" && before) this.#desk.wish({ kind: "firstRun", next: atStep(run, before) })
    else if (key === "up" || key === "down")
      this.#desk.wish({ kind: "firstRun", next: moved(run, key === "up" ? -1 : 1) })
    else if (this.#desk.turnPanel(key)) return
    else if (fieldsOf(run).length > 0) this.#edit(input.name)
  }

  #firstRunText({ kind, text }: TextInput, run: FirstRun): void {
    if (run.step === "number" && run.account && this.#keys.bare.get(text)?.id === "message.copy") {
      this.#desk.copy(run.account.fingerprint)
      this.#desk.wish({ kind: "firstRun", next: { ...run, copied: true } })
    } else this.#desk.wish({ kind: "edited", edit: { kind: kind === "paste" ? "paste" : "insert", text } })
  }

  #overlay(input: TerminalInput, state: ScreenState, overlay: Overlay): void {
    if (overlay.kind === "verify" && this.#verifyKey(input)) return
    if (input.kind !== "key") {
      this.#overlayText(input, state, overlay)
      return
    }
    const key = this.#keys.dialog.get(input.name)
    if (key === "cancel") this.#desk.wish(cancelled(overlay))
    else if (takesOwnKey(this.#desk, overlay, key)) return
    else if (key === "accept") this.#accept(state, overlay)
    else if (key !== undefined && overlay.kind === "list") this.#moveList(key, state, overlay)
    else if (this.#plainListKey(input.name, state, overlay)) return
    else if (this.#keys.commands.get(input.name)?.id === "help.open") openHelpOver(this.#desk, overlay)
    else this.#edit(input.name)
  }

  /** @returns whether it says something about the number that is shown. */
  #verifyKey(input: TerminalInput): boolean {
    const deed =
      input.kind === "paste" ? undefined : this.#keys.verify.get(input.kind === "key" ? input.name : input.text)
    if (deed !== undefined) doVerify(this.#desk, deed)
    return deed !== undefined
  }

  #overlayText({ kind, text }: TextInput, state: ScreenState, overlay: Overlay): void {
    if (kind === "text" && this.#plainListKey(text, state, overlay)) return
    if (isField(overlay))
      this.#desk.wish({ kind: "edited", edit: { kind: kind === "paste" ? "paste" : "insert", text } })
  }

  #moveList(key: ListMove, state: ScreenState, overlay: ListOverlay): void {
    const last = Math.max(0, listItems(state, overlay).length - 1)
    const at = Math.max(0, Math.min(last, Math.min(overlay.at, last) + STEPS[key]))
    this.#desk.wish({ kind: "listMoved", by: at - overlay.at })
  }

  #accept(state: ScreenState, overlay: Overlay): void {
    if (overlay.kind === "list") this.#acceptItem(state, overlay)
    else acceptDialog(this.#desk, overlay)
  }

  #acceptItem(state: ScreenState, overlay: ListOverlay): void {
    if (overlay.over) {
      this.#desk.wish(cancelled(overlay))
      return
    }
    const item = markedItem(listItems(state, overlay), overlay.at)
    if (overlay.list === "invites" && item?.group) {
      this.#desk.errands()?.accept(item.group.groupId)
      return
    }
    this.#desk.wish({ kind: "overlayClosed" })
    if (item) this.#choose(item, overlay)
  }

  #choose({ reaction, text, group, command, user, link }: ListItem, { line }: ListOverlay): void {
    if (reaction !== undefined && line) this.#desk.errands()?.react(line, reaction)
    else if (user !== undefined) this.#desk.errands()?.verify.open(user)
    else if (link !== undefined) this.#desk.openLink(link)
    else if (text !== undefined) this.#desk.wish({ kind: "composerFilled", text })
    else if (group) this.#desk.errands()?.open(group.groupId)
    else if (command && isPossible(command, this.#desk.state())) command.run(this.#desk, "")
  }

  #inviteKey(deed: InviteDeed, state: ScreenState, overlay: ListOverlay): void {
    const group = overlay.list === "invites" ? markedItem(listItems(state, overlay), overlay.at)?.group : undefined
    if (!group) return
    if (deed === "compare") compareWith(this.#desk, group.inviter)
    else if (deed === "block") blockInviter(this.#desk, group)
    else this.#desk.wish({ kind: "overlayOpened", overlay: confirmation("decline", group.groupId) })
  }

  #key(name: string, state: ScreenState): void {
    if (takesCompletionKey(this.#desk, this.#keys, name) || this.#listKey(name, state)) return
    const command = this.#keys.commands.get(name) ?? this.#bareCommand(name, state)
    if (command && isPossible(command, state)) {
      command.run(this.#desk, "")
      return
    }
    if (this.#keys.dialog.get(name) === "cancel") this.#back(state)
    else if (!command || this.#keys.edit.has(name)) this.#edit(name)
  }

  /** From answering or editing to writing; from a pane, or what was scrolled to, to the newest message. */
  #back(state: ScreenState): void {
    if (state.about && state.focus === "composer") this.#desk.wish({ kind: "aboutDropped" })
    else if (state.cameFrom) this.#desk.errands()?.history.back()
    else this.#desk.wish({ kind: "scrolled", by: "live" }, { kind: "focused", focus: homeOf(state) })
  }

  #bareCommand(name: string, state: ScreenState): ReturnType<KeyMap["bare"]["get"]> {
    const writes = state.focus === "composer" && state.composer.text !== ""
    return writes && state.open?.anchor === undefined ? undefined : this.#keys.bare.get(name)
  }

  /** @returns whether the focused pane took the key. */
  #listKey(name: string, state: ScreenState): boolean {
    const deed = this.#keys.pane.get(name)
    if (deed === undefined || isInviteDeed(deed) || state.focus === "composer") return false
    if (state.focus === "messages") {
      if (deed === "open") return retrySelected(this.#desk)
      this.#desk.wish({ kind: "markMoved", by: markStep(deed) })
      return true
    }
    if (deed !== "open") this.#desk.wish({ kind: "listMoved", by: STEPS[deed] })
    const group = deed === "open" && state.focus === "groups" ? listedGroups(state)[state.listAt] : undefined
    if (group) this.#desk.errands()?.open(group.groupId)
    return true
  }

  /** @returns whether a list without a search took the key. */
  #plainListKey(name: string, state: ScreenState, overlay: Overlay): boolean {
    if (overlay.kind !== "list" || isSearchable(overlay.list)) return false
    const deed = this.#keys.pane.get(name)
    if (deed === undefined) return false
    if (isInviteDeed(deed)) this.#inviteKey(deed, state, overlay)
    else if (deed === "open") this.#acceptItem(state, overlay)
    else this.#moveList(deed, state, overlay)
    return true
  }

  #text(input: TextInput, state: ScreenState): void {
    const free = state.focus !== "composer" && input.kind === "text"
    const bare = free ? this.#keys.bare.get(input.text) : undefined
    if (free && this.#listKey(input.text, state)) return
    else if (bare && (isPossible(bare, state) || state.focus === "messages")) this.#bareText(bare, state)
    else
      this.#desk.wish({ kind: "edited", edit: { kind: input.kind === "paste" ? "paste" : "insert", text: input.text } })
  }

  /** With a message selected a command's key never writes. */
  #bareText(command: Command, state: ScreenState): void {
    if (isPossible(command, state)) command.run(this.#desk, "")
    else {
      const text = `Not with this message: ${command.title.toLowerCase()}.`
      this.#desk.wish({ kind: "toasted", text, tone: "bad" })
    }
  }

  #edit(name: string): void {
    const edit = this.#keys.edit.get(name)
    if (edit) this.#desk.wish({ kind: "edited", edit })
  }
}

/** Whoever does not decline after all has the invitations before them again; whoever has read the help, what it is over. */
function cancelled(overlay: Overlay): Wish {
  if (overlay.kind === "list" && overlay.over) return { kind: "overlayOpened", overlay: overlay.over }
  const declines = overlay.kind === "confirm" && overlay.deed === "decline"
  return declines ? { kind: "overlayOpened", overlay: list("invites") } : { kind: "overlayClosed" }
}

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" })

const isSeveral = (text: string): boolean => (GRAPHEMES.segment(text).containing(0)?.segment ?? text) !== text

const isField = (overlay: Overlay): boolean =>
  "name" in overlay ||
  ["password", "search"].includes(overlay.kind) ||
  (overlay.kind === "list" && isSearchable(overlay.list))

/** Whether letters are letters now, and not keys. */
const isWriting = ({ stage, overlay, plain, focus }: ScreenState): boolean =>
  stage === "firstRun" || (overlay ? isField(overlay) : !plain && focus === "composer")

const homeOf = (state: ScreenState): "composer" | "groups" => (state.open ? "composer" : "groups")
