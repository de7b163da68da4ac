/** What has the terminal: the screen, or plain lines. */
export interface Surface {
  /** Shows the state at once, so that a key is seen: other changes are shown up to a frame later. */
  readonly echo: () => void
  readonly restore: () => void
  readonly isShown: () => boolean
  /** Does nothing while the terminal is another program's. */
  readonly put: (bytes: string) => void
  readonly resume: () => void
  readonly close: () => void
}
