#!/bin/sh
# Somebody on the testnet: registers once, is or comes into the group "testnet", says something every SECONDS, and keeps
# what was heard last in heard.json. Who has guests makes the group and invites them.
# usage: client.sh FOLDER INVITATIONS SECONDS NAME [GUEST...]
set -eu
umask 077
folder=$1 invitations=$2 seconds=$3 name=$4
shift 4
export QPQ_HOME="$folder/profile" QPQ_PASSWORD_FILE="$folder/password"

if [ ! -e "$folder/registered" ]; then
  [ -s "$QPQ_PASSWORD_FILE" ] || od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$QPQ_PASSWORD_FILE"
  qpq register-user "$name" --server "$(cat "$invitations/$name")"
  touch "$folder/registered"
fi
if [ ! -e "$folder/joined" ]; then
  if [ $# -gt 0 ]; then
    qpq create-group testnet
    until qpq invite testnet "$@"; do sleep 2; done
  else
    until qpq join testnet; do sleep 2; done
  fi
  touch "$folder/joined"
fi

qpq recv --follow --group testnet --exec "cat >'$folder/heard.json'" >/dev/null &
listener=$!
trap 'kill $listener; exit 0' INT TERM
while :; do
  date -u +"$name at %FT%TZ" | qpq send testnet -
  sleep "$seconds" &
  wait $!
done
