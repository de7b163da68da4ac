/** The setting that holds the account key of the profile's own person, 32 bytes: what another device of theirs said is theirs. */
export const OWN_ACCOUNT = "own-account-key"
