/** A file in the conversation: its name and size, and how far it is while it moves. */
import type { AttachmentView, TransferView } from "../../core/client/client-api.ts"
import { sizeText } from "../../core/domain/attached-file.ts"
import type { Look } from "./look.ts"
import { safeLine } from "./text-cells.ts"

const BAR_CELLS_MAX = 20
const WORDS = { up: "sending", down: "saving" } as const

export const fileText = ({ name, size }: AttachmentView): string => `[file] ${safeLine(name)}, ${sizeText(size)}`

/** "sending" alone where nothing is to move. "[########------------] 41% saving", as far as it fits. */
export function transferText({ direction, bytes, total }: TransferView, room: number, look: Look): string {
  if (look.still) return WORDS[direction]
  const share = total === 0 ? 1 : Math.min(1, bytes / total)
  const words = ` ${Math.floor(share * 100)}% ${WORDS[direction]}`
  const cells = Math.max(4, Math.min(BAR_CELLS_MAX, room - words.length - 2))
  const [done, open] = look.glyphs.bar
  const filled = Math.floor(share * cells)
  return `[${done.repeat(filled)}${open.repeat(cells - filled)}]${words}`
}
