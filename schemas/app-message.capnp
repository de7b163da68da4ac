# What members of a conversation say to each other, inside MLS. Append only. `version` is exactly 1.
@0x9c3be5a7d1f04826;

struct AppMessage {
  version @0 :UInt16;
  # 16 random bytes; receivers drop a second of the same sender.
  id @1 :Data;
  # The sender's clock, milliseconds since the Unix epoch. For people only; the order is the mailbox's.
  sentAt @2 :UInt64;
  union {
    text @3 :Text;
    # A message is named by its author's account key and its id, which is unique only among the author's.
    reply :group { to @4 :Data; text @5 :Text; author @25 :Data; }
    # One of each sender for each message; an empty one takes it back.
    reaction :group { to @6 :Data; emoji @7 :Text; author @26 :Data; }
    # Edits and deletions are of the sender's own messages.
    edit :group { of @8 :Data; text @9 :Text; }
    delete :group { of @10 :Data; }
    # kind 0 is delivered, 1 is read.
    receipt :group { of @11 :List(MessageRef); kind @12 :UInt16; }
    typing :group { active @13 :Bool; }
    # The blob lies encrypted on the server; key and SHA-256 of the ciphertext travel here.
    attachment :group { blobId @14 :Data; key @15 :Data; hash @16 :Data; size @17 :UInt64; name @18 :Text; mediaType @19 :Text; }
    # Seconds until messages disappear; 0 is never.
    timer :group { seconds @20 :UInt32; }
    groupDetails :group { name @21 :Text; }
    # A signed device list (schemas/node.capnp, struct Account).
    deviceList :group { list @22 :Data; signature @23 :Data; }
    leave @24 :Void;
    # The invitation to this group was accepted: said to the other devices of the same account alone.
    accepted @28 :Void;
  }
  # Of text, reply and attachment: seconds until it disappears everywhere; 0 is never.
  expiresAfter @27 :UInt32;
}

# A message is named by its author's account key and its id.
struct MessageRef { id @0 :Data; author @1 :Data; }
