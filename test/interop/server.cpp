// A libcapnp server for our client: `server unix:PATH`; says "ready" and serves until its input ends.
#include "node.capnp.h"
#include <capnp/rpc-twoparty.h>
#include <iostream>
#include <kj/async-io.h>
#include <unistd.h>

namespace {

uint64_t cancelled = 0;

class Node final : public NodeService::Server {
 public:
  explicit Node(kj::Timer& timer) : timer(timer) {}

  kj::Promise<void> health(HealthContext context) override {
    auto results = context.getResults();
    results.setStatus("ok");
    results.setSoftware("libcapnp");
    results.setWireVersion(1);
    results.setAuthVersion(1);
    return kj::READY_NOW;
  }

  // How many fetchWaits were cancelled.
  kj::Promise<void> ping(PingContext context) override {
    context.getResults().setServerTime(cancelled);
    return kj::READY_NOW;
  }

  kj::Promise<void> enqueue(EnqueueContext context) override {
    auto params = context.getParams();
    switch (params.getTtlSecs()) {
      case 41: return KJ_EXCEPTION(FAILED, "E041: mailbox full: of the recipient");
      case 50: return KJ_EXCEPTION(OVERLOADED, "busy");
      case 99: return KJ_EXCEPTION(FAILED, "something \x1b[31mred");
      default: break;
    }
    context.getResults().setSeq(params.getPayload().size());
    context.getResults().setHead(77);
    return kj::READY_NOW;
  }

  kj::Promise<void> fetch(FetchContext context) override {
    auto rows = context.getResults().initEnvelopes(200);
    for (auto row : rows) {
      row.setVersion(1);
      row.setId(kj::heapArray<kj::byte>(16));
      row.setPayload(kj::heapArray<kj::byte>(16384));
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> fetchWait(FetchWaitContext context) override {
    context.allowCancellation();
    auto counted = kj::heap<Count>();
    auto* count = counted.get();
    return timer.afterDelay(context.getParams().getTimeoutMs() * kj::MILLISECONDS)
        .then([count]() { count->done = true; })
        .attach(kj::mv(counted));
  }

 private:
  struct Count {
    bool done = false;
    ~Count() { if (!done) ++cancelled; }
  };

  kj::Timer& timer;
};

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 2) return 2;
  auto io = kj::setupAsyncIo();
  auto address = io.provider->getNetwork().parseAddress(argv[1]).wait(io.waitScope);
  auto listener = address->listen();
  capnp::TwoPartyServer server(kj::heap<Node>(io.provider->getTimer()));
  auto serving = server.listen(*listener);
  std::cout << "ready" << std::endl;
  auto input = io.lowLevelProvider->wrapInputFd(STDIN_FILENO);
  auto rest = input->readAllText();
  rest.wait(io.waitScope);
  return 0;
}
