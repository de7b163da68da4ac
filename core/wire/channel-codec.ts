/** Request and answer about a 1:1 channel: createChannel. */
import type { OpenedChannel } from "../contract/node-service.ts"
import { type AccountKey, accountKey, CHANNEL_ID_BYTES, channelId } from "../domain/ids.ts"
import { bytesFrom, exactBytes, put, roomFor } from "./field-codec.ts"
import { methodCodec, NODE_METHODS } from "./method-codec.ts"

export const createChannelCodec = methodCodec(NODE_METHODS[21], {
  requestBytes: (peerKey: AccountKey) => roomFor(peerKey),
  writeRequest(params, peerKey) {
    put((length) => params._initPeerKey(length), peerKey)
  },
  readRequest: (params) => accountKey(bytesFrom(params.peerKey)),
  answerBytes: (opened: OpenedChannel) => roomFor(opened.channelId),
  writeAnswer(results, opened) {
    put((length) => results._initChannelId(length), opened.channelId)
    results.wasNew = opened.wasNew
  },
  // The empty channel is the groups': an answer must name another.
  readAnswer: (results): OpenedChannel => ({
    channelId: channelId(exactBytes(results.channelId, CHANNEL_ID_BYTES, "channel id")),
    wasNew: results.wasNew,
  }),
})
