// The JSON Schema of the messages, reference/contract/protocol.schema.json, and what a message has
// against it. Tested by protocol_test.cc.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace gridproof {

std::string_view protocol_schema();

// What is wrong with a message: "the message refused: 'clause' is a number: …". Nothing if it keeps
// to the schema. Unknown message types are not validated.
std::optional<std::string> against_schema(const nlohmann::json& message);

}  // namespace gridproof
