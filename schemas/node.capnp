# What a client may ask of a qpq server, carried by the standard two-party Cap'n Proto RPC protocol.
# Append only: fields and methods are never renumbered or removed. `version` is exactly 1 everywhere.
@0xe7a1c9d3b5f24860;

struct Auth { version @0 :UInt16; accessToken @1 :Data; deviceId @2 :Data; }

# One row of a mailbox. groupTag, epoch and commitInfo only on rows of an accepted commit (commit and Welcomes).
struct Envelope {
  seq @0 :UInt64; position @1 :UInt64; id @2 :Data; receivedAt @3 :UInt64; payload @4 :Data; channelId @5 :Data;
  version @6 :UInt16; groupTag @7 :Data; epoch @8 :UInt64; commitInfo @9 :Data;
}

# Recipient of a shared body: its row's payload is prefix ‖ body.
struct Recipient { recipientKey @0 :Data; channelId @1 :Data; prefix @2 :Data; }
struct WelcomeRecipient { recipientKey @0 :Data; channelId @1 :Data; messageId @2 :Data; prefix @3 :Data; }

# code 0 is stored (or duplicate); else the number of an error code, 40 for E040.
struct EnqueueResult { code @0 :UInt16; seq @1 :UInt64; duplicate @2 :Bool; }

struct KeyPackage { package @0 :Data; }
struct DeviceRef { deviceKey @0 :Data; }
struct NameRef { name @0 :Text; }
struct Certificate { certificate @0 :Data; }

# A device's hybrid key record and its signature; both empty when the device has none.
struct HybridKey { deviceKey @0 :Data; record @1 :Data; signature @2 :Data; version @3 :UInt16; }

# The signed binding of a name to an account key, the signed device list and the devices' certificates.
struct Account {
  name @0 :Text; accountKey @1 :Data; signature @2 :Data; deviceList @3 :Data; deviceListSignature @4 :Data;
  certificates @5 :List(Certificate); version @6 :UInt16; found @7 :Bool;
}

# status 1: active, 2: revoked. sealedName: readable to the account's own devices alone; may be empty.
struct Device {
  deviceKey @0 :Data; status @1 :UInt16; createdAt @2 :UInt64; sealedName @3 :Data; version @4 :UInt16;
}

interface NodeService {
  # Adds KeyPackages of the caller's device; replace withdraws the device's others. Counts are after the change.
  uploadKeyPackage @0 (identityKey :Data, packages :List(KeyPackage), replace :Bool, version :UInt16, auth :Auth)
    -> (baselineCount :UInt32, hybridCount :UInt32, baselineLastResort :Bool, hybridLastResort :Bool);
  # Consumes one KeyPackage of a device, or hands out its last-resort one.
  fetchKeyPackage @1 (identityKey :Data, suite :UInt16, version :UInt16, auth :Auth) -> (package :Data, lastResort :Bool);
  # head: position of the newest row of the caller's own mailbox when the mail was stored first; 0 when that is not known.
  enqueue @2 (recipientKey :Data, payload :Data, channelId :Data, version :UInt16, auth :Auth, messageId :Data, ttlSecs :UInt32)
    -> (seq :UInt64, duplicate :Bool, head :UInt64);
  fetch @3 (recipientKey :Data, channelId :Data, version :UInt16, auth :Auth, limit :UInt32, after :UInt64, ack :UInt64,
            ackMode :UInt16, allChannels :Bool, generation :UInt64)
    -> (envelopes :List(Envelope), head :UInt64, expired :UInt64, generation :UInt64, more :Bool);
  fetchWait @4 (recipientKey :Data, channelId :Data, version :UInt16, auth :Auth, limit :UInt32, after :UInt64, ack :UInt64,
                ackMode :UInt16, allChannels :Bool, generation :UInt64, timeoutMs :UInt32)
    -> (envelopes :List(Envelope), head :UInt64, expired :UInt64, generation :UInt64, more :Bool);
  health @5 () -> (status :Text, software :Text, wireVersion :UInt16, authVersion :UInt16);
  uploadHybridKey @6 (identityKey :Data, record :Data, signature :Data, version :UInt16, auth :Auth) -> ();
  fetchHybridKey @7 (devices :List(DeviceRef), version :UInt16, auth :Auth) -> (keys :List(HybridKey));
  ping @8 () -> (serverTime :UInt64);

  # OPAQUE (RFC 9807): request 32 and response 64 bytes.
  registerStart @9 (name :Text, request :Data, version :UInt16) -> (response :Data);
  # record 192 bytes; account carries the first device's certificate and device list 1.
  registerFinish @10 (record :Data, account :Account, inviteToken :Data, sealedAccountKey :Data, version :UInt16) -> ();
  # OPAQUE: request 96, response 320, finish 64 bytes.
  loginStart @11 (name :Text, request :Data, version :UInt16) -> (response :Data, loginId :Data);
  # signature: the device key's over the login statement; refreshHash: SHA-256 of a refresh token the client made.
  # Not listed: the device is none of the account's yet, and its token is good for fetchAccountKey and registerDevice alone.
  loginFinish @12 (loginId :Data, finish :Data, deviceKey :Data, signature :Data, refreshHash :Data, version :UInt16)
    -> (accessToken :Data, accessExpires :UInt64, refreshExpires :UInt64, listed :Bool);
  refreshToken @13 (refreshToken :Data, nextHash :Data, deviceKey :Data, version :UInt16)
    -> (accessToken :Data, accessExpires :UInt64, refreshExpires :UInt64);
  logout @14 (version :UInt16, auth :Auth) -> ();

