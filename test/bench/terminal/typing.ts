/** What a key costs and how soon it is seen; the same keys for weechat, by turns. */
import type { Figures } from "./figures.ts"
import { median, quantile } from "./figures.ts"
import type { Answer, Probe } from "./probe.ts"

const TEXT = "the quick brown fox jumps over the lazy dog "
const LINES = 4
const QUIET_MS = 40
const PANES = 12
const CLEAR_LINE = "\u0015"
const F4 = "\u001bOS"

const BYTES_MAX = 45
const ECHO_MS_MAX = 3
const ECHO_P95_MS_MAX = 16
const PEER_RATIO_MAX = 12
const FRAME_MS_MAX = 25

export async function typing(app: Probe, peer: Probe | undefined, figures: Figures): Promise<void> {
  const own: Answer[] = []
  const others: Answer[] = []
  for (let line = 0; line < LINES; line++) {
    for (const key of TEXT) {
      own.push(await app.key(key, QUIET_MS))
      if (peer) others.push(await peer.key(key, QUIET_MS))
    }
    await app.key(CLEAR_LINE, QUIET_MS)
    await peer?.key(CLEAR_LINE, QUIET_MS)
  }
  const echo = own.map(({ firstMs }) => firstMs)
  const echoMs = median(echo)
  figures.most("bytes written per key, median", median(own.map(({ bytes }) => bytes)), BYTES_MAX, "bytes")
  figures.most("key to echo, median", echoMs, ECHO_MS_MAX, "ms")
  figures.most("key to echo, p95", quantile(echo, 0.95), ECHO_P95_MS_MAX, "ms")
  if (peer) {
    const peerMs = median(others.map(({ firstMs }) => firstMs))
    figures.most("key to echo, times weechat's", echoMs / peerMs, PEER_RATIO_MAX, "x")
    const peerBytes = median(others.map(({ bytes }) => bytes))
    figures.note("weechat", `${peerBytes} bytes per key, echo ${peerMs.toFixed(2)} ms`)
  }
  const panes: Answer[] = []
  for (let at = 0; at < PANES; at++) panes.push(await app.key(F4, QUIET_MS * 3))
  const frames = [...own, ...panes].map(({ lastMs }) => lastMs)
  figures.most("key to full frame, median of letters", median(own.map(({ lastMs }) => lastMs)), FRAME_MS_MAX, "ms")
  const paneMs = median(panes.map(({ lastMs }) => lastMs))
  figures.most("key to full frame, median of a pane shown or hidden", paneMs, FRAME_MS_MAX, "ms")
  figures.note("slowest full frame", `${quantile(frames, 1).toFixed(1)} ms`)
}
