# What is written beside golden vectors, compiled into the library as functions of vector_files.h.
set(vectors_reader oracle/subjects/templates/read_vectors.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS reports/vectors/vectors.schema.json ${vectors_reader})
file(READ reports/vectors/vectors.schema.json VECTORS_SCHEMA)
file(READ ${vectors_reader} VECTORS_READER)
configure_file(reports/vectors/vectors_files.cc.in generated/vectors_files.cc @ONLY)
target_sources(gridproof_vectors PRIVATE ${CMAKE_BINARY_DIR}/generated/vectors_files.cc)