  resolveUser @15 (name :Text, version :UInt16, auth :Auth) -> (account :Account);
  resolveUsers @16 (names :List(NameRef), version :UInt16, auth :Auth) -> (accounts :List(Account));
  # The account that a device belongs to.
  resolveIdentity @17 (identityKey :Data, version :UInt16, auth :Auth) -> (account :Account);

  ack @18 (recipientKey :Data, channelId :Data, version :UInt16, auth :Auth, upTo :UInt64, allChannels :Bool, generation :UInt64)
    -> (removed :UInt64);
  # One body for many; groupTag empty when the mail belongs to no group. epoch in the answer is the tag's; head as above.
  enqueueMany @19 (items :List(Recipient), payload :Data, messageId :Data, groupTag :Data, epoch :UInt64, version :UInt16,
                   auth :Auth, ttlSecs :UInt32)
    -> (results :List(EnqueueResult), epoch :UInt64, head :UInt64);
  # Compare-and-swap of a group's epoch with fan-out and Welcomes, in one transaction. head as above, of one that is accepted.
  commit @20 (groupTag :Data, baseEpoch :UInt64, proof :Data, nextVerifier :Data, authorSig :Data, restoreProof :Data,
              messageId :Data, payload :Data, recipients :List(Recipient), welcomeBody :Data,
              welcomes :List(WelcomeRecipient), version :UInt16, auth :Auth)
    -> (accepted :Bool, epoch :UInt64, winner :Data, head :UInt64, restoreEpoch :UInt64);

  # The 1:1 channel of the caller's account and another: the same one for both, however often it is asked for.
  # peerKey: the other's account key, 32 bytes. wasNew is a hint only: somebody else may have the same answer.
  createChannel @21 (peerKey :Data, version :UInt16, auth :Auth) -> (channelId :Data, wasNew :Bool);

  # The next chunk of an encrypted file. blobId: 16 random bytes of the client's; size and hash: of the whole ciphertext.
  # received is how much the server has: an empty chunk only asks. At size it is complete, and its hash was checked.
  uploadBlob @22 (blobId :Data, offset :UInt64, chunk :Data, size :UInt64, hash :Data, version :UInt16, auth :Auth)
    -> (received :UInt64);
  # What a complete one holds from offset on: at least one byte unless that is its end. limit 0 is the most there is.
  downloadBlob @23 (blobId :Data, offset :UInt64, limit :UInt32, version :UInt16, auth :Auth) -> (chunk :Data, size :UInt64);

  # What is published of a device, without consuming any. Of each suite 0: nothing, 1: the last-resort one alone, 2: others.
  # until: when the newest ends, milliseconds since the Unix epoch, rounded down to the hour; 0 without one.
  keyPackageSupply @24 (identityKey :Data, version :UInt16, auth :Auth)
    -> (baseline :UInt16, hybrid :UInt16, baselineUntil :UInt64, hybridUntil :UInt64);

  # Ends every login of the account; but the caller's own, if keepThis.
  logoutEverywhere @25 (keepThis :Bool, version :UInt16, auth :Auth) -> (ended :UInt32);
  # OPAQUE registration with another password, soon after a login with the present one: request 32, response 64 bytes.
  changePasswordStart @26 (request :Data, version :UInt16, auth :Auth) -> (response :Data);
  # Record and sealed account key are replaced in one transaction. sealedAccountKey empty: none is kept.
  changePasswordFinish @27 (record :Data, sealedAccountKey :Data, version :UInt16, auth :Auth) -> ();
  # The account with all that is its own, soon after a login. Its name and keys are never given again.
  deleteAccount @28 (version :UInt16, auth :Auth) -> ();

  # Another device: its certificate and the list that names it, its counter one more. From a caller that is listed itself
  # refreshHash is that of the new device's first refresh token; from one that is not yet, its login goes on and this is empty.
  registerDevice @29 (certificate :Data, deviceList :Data, deviceListSignature :Data, sealedName :Data, refreshHash :Data,
                      version :UInt16, auth :Auth) -> ();
  # The account's own, revoked ones too, the oldest first.
  listDevices @30 (version :UInt16, auth :Auth) -> (devices :List(Device));
  # The list no longer names it, its counter is one more: its tokens, keys and mailbox are gone.
  revokeDevice @31 (deviceKey :Data, deviceList :Data, deviceListSignature :Data, version :UInt16, auth :Auth) -> ();
  # What registration or the last change of the password left for further devices; sealedAccountKey empty: nothing.
  fetchAccountKey @32 (version :UInt16, auth :Auth) -> (sealedAccountKey :Data, account :Account);

  # Two devices meet where both derive pairingId (16 bytes) from a code; what they leave is sealed under it. The listed one
  # opens the place, sees the request once it is there, and leaves the answer (empty: none yet). Gone at `expires`.
  pairing @33 (pairingId :Data, answer :Data, version :UInt16, auth :Auth) -> (request :Data, expires :UInt64);
  # The new one leaves its request, once, and asks for the answer; empty: none yet.
  askPairing @34 (pairingId :Data, request :Data, version :UInt16) -> (answer :Data);
  nameDevice @35 (deviceKey :Data, sealedName :Data, version :UInt16, auth :Auth) -> ();
}
