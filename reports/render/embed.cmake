# The JSON Schema of reports, compiled into the library as report_schema() of json.h.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS reports/render/report.schema.json)
file(READ reports/render/report.schema.json REPORT_SCHEMA)
configure_file(reports/render/report_schema.cc.in generated/report_schema.cc @ONLY)
target_sources(gridproof_render PRIVATE ${CMAKE_BINARY_DIR}/generated/report_schema.cc)
