/** Who answers at an address, as a person compares it. */

export interface ServerView {
  readonly host: string
  readonly port: number
  /** The address with its pin, to be stored. */
  readonly address: string
  /** sha256:… of the server's public key. */
  readonly pin: string
  /** Groups of four hex digits of the pin, for comparing by eye. */
  readonly fingerprint: string
}
