#include "oracle/subjects/protocol/protocol_schema.h"

#include <map>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "reference/contract/foreign_text.h"

namespace gridproof {
namespace {

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

// The schema of one type of message, so that what is wrong is said of that type.
const valijson::Schema& schema_of(const std::string& type) {
  thread_local std::map<std::string, valijson::Schema> schemas;
  const auto [place, is_new] = schemas.try_emplace(type);
  if (is_new) {
    json document = json::parse(protocol_schema());
    document.erase("oneOf");
    document["$ref"] = "#/definitions/" + type;
    const NlohmannJsonAdapter adapter(document);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(adapter, place->second);
  }
  return place->second;
}

bool is_type(const std::string& type) {
  static const json definitions = json::parse(protocol_schema()).at("definitions");
  return definitions.contains(type) && definitions.at(type).contains("required") &&
         definitions.at(type).at("properties").contains("type");
}

}  // namespace

std::optional<std::string> against_schema(const json& message) {
  const auto found = message.find("type");
  if (found == message.end() || !found->is_string()) return std::nullopt;
  const auto type = found->get<std::string>();
  if (!is_type(type)) return std::nullopt;
  valijson::Validator validator;
  valijson::ValidationResults results;
  const NlohmannJsonAdapter adapter(message);
  if (validator.validate(schema_of(type), adapter, &results)) return std::nullopt;
  valijson::ValidationResults::Error error;
  std::string text = "the message " + type + " does not match protocol.schema.json";
  // The first is the innermost, the others say what it means for what is around it.
  if (results.popError(error)) {
    std::string place;
    for (const std::string& step : error.context) place += step;
    text += ", at " + printable(place) + ": " + printable(error.description, 400);
  }
  return text;
}

}  // namespace gridproof
