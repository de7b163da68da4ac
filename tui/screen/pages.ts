/** Panels with nothing to fill in: the settings, what this is, what waits, keys as they come, and the question before leaving. */
import type { TimelineView } from "../../core/client/client-api.ts"
import type { DeviceView, PairingView } from "../../core/client/device-view.ts"
import type { EpochWordsView } from "../../core/client/verification-view.ts"
import type { LogState } from "../log-file.ts"
import type { TerminalInput } from "./key-decoder.ts"

export type PageOverlay =
  | { readonly kind: "page"; readonly page: "settings" | "about" | "quit" }
  | { readonly kind: "page"; readonly page: "log"; readonly log: LogState }
  /** undefined: being read. */
  | { readonly kind: "page"; readonly page: "queue"; readonly rows: readonly TimelineView[] | undefined }
  | {
      readonly kind: "page"
      readonly page: "devices"
      /** undefined: the person's own. */
      readonly user: string | undefined
      /** undefined: being asked for. */
      readonly rows: readonly DeviceView[] | undefined
      readonly problem: string | undefined
    }
  | {
      readonly kind: "page"
      readonly page: "pairing"
      /** undefined: being asked for. */
      readonly view: PairingView | undefined
      /** Who came with the code. */
      readonly added: DeviceView | undefined
      readonly problem: string | undefined
    }
  | { readonly kind: "page"; readonly page: "words"; readonly view: EpochWordsView }
  /** Of the row as it was; what is known of it now stands in the conversation. */
  | { readonly kind: "page"; readonly page: "info"; readonly row: TimelineView }
  /** Oldest first. */
  | { readonly kind: "page"; readonly page: "keys"; readonly presses: readonly KeyPress[] }

/** What came from the terminal, and what it was taken for. */
export interface KeyPress {
  /** UTF-8. */
  readonly bytes: string
  /** undefined: no key of ours. */
  readonly input: TerminalInput | undefined
}

const PRESSES_MAX = 50

/** The panel with one key more; undefined when it is not that panel. */
export function withPress(overlay: { readonly kind: string } | undefined, press: KeyPress): PageOverlay | undefined {
  if (!isKeysPage(overlay)) return undefined
  return { ...overlay, presses: [...overlay.presses, press].slice(-PRESSES_MAX) }
}

type KeysPage = Extract<PageOverlay, { readonly page: "keys" }>

export const isKeysPage = (overlay: { readonly kind: string } | undefined): overlay is KeysPage =>
  overlay !== undefined && "page" in overlay && overlay.page === "keys"

/** Bytes as hex, and as what they stand for: "1b 5b 41", "ESC [ A". */
export function bytesText(text: string): { readonly hex: string; readonly letters: string } {
  const bytes = Array.from(new TextEncoder().encode(text))
  return {
    hex: bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" "),
    letters: bytes.map(letter).join(" "),
  }
}

function letter(byte: number): string {
  if (byte === 0x1b) return "ESC"
  if (byte === 0x20) return "SP"
  if (byte === 0x7f) return "DEL"
  if (byte < 0x20) return `^${String.fromCharCode(byte + 0x40)}`
  return byte < 0x80 ? String.fromCharCode(byte) : `x${byte.toString(16)}`
}
