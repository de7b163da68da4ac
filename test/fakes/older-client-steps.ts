/** What each migration of a profile makes of its rows. */
import { NOON, TEXTS } from "./older-client-rows.ts"
import { withColumns } from "./older-database.ts"
import type { Row, Rows } from "./older-database.ts"

const isUnspaced = (body: unknown): boolean => body === TEXTS[1]

/** What each migration makes of the rows before it. Nothing else may change. */
export const CLIENT_STEPS: Readonly<Record<string, (rows: Rows) => Rows>> = {
  "0001_init.sql": (rows) => rows,
  "0002_group_life.sql": (rows) => ({
    ...rows,
    groups: withColumns(rows["groups"], { left_at: null, rejoin_since: null, rejoin_asked: null }),
    wishes: [],
    rejoin_requests: [],
  }),
  "0003_successors.sql": (rows) => ({
    ...rows,
    epoch_keys: withColumns(rows["epoch_keys"], { heirs: "x''" }),
    successions: [],
    floors: [],
  }),
  "0004_direct_channels.sql": (rows) => ({ ...rows, directs: [] }),
  "0005_lines_of_all_groups.sql": (rows) => rows,
  "0006_successor_epochs.sql": (rows) => ({ ...rows, successions: withColumns(rows["successions"], { epoch: null }) }),
  "0007_rich_messages.sql": (rows) => ({
    ...rows,
    timeline: withColumns(rows["timeline"], { reply_author: null, reply_id: null }),
    annotations: [],
  }),
  "0008_verification.sql": (rows) => ({
    ...rows,
    contacts: withColumns(rows["contacts"], { offered_key: null, refused_key: null, mismatched: 0 }),
    former_keys: [],
  }),
  "0009_attachments.sql": (rows) => ({ ...rows, attachments: [], uploads: [] }),
  "0010_search.sql": (rows) => ({
    ...rows,
    timeline: (rows["timeline"] ?? []).map((row) => ({ ...row, unspaced: isUnspaced(row["body"]) ? 1 : 0 })),
    unspaced_lines: (rows["timeline"] ?? [])
      .filter(({ body }) => isUnspaced(body))
      .map(({ place = null, body = null }) => ({ place, body })),
  }),
  "0011_conversations.sql": (rows) => ({
    ...rows,
    timeline: withColumns(rows["timeline"], { mention: 0 }),
    conversations: [],
  }),
  "0012_blocks.sql": (rows) => ({ ...rows, blocks: [] }),
  "0013_passing.sql": (rows) => ({
    ...rows,
    timeline: withColumns(rows["timeline"], { expires_after: 0, expires_at: null }),
    conversations: withColumns(rows["conversations"], { receipts: "default", typing: "default" }),
    timers: [],
    vanished: [],
    receipts: [],
  }),
  "0014_order.sql": (rows) => ({ ...rows, timeline: withColumns(rows["timeline"], { head: null }), rooms: [] }),
  "0015_arrivals.sql": (rows) => {
    const annotations = numbered(rows["annotations"] ?? [])
    const last = Math.max(0, ...annotations.map(({ arrival }) => Number(arrival)))
    return { ...rows, annotations, arrivals: [{ last }] }
  },
  // Of the first group a line tells of the epoch, of the other only when it was joined.
  "0016_epoch_at.sql": (rows) => ({
    ...rows,
    groups: (rows["groups"] ?? []).map((row) => ({ ...row, epoch_at: row["name"] === "team" ? NOON + 202 : NOON + 1 })),
  }),
  "0017_device_lists.sql": (rows) => ({
    ...rows,
    contacts: (rows["contacts"] ?? []).map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => name !== "list_counter")),
    ),
    device_lists: newestLists(rows["contacts"] ?? []),
  }),
  "0018_taken.sql": (rows) => ({ ...rows, taken: [] }),
  "0019_sent_mail.sql": (rows) => ({ ...rows, sent_mail: [] }),
}

/** By their time, those whose line is there. */
const numbered = (annotations: readonly Row[]): readonly Row[] =>
  annotations.map((row) => ({ ...row, arrival: { "👍": 2, "🎉": 1, better: 0 }[String(row["body"])] ?? null }))

function newestLists(contacts: readonly Row[]): readonly Row[] {
  const keys = [...new Set(contacts.map((row) => row["account_key"] ?? null))]
  return keys.map((key) => ({
    account_key: key,
    counter: Math.max(
      ...contacts.filter((row) => row["account_key"] === key).map((row) => Number(row["list_counter"])),
    ),
    list: "x''",
    signature: "x''",
    previous: "x''",
  }))
}
