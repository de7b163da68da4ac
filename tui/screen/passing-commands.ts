/** The commands about what passes: messages that disappear, what others are told, and what is known of one message. */
import type { GroupView } from "../../core/client/client-api.ts"
import type { Signal } from "../../core/client/passing-api.ts"
import { TIMER_SECONDS_MAX } from "../../core/domain/app-message.ts"
import { durationText, secondsFrom } from "../../core/domain/duration.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { titleOf } from "./group-title.ts"
import { on, target } from "./message-target.ts"
import { openGroupView } from "./selectors.ts"
import type { ScreenState } from "./screen-state.ts"

const isInSome = (state: ScreenState): boolean => openGroupView(state)?.status === "active"

const SUGGESTED = "30s, 5m, 1h, 8h, 1d, 1w, 4w or off"

export const timerText = (seconds: number): string =>
  seconds === 0 ? "Messages stay." : `Messages disappear ${durationText(seconds)} after they were sent or came in.`

function disappear(desk: Desk, argument: string): void {
  const group = openGroupView(desk.state())
  if (!group) return
  const seconds = secondsFrom(argument)
  if (seconds !== undefined && seconds <= TIMER_SECONDS_MAX) {
    desk.errands()?.passing.setTimer(group.groupId, seconds)
    return
  }
  const isAsked = argument === ""
  const text = isAsked ? timerText(group.timer) : `For how long? At most a year.`
  desk.wish({ kind: "toasted", text: `${text} /disappear ${SUGGESTED}.`, tone: isAsked ? "said" : "bad" })
}

const TOLD: Readonly<Record<Signal, string>> = {
  receipts: "what has come and what you have read",
  typing: "that you are writing",
}

const toldText = (signal: Signal, on: boolean, where: string): string =>
  `${where}: others ${on ? "are" : "are not"} told ${TOLD[signal]}.`

const CHOICES: Readonly<Record<string, boolean | undefined>> = { on: true, off: false, default: undefined }

interface Chosen {
  readonly on: boolean | undefined
  /** undefined: for all others. */
  readonly group: GroupView | undefined
}

/** "on", "off all"; undefined for what is no choice. */
function chosenIn(argument: string, group: GroupView | undefined): Chosen | undefined {
  const [choice = "", scope, ...rest] = argument.split(/\s+/)
  if (!Object.hasOwn(CHOICES, choice) || rest.length > 0) return undefined
  const on = CHOICES[choice]
  if (scope === undefined) return group && { on, group }
  return scope === "all" && on !== undefined ? { on, group: undefined } : undefined
}

const signals =
  (signal: Signal): Command["run"] =>
  (desk, argument) => {
    const group = openGroupView(desk.state())
    const chosen = chosenIn(argument, group)
    if (!chosen) {
      usage(desk, signal, group, argument)
      return
    }
    desk.errands()?.passing.setSignal(signal, chosen.on, chosen.group?.groupId)
    const where = chosen.group ? titleOf(chosen.group) : "Everywhere else"
    const text = chosen.on === undefined ? `${where}: as everywhere.` : toldText(signal, chosen.on, where)
    desk.wish({ kind: "toasted", text, tone: "good" })
  }

function usage(desk: Desk, signal: Signal, group: GroupView | undefined, argument: string): void {
  const now = group ? `${toldText(signal, group[signal], titleOf(group))} ` : ""
  const text = `${now}/${signal} on, off or default; /${signal} on all, or off all, for all others.`
  desk.wish({ kind: "toasted", text, tone: argument === "" ? "said" : "bad" })
}

/** Anything that was said, or stands there as a change. */
const isKnown = (): boolean => true

/** What is known of the message that is selected. */
export const showInfo: Command["run"] = on(
  (state) => target(state, isKnown),
  (desk, row) => {
    desk.wish({ kind: "overlayOpened", overlay: { kind: "page", page: "info", row } })
  },
)

export const PASSING_COMMANDS: readonly Command[] = [
  {
    id: "group.disappear",
    title: "Let messages of this group disappear",
    section: "Groups",
    keys: [],
    slash: ["disappear"],
    argument: "TIME|off",
    when: isInSome,
    run: disappear,
  },
  {
    id: "signal.receipts",
    title: "Tell others what has come and was read",
    section: "Groups",
    keys: [],
    slash: ["receipts"],
    argument: "on|off|default [all]",
    run: signals("receipts"),
  },
  {
    id: "signal.typing",
    title: "Tell others that you are writing",
    section: "Groups",
    keys: [],
    slash: ["typing"],
    argument: "on|off|default [all]",
    run: signals("typing"),
  },
  {
    id: "message.info",
    title: "Show what is known of the message",
    section: "Messages",
    keys: [],
    slash: ["info"],
    when: (state) => target(state, isKnown) !== undefined,
    run: showInfo,
  },
]
