/** One suite for every client store: what one does, the others do. */
import { afterEach, describe } from "vitest"
import type { ClientStore } from "../../core/store/client-store.ts"
import { STORES } from "../fakes/client-stores.ts"
import { attachmentPromises } from "./client-store-attachments.ts"
import { annotationPromises } from "./client-store-annotations.ts"
import { arrivalPromises } from "./client-store-arrivals.ts"
import { conversationPromises } from "./client-store-conversations.ts"
import { devicePromises } from "./client-store-devices.ts"
import { groupPromises } from "./client-store-groups.ts"
import { keyPromises, transactionPromises } from "./client-store-keys.ts"
import { mailPromises } from "./client-store-mail.ts"
import { orderPromises } from "./client-store-order.ts"
import { directPromises } from "./client-store-directs.ts"
import { passingPromises } from "./client-store-passing.ts"
import { searchPromises } from "./client-store-search.ts"
import { sentMailPromises } from "./client-store-sent-mail.ts"
import { takenPromises } from "./client-store-taken.ts"
import { successionPromises } from "./client-store-successions.ts"

describe.each(STORES)("client store: $name", ({ open }) => {
  const opened: ClientStore[] = []
  const fresh = (): ClientStore => {
    const store = open()
    opened.push(store)
    return store
  }
  afterEach(() => {
    for (const store of opened.splice(0)) store.close()
  })

  transactionPromises(fresh)
  groupPromises(fresh)
  mailPromises(fresh)
  orderPromises(fresh)
  keyPromises(fresh)
  devicePromises(fresh)
  successionPromises(fresh)
  directPromises(fresh)
  annotationPromises(fresh)
  arrivalPromises(fresh)
  conversationPromises(fresh)
  searchPromises(fresh)
  attachmentPromises(fresh)
  passingPromises(fresh)
  sentMailPromises(fresh)
  takenPromises(fresh)
})
