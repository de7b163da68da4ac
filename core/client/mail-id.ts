/** The id under which the server delivers a message (docs/decisions/0013). */
import { sha256 } from "../crypto/hash.ts"
import { concat, uintBytes, utf8 } from "../domain/bytes.ts"
import { messageId } from "../domain/ids.ts"
import type { GroupId, MessageId } from "../domain/ids.ts"

const LABEL = utf8("qpq-mail-id-v1")
const ID_BYTES = 16

/**
 * The server delivers an id once. A message keeps its mail's id in one group whenever it is sealed anew, and has
 * another one in each: who could not read it in a successor may get it in the group again.
 */
export const mailId = (group: GroupId, message: MessageId): MessageId =>
  messageId(sha256(concat(LABEL, group, message)).slice(0, ID_BYTES))

const LABEL_AGAIN = utf8("qpq-mail-again-v1")

/** Of what went before, and is sealed anew: another in each epoch, for who could not read it in one may in the next. */
export const mailIdAgain = (group: GroupId, message: MessageId, epoch: bigint): MessageId =>
  messageId(sha256(concat(LABEL_AGAIN, group, message, uintBytes(epoch, 8))).slice(0, ID_BYTES))
