/** What lies in a profile's folder. */

export const DATABASE = "profile.db"
export const KEY_FILE = "profile.key"
/** Ciphertext on its way up or down. */
export const FILES = "files"
