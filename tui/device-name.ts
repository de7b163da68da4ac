/** What a device is called when nobody has named it. */
import { hostname } from "node:os"

/** Host names have only letters of one byte (RFC 1123), and a device's name 64 bytes. */
const LETTERS_MAX = 64

export const computerName = (): string => hostname().slice(0, LETTERS_MAX) || "computer"
