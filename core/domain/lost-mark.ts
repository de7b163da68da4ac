/** What stands in a mailbox for a commit that found no room (PROTOCOL.md sections 6 and 9). Only a server says it. */

const LOST = 0x04

/** The whole payload of such a row. */
export const LOST_MARK: Uint8Array = Uint8Array.of(LOST)

export const isLostMark = (payload: Uint8Array): boolean => payload.length === 1 && payload[0] === LOST
