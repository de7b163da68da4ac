/** What people say about messages: answers, reactions, other texts, deletions. */
import { hex } from "../../core/domain/bytes.ts"
import type { ClientSession } from "../../core/client/session.ts"
import type { LineName } from "../../core/client/client-api.ts"
import type { TimelineRow } from "../../core/store/client-store.ts"
import { ask } from "./asking.ts"
import { someGroup, someone } from "./choice.ts"
import { isDeleted, wordsOf } from "./wording.ts"
import type { Person } from "./person.ts"
import type { Scene } from "./scene.ts"

/** Mostly what was said of late is talked about. */
const LATEST = 12
const ALL = 200
const EMOJI = ["+1", "-1", "!", ""]

interface Remark {
  readonly scene: Scene
  readonly who: Person
  readonly row: TimelineRow
}

/** The step that is asked for, and how it is called. */
type Deed = (remark: Remark) => readonly [string, (session: ClientSession, line: LineName) => Promise<unknown>]

export function remark(scene: Scene): void {
  const who = someone(scene)
  const group = who && someGroup(scene, who)
  if (!group) return
  const rows = who.store.timeline({ groupId: group.id, limit: scene.dice.chance(0.8) ? LATEST : ALL })
  const row = scene.dice.pick(rows.filter(({ kind, ...line }) => kind === "text" && !isDeleted(who.store, line)))
  if (!row) return
  const deed =
    scene.dice.pick(row.own ? [answer, react, edit, edit, edit, take] : [answer, react, react, react]) ?? react
  const [what, step] = deed({ scene, who, row })
  const line = { groupId: hex(group.id), sender: hex(row.senderKey), id: hex(row.messageId) }
  scene.remarks++
  ask(scene, who, `${what} "${wordsOf(row.body)}" in "${group.name}"`, (session) => step(session, line))
}

const answer: Deed = ({ scene, who }) => {
  const words = `${who.name} ${(++scene.said).toString()}`
  return [`says "${words}" to`, (session, line) => session.send(line.groupId, words, line)]
}

const react: Deed = ({ scene }) => {
  const emoji = scene.dice.pick(EMOJI) ?? ""
  return [`reacts "${emoji}" to`, (session, line) => session.react(line, emoji)]
}

const edit: Deed = ({ scene, row }) => {
  const text = `${wordsOf(row.body)} ~${(++scene.said).toString()}`
  return [`says "${text}" instead of`, (session, line) => session.edit(line, text)]
}

const take: Deed = () => ["takes back", (session, line) => session.delete(line)]
