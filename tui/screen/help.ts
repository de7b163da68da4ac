/** The help: first what works where one is, then every command and key by its section. */
import type { Command } from "./command.ts"
import { COMMANDS } from "./commands.ts"
import { KEY_SECTIONS } from "./key-actions.ts"
import { bareKeysOf } from "./key-map.ts"
import { CLEAR_KEY } from "./key-names.ts"
import type { KeyNames } from "./key-names.ts"
import { commandItem, keyTitles } from "./list-item.ts"
import type { ListItem } from "./list-item.ts"
import type { Place } from "./place.ts"
import type { Overlay, ScreenState } from "./screen-state.ts"
import { placeIn } from "./whereabouts.ts"

const HERE = "Here"

interface HelpRow {
  readonly item: ListItem
  readonly section: string
  readonly isHere: boolean
  /** Among those that are here. */
  readonly rank: number
}

/** @param over what it was opened over. */
export function helpItems(state: Pick<ScreenState, "focus" | "keys">, over?: Overlay): readonly ListItem[] {
  const { places } = placeIn(state, over)
  const rows = [...commandRows(places, state.keys), ...actionRows(places, state.keys)]
  const here = rows.filter(works)
  const own = here.filter(({ item }) => item.command?.places !== undefined)
  const bare = here.filter(({ item }) => item.command && item.command.places === undefined)
  const keys = here.filter(({ item }) => !item.command).sort((a, b) => a.rank - b.rank)
  return [
    ...[...own, ...keys, ...bare].map(({ item }) => ({ ...item, section: HERE })),
    ...rows.filter((row) => !works(row)).map(({ item, section }) => ({ ...item, section })),
    { key: CLEAR_KEY, title: "Clear the text; twice: quit", detail: CLEAR_KEY, section: "Everywhere" },
  ]
}

/** Without a key or a name there is nothing to be told. */
const works = ({ isHere, item }: HelpRow): boolean => isHere && item.detail !== ""

function commandRows(places: readonly Place[], keys: KeyNames): readonly HelpRow[] {
  const sections = [...new Set(COMMANDS.map(({ section }) => section))]
  const sorted = sections.flatMap((section) => COMMANDS.filter((command) => command.section === section))
  return sorted.map((command) => ({
    item: commandItem(command, keys),
    section: command.section,
    isHere: command.places?.some((place) => places.includes(place)) ?? worksBare(command, places, keys),
    rank: 0,
  }))
}

const NOTHING_IS_WRITTEN: readonly Place[] = ["groups", "messages", "members"]

/** By a key that would write elsewhere. */
const worksBare = (command: Command, places: readonly Place[], keys: KeyNames): boolean =>
  NOTHING_IS_WRITTEN.some((place) => places.includes(place)) && bareKeysOf(command, keys).length > 0

function actionRows(places: readonly Place[], keys: KeyNames): readonly HelpRow[] {
  return KEY_SECTIONS.flatMap(({ title: section, places: all, actions }) =>
    actions.map(({ id, title, places: own = all }) => ({
      item: { key: id, title, detail: keyTitles(keys, id) },
      section,
      isHere: own.some((place) => places.includes(place)),
      rank: places.findIndex((place) => own.includes(place)),
    })),
  )
}
