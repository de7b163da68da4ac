/** The past as the faces read it. */
import { hex, utf8 } from "../domain/bytes.ts"
import { QpqError } from "../domain/errors.ts"
import type { GroupId } from "../domain/ids.ts"
import { TIMELINE_LIMIT_MAX } from "../store/client-store.ts"
import type { TimelineRow } from "../store/client-store.ts"
import type { Client, PageRequest, TimelineView, TimelineWindow } from "./client-api.ts"
import { groupOf } from "./group-shelf.ts"
import { isBehindTheScenes } from "./heirs.ts"
import { QUERY_BYTES_MAX } from "./search-request.ts"
import type { SearchRequest } from "./search-request.ts"
import type { Rooms } from "./session-parts.ts"
import { idFrom, timelineView } from "./views.ts"

type Reading = "timeline" | "search" | "linesAround" | "lineAt" | "firstUnread"

export class History implements Pick<Client, Reading> {
  readonly #rooms: Rooms

  constructor(rooms: Rooms) {
    this.#rooms = rooms
  }

  async search({ groupId, ...request }: SearchRequest): Promise<readonly TimelineView[]> {
    if (utf8(request.query).length > QUERY_BYTES_MAX)
      throw new QpqError("E025", `search above ${QUERY_BYTES_MAX} bytes`)
    const { store } = this.#rooms
    const limit = Math.max(0, Math.min(request.limit, TIMELINE_LIMIT_MAX))
    const at = groupId === undefined ? {} : { groupId: groupOf(store, groupId).id }
    const seen = this.#seenGroups()
    const found: TimelineRow[] = []
    // Hardly anything is said in groups behind the scenes: one page will do nearly always.
    for (let { before } = request; found.length < limit;) {
      const rows = store.search({ query: request.query, ...at, limit, ...(before !== undefined && { before }) })
      found.push(...rows.filter((row) => seen(row.groupId)))
      before = rows.at(-1)?.place
      if (rows.length < limit) break
    }
    return found.slice(0, limit).map((row) => timelineView(this.#rooms, row))
  }

  async timeline({ groupId: id, ...page }: PageRequest): Promise<readonly TimelineView[]> {
    const { store } = this.#rooms
    const rows = store.timeline({ ...page, ...(id !== undefined && { groupId: idFrom(store, id) }) })
    return rows.map((row) => timelineView(this.#rooms, row))
  }

  async linesAround(id: string, place: number, limit: number): Promise<TimelineWindow> {
    const { store } = this.#rooms
    const { id: groupId } = groupOf(store, id)
    const before = store.timeline({ groupId, before: place, limit })
    const after = store.timeline({ groupId, after: place - 1, limit })
    return {
      rows: [...before, ...after].map((row) => timelineView(this.#rooms, row)),
      complete: before.length < limit,
      atEnd: after.length < limit,
    }
  }

  async lineAt(id: string, at: number): Promise<number | undefined> {
    const { store } = this.#rooms
    return store.lineAt(groupOf(store, id).id, at)
  }

  async firstUnread(id: string): Promise<number | undefined> {
    const { store } = this.#rooms
    return store.firstUnread(groupOf(store, id).id)
  }

  #seenGroups(): (id: GroupId) => boolean {
    const groups = this.#rooms.store.groups().filter((group) => !isBehindTheScenes(this.#rooms, group))
    const seen = new Set(groups.map(({ id }) => hex(id)))
    return (id) => seen.has(hex(id))
  }
}
