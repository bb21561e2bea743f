#include "reports/text/json_limits.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "reports/text/quoting.h"

namespace gridproof::reports {
namespace {

using Json = nlohmann::json;

// What the parser of nlohmann's library tells of, one after the other; false ends it.
class Inspector {
 public:
  explicit Inspector(const JsonLimits& limits) : limits_(limits) {}

  bool null() { return one(); }
  bool boolean(bool /*value*/) { return one(); }
  bool number_integer(std::int64_t /*value*/) { return one(); }
  bool number_unsigned(std::uint64_t /*value*/) { return one(); }
  bool number_float(double /*value*/, const std::string& /*text*/) { return one(); }
  bool string(std::string& /*value*/) { return one(); }
  bool binary(Json::binary_t& /*value*/) { return one(); }
  bool start_object(std::size_t /*size*/) { return begin(); }
  bool start_array(std::size_t /*size*/) { return begin(); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  bool key(std::string& name) {
    one();
    if (!keys_.back().insert(name).second) {
      throw std::invalid_argument("names " + in_quotes(name) + " twice");
    }
    return true;
  }
  static bool parse_error(std::size_t /*place*/, const std::string& /*token*/,
                          const Json::exception& /*error*/) {
    return false;
  }

 private:
  bool one() {
    if (++values_ > limits_.values) {
      throw std::invalid_argument("has more than " + std::to_string(limits_.values) + " values");
    }
    return true;
  }
  bool begin() {
    one();
    if (keys_.size() >= limits_.depth) throw std::invalid_argument("is nested too deeply");
    keys_.emplace_back();
    return true;
  }
  bool end() {
    keys_.pop_back();
    return true;
  }

  JsonLimits limits_;
  std::size_t values_ = 0;
  std::vector<std::set<std::string, std::less<>>> keys_;  // of the objects that are open
};

}  // namespace

void check_json(std::string_view text, const JsonLimits& limits) {
  Inspector inspector(limits);
  if (!Json::sax_parse(text, &inspector)) throw std::invalid_argument("is not JSON");
}

}  // namespace gridproof::reports
