#include "servant_in_process.hpp"

#include <array>
#include <csignal>
#include <utility>

namespace parley::test {

ServantInProcess::Pipe::Pipe() {
  std::array<int, 2> ends{};
  detail::checked(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  from = detail::Descriptor(ends[0]);
  to = detail::Descriptor(ends[1]);
}

ServantInProcess::ServantInProcess(std::vector<Definition> definitions, detail::ServerOptions options)
    : ServantInProcess(std::make_shared<const detail::Registry>(std::move(definitions)), std::move(options)) {}

ServantInProcess::ServantInProcess(std::shared_ptr<const detail::Registry> registry, detail::ServerOptions options)
    : ServantInProcess(std::move(registry), std::move(options), Pipe(), Pipe()) {}

ServantInProcess::ServantInProcess(std::shared_ptr<const detail::Registry> registry, detail::ServerOptions options,
                                   Pipe requests, Pipe answers)
    : servant_input_(std::move(requests.from)),
      to_servant_(std::move(requests.to)),
      from_servant_(std::move(answers.from)),
      client_(from_servant_.get(), to_servant_.get()) {
  std::packaged_task<int()> serve([this, registry = std::move(registry), options = std::move(options),
                                   output = std::make_shared<detail::Descriptor>(std::move(answers.to))]() mutable {
    detail::Channel channel(servant_input_.get(), output->get());
    const int status = detail::Server(registry, channel, options).serve(interrupts_);
    *output = detail::Descriptor();
    return status;
  });
  status_ = serve.get_future();
  thread_ = std::thread(std::move(serve));
}

ServantInProcess::~ServantInProcess() {
  end_input();
  thread_.join();
}

int ServantInProcess::wait_for_exit() {
  return status_.get();
}

}  // namespace parley::test
