#include "optimized/bench/rest.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

namespace gridproof::bench {
namespace {

namespace fs = std::filesystem;

// Whether a thread runs, or waits for a core: its state stands after its name, in parentheses.
bool runs(const fs::path& thread) {
  std::ifstream file(thread / "stat");
  std::string line;
  std::getline(file, line);
  const std::size_t end = line.rfind(") ");
  return end != std::string::npos && line.substr(end + 2, 1) == "R";
}

bool another_runs() {
  const std::string own = std::to_string(gettid());
  std::error_code none;
  for (const auto& thread : fs::directory_iterator("/proc/self/task", none)) {
    if (thread.path().filename() != own && runs(thread.path())) return true;
  }
  return false;
}

}  // namespace

bool wait_for_rest(std::chrono::milliseconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  do {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (!another_runs()) return true;
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

}  // namespace gridproof::bench
