// What a JSON Schema has against a document: for tests of what is published with one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace gridproof::reports {

// Empty when the document obeys.
inline std::string schema_errors(std::string_view schema_text, const nlohmann::json& document) {
  using valijson::adapters::NlohmannJsonAdapter;
  const auto text = nlohmann::json::parse(schema_text);
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(NlohmannJsonAdapter(text), schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  validator.validate(schema, NlohmannJsonAdapter(document), &results);
  std::string errors;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const std::string& part : error.context) errors += part;
    errors += ": " + error.description + '\n';
  }
  return errors;
}

}  // namespace gridproof::reports
