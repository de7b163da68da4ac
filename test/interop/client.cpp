// A libcapnp client against our endpoint: `client unix:PATH`. One line per check: "ok NAME" or "fail NAME: why".
#include "node.capnp.h"
#include <capnp/rpc-twoparty.h>
#include <iostream>
#include <kj/async-io.h>
#include <string>

namespace {

int failures = 0;

void check(kj::StringPtr name, bool passed, kj::StringPtr why = "") {
  if (!passed) ++failures;
  std::cout << (passed ? "ok " : "fail ") << name.cStr();
  if (!passed) std::cout << ": " << why.cStr();
  std::cout << std::endl;
}

kj::Array<kj::byte> filled(size_t length, kj::byte value) {
  auto bytes = kj::heapArray<kj::byte>(length);
  for (auto& byte : bytes) byte = value;
  return bytes;
}

template <typename Builder>
void head(Builder params) {
  params.setVersion(1);
  auto auth = params.initAuth();
  auth.setVersion(1);
  auth.setAccessToken(filled(32, 6));
  auth.setDeviceId(filled(32, 1));
  params.setRecipientKey(filled(32, 1));
}

auto enqueue(NodeService::Client& node, size_t length, uint32_t ttl) {
  auto request = node.enqueueRequest();
  head<NodeService::EnqueueParams::Builder>(request);
  request.setMessageId(filled(16, 2));
  request.setPayload(filled(length, 7));
  request.setTtlSecs(ttl);
  return request.send();
}

auto fetchWait(NodeService::Client& node, uint32_t timeoutMs) {
  auto request = node.fetchWaitRequest();
  head<NodeService::FetchWaitParams::Builder>(request);
  request.setTimeoutMs(timeoutMs);
  request.setAckMode(1);
  return request.send();
}

template <typename Promise>
void expectException(kj::WaitScope& scope, kj::StringPtr name, kj::Exception::Type type, kj::StringPtr text, Promise promise) {
  bool passed = false;
  kj::String why = kj::str("no exception");
  KJ_IF_MAYBE(exception, kj::runCatchingExceptions([&]() { promise.wait(scope); })) {
    auto description = kj::str(exception->getDescription());
    passed = exception->getType() == type && std::string(description.cStr()).find(text.cStr()) != std::string::npos;
    why = kj::mv(description);
  }
  check(name, passed, why);
}

void answers(NodeService::Client& node, kj::WaitScope& scope) {
  auto health = node.healthRequest().send().wait(scope);
  check("health", health.getStatus() == "ok" && health.getWireVersion() == 1);
  check("ping", node.pingRequest().send().wait(scope).getServerTime() == 1700000000003ull);
  auto stored = enqueue(node, 100, 1).wait(scope);
  check("enqueue", stored.getSeq() == 100 && stored.getHead() == (1ull << 63));

  auto request = node.fetchRequest();
  head<NodeService::FetchParams::Builder>(request);
  auto fetched = request.send().wait(scope);
  auto rows = fetched.getEnvelopes();
  check("fetch", rows.size() == 2 && rows[0].getPayload().size() == 300 && rows[1].getCommitInfo().size() == 128 &&
                     fetched.getHead() == (1ull << 63) && fetched.getMore());

  auto opening = node.createChannelRequest();
  opening.setVersion(1);
  auto auth = opening.initAuth();
  auth.setVersion(1);
  auth.setAccessToken(filled(32, 6));
  auth.setDeviceId(filled(32, 1));
  opening.setPeerKey(filled(32, 3));
  auto opened = opening.send().wait(scope);
  check("createChannel", opened.getChannelId().size() == 16 && opened.getWasNew());

  auto promises = kj::heapArrayBuilder<kj::Promise<void>>(250);
  for (int index = 0; index < 250; ++index) promises.add(node.pingRequest().send().ignoreResult());
  kj::joinPromises(promises.finish()).wait(scope);
  check("250 calls at once", true);
}

void order(NodeService::Client& node, kj::WaitScope& scope) {
  bool waited = false;
  auto waiting = fetchWait(node, 300).then([&](auto&&) { waited = true; });
  node.pingRequest().send().wait(scope);
  check("ping passes a waiting fetchWait", !waited);
  waiting.wait(scope);
  check("fetchWait answers later", waited);
  {
    auto cancelled = fetchWait(node, 30000);
    node.pingRequest().send().wait(scope);
  }
  node.pingRequest().send().wait(scope);
  check("calls go on after a cancelled one", true);
}

void errors(NodeService::Client& node, kj::WaitScope& scope) {
  using Type = kj::Exception::Type;
  expectException(scope, "exception with its code", Type::FAILED, "E041: mailbox full", enqueue(node, 10, 41));
  expectException(scope, "overload keeps its type", Type::OVERLOADED, "E050: ", enqueue(node, 10, 50));
  expectException(scope, "shutdown keeps its type", Type::DISCONNECTED, "E059: ", enqueue(node, 10, 59));
  expectException(scope, "internal faults say nothing", Type::FAILED, "E099: internal fault", enqueue(node, 10, 99));
  auto wrong = node.enqueueRequest();
  head<NodeService::EnqueueParams::Builder>(wrong);
  wrong.setVersion(2);
  expectException(scope, "wire version 2", Type::FAILED, "E020: ", wrong.send());
  expectException(scope, "payload of 5 MB and a byte", Type::FAILED, "E025: ", enqueue(node, 5242881, 1));
  check("payload of 5 MB", enqueue(node, 5242880, 1).wait(scope).getSeq() == 5242880);
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 2) return 2;
  auto io = kj::setupAsyncIo();
  auto address = io.provider->getNetwork().parseAddress(argv[1]).wait(io.waitScope);
  auto stream = address->connect().wait(io.waitScope);
  capnp::TwoPartyClient client(*stream);
  auto node = client.bootstrap().castAs<NodeService>();
  try {
    answers(node, io.waitScope);
    order(node, io.waitScope);
    errors(node, io.waitScope);
  } catch (kj::Exception& exception) {
    check("no unexpected exception", false, exception.getDescription());
  }
  return failures == 0 ? 0 : 1;
}
