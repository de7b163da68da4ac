/** What the server knows a group by: hashes that say nothing about the group (PROTOCOL.md section 7). */
import { sha256 } from "../crypto/hash.ts"
import { uintBytes, utf8 } from "../domain/bytes.ts"
import { GROUP_TAG_BYTES, groupTag } from "../domain/ids.ts"
import type { ChannelId, GroupId, GroupTag } from "../domain/ids.ts"

/** First 16 bytes of SHA-256("qpq-group-tag" ‖ groupId). */
export const groupTagOf = (id: GroupId): GroupTag =>
  groupTag(sha256(utf8("qpq-group-tag"), id).slice(0, GROUP_TAG_BYTES))

/** First 16 bytes of SHA-256("qpq-dm-tag" ‖ channelId ‖ attempt(4)). */
export const directTagOf = (channel: ChannelId, attempt: number): GroupTag =>
  groupTag(sha256(utf8("qpq-dm-tag"), channel, uintBytes(attempt, 4)).slice(0, GROUP_TAG_BYTES))
