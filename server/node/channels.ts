/** 1:1 channels for one caller (PROTOCOL.md section 9). */
import type { NodeService } from "../../core/contract/node-service.ts"
import { QpqError } from "../../core/domain/errors.ts"
import { CHANNEL_ID_BYTES, channelId } from "../../core/domain/ids.ts"
import type { World } from "../../core/domain/world.ts"
import type { NodeStore } from "../store/node-store.ts"
import type { KnownCaller } from "./caller.ts"
import { deviceOf } from "./known-device.ts"

type ChannelService = Pick<NodeService, "createChannel">

export function channelService(
  known: KnownCaller,
  { store, world }: { store: NodeStore; world: World },
): ChannelService {
  return {
    async createChannel(peerKey) {
      deviceOf(known)
      const newId = channelId(world.random.bytes(CHANNEL_ID_BYTES))
      const opened = await store.openChannel({ account: known.accountId, peerKey, newId, now: world.clock.now() })
      if (!opened) throw new QpqError("E015")
      return opened
    },
  }
}
