/** What core/opaque uses of the library; a module of its own, so that it can be loaded late and in one piece. */
export { client, ready, server } from "@serenity-kit/opaque"
