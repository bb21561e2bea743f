# The JSON Schema of the protocol, compiled into the library as protocol_schema() of protocol_schema.h.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS reference/contract/protocol.schema.json)
file(READ reference/contract/protocol.schema.json PROTOCOL_SCHEMA)
configure_file(oracle/subjects/protocol/protocol_schema_text.cc.in generated/protocol_schema_text.cc @ONLY)
target_sources(gridproof_protocol PRIVATE ${CMAKE_BINARY_DIR}/generated/protocol_schema_text.cc)
