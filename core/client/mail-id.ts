/** The id under which the server delivers a message (docs/decisions/0013). */
import { sha256 } from "../crypto/hash.ts"
import { concat, utf8 } from "../domain/bytes.ts"
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

/** Of what a restored server was offered as it was, and is offered sealed anew. */
export const mailIdAgain = ({ groupId, messageId: id }: { groupId: GroupId; messageId: MessageId }): MessageId =>
  messageId(sha256(concat(LABEL_AGAIN, groupId, id)).slice(0, ID_BYTES))
