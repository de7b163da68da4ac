/** A row or more for every table that a server's database ever had, and what each migration makes of them. */
import { filled } from "./fake-services.ts"
import { withColumns } from "./older-database.ts"
import type { Rows } from "./older-database.ts"

const NOON = 1_760_000_000_000
const DAY_MS = 86_400_000

/** All columns that a table ever had; a version takes those that it has. They hold what holds in a sound store. */
export const NODE_ROWS: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  settings: [
    { name: "generation", value: filled(8, 1) },
    { name: "opaque-server-setup", value: filled(171, 2) },
  ],
  accounts: [1, 2].map((id) => ({
    id,
    name: id === 1 ? "alice" : "bob",
    account_key: filled(32, 10 + id),
    signature: filled(64, 20 + id),
    opaque_record: filled(192, 30 + id),
    sealed_account_key: filled(60, 40 + id),
    device_list: filled(81, 50 + id),
    device_list_signature: filled(64, 60 + id),
    status: id === 1 ? "active" : "suspended",
    created_at: NOON + id,
  })),
  devices: [1, 2].map((id) => ({
    id,
    device_key: filled(32, 70 + id),
    account_id: id,
    certificate: filled(129, 80 + id),
    status: id === 1 ? "active" : "revoked",
    hybrid_record: id === 1 ? filled(1300, 90) : null,
    hybrid_signature: id === 1 ? filled(64, 91) : null,
    created_at: NOON + id,
    head_position: 7 * id,
    expired_position: 2 * id,
    sealed_name: filled(40, 92 + id),
  })),
  families: [{ id: filled(16, 1), device_id: 1, expires_at: NOON + 30 * DAY_MS, created_at: NOON }],
  access_tokens: [{ hash: filled(32, 1), family_id: filled(16, 1), expires_at: NOON + 3_600_000 }],
  refresh_tokens: [
    { hash: filled(32, 2), family_id: filled(16, 1), successor: filled(32, 3) },
    { hash: filled(32, 3), family_id: filled(16, 1), successor: null },
  ],
  key_packages: [0, 1].map((last) => ({
    id: 1 + last,
    device_id: 1,
    suite: 77 + last,
    last_resort: last,
    package: filled(300, 4 + last),
    not_after: NOON + 9 * DAY_MS,
  })),
  key_package_takes: [{ device_id: 1, caller_id: 0, taken_at: NOON - 1 }],
  lanes: [
    { device_id: 1, channel: filled(16, 5), head_seq: 4, expired_seq: 1 },
    { device_id: 2, channel: new Uint8Array(), head_seq: 9, expired_seq: 0 },
  ],
  bodies: [{ id: 1, refs: 2, body: filled(500, 6) }],
  mail: [1, 2, 3].map((id) => ({
    id,
    device_id: id === 3 ? 2 : 1,
    position: 4 + id,
    channel: id === 3 ? new Uint8Array() : filled(16, 5),
    seq: 2 + id - (id === 3 ? 1 : 0),
    message_id: filled(16, 100 + id),
    sender_id: id === 1 ? 0 : 2,
    prefix: id === 2 ? filled(1, 4) : filled(3, id),
    body_id: id === 2 ? null : 1,
    bytes: 503 - id,
    group_tag: id === 1 ? null : filled(16, 8),
    epoch: id === 1 ? null : 3,
    commit_info: id === 3 ? filled(20, 9) : null,
    received_at: NOON + id,
    expires_at: NOON + 30 * DAY_MS + id,
  })),
  tombstones: [
    {
      device_id: 1,
      message_id: filled(16, 99),
      sender_id: 2,
      channel: filled(16, 5),
      seq: 2,
      expires_at: NOON + 7 * DAY_MS,
      sender_head: 6,
    },
  ],
  group_tags: [
    {
      tag: filled(16, 8),
      epoch: 4,
      verifier: filled(32, 11),
      created_by: 1,
      created_at: NOON,
      restore_epoch: 2,
      restore_verifier: filled(32, 12),
    },
  ],
  commit_log: [
    {
      tag: filled(16, 8),
      base_epoch: 3,
      message_id: filled(16, 13),
      author_key: filled(32, 71),
      payload_hash: filled(32, 14),
      author_head: 5,
    },
  ],
  channels: [{ id: filled(16, 5), low_account: 1, high_account: 2, created_at: NOON }],
  blobs: [
    {
      id: 1,
      blob_id: filled(16, 15),
      account_id: 1,
      size: 30,
      hash: filled(32, 16),
      received: 20,
      complete: 0,
      expires_at: NOON + 30 * DAY_MS,
    },
  ],
  blob_chunks: [0, 10].map((start) => ({ blob: 1, start, bytes: filled(10, 17 + start) })),
  invites: [
    { hash: filled(32, 18), created_at: NOON, expires_at: NOON + 7 * DAY_MS, account_id: 2 },
    { hash: filled(32, 19), created_at: NOON, expires_at: NOON + 7 * DAY_MS, account_id: null },
  ],
}

/** What each migration makes of the rows before it. Nothing else may change. */
export const NODE_STEPS: Readonly<Record<string, (rows: Rows) => Rows>> = {
  "0001_init.sql": (rows) => rows,
  "0002_lost_marks.sql": (rows) => rows,
  "0003_channels.sql": (rows) => ({ ...rows, channels: [] }),
  "0004_blobs.sql": (rows) => ({ ...rows, blobs: [], blob_chunks: [] }),
  "0005_heads.sql": (rows) => ({
    ...rows,
    tombstones: withColumns(rows["tombstones"], { sender_head: 0 }),
    commit_log: withColumns(rows["commit_log"], { author_head: 0 }),
  }),
  "0006_invites.sql": (rows) => ({ ...rows, invites: [] }),
  "0007_devices.sql": (rows) => ({ ...rows, devices: withColumns(rows["devices"], { sealed_name: "x''" }) }),
  "0008_restores.sql": (rows) => ({
    ...rows,
    group_tags: withColumns(rows["group_tags"], { restore_epoch: 0, restore_verifier: "x''" }),
  }),
}
