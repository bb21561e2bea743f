# The clause texts and their code, compiled into the library as documents() of clauses.h.
# Included by CMakeLists.txt, this file adds the step to the build; run as a script, it is the step.
set(stems options shapes coordinates nonfinite padding nearest linear bicubic dtypes layout
          affine_grid displacement gradients documentation)

if(CMAKE_SCRIPT_MODE_FILE)
  set(source "#include \"reference/semantics/clauses.h\"\n\nnamespace gridproof {\n\n")
  string(APPEND source "std::span<const Document> documents() {\n")
  string(APPEND source "  static constexpr Document all[] = {\n")
  foreach(stem IN LISTS stems)
    string(APPEND source "      {\"${stem}\"")
    foreach(ending md h cc)
      set(text "")
      if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/${stem}.${ending})
        file(READ ${CMAKE_CURRENT_LIST_DIR}/${stem}.${ending} text)
      endif()
      string(APPEND source ", R\"clauses(${text})clauses\"")
    endforeach()
    string(APPEND source "},\n")
  endforeach()
  string(APPEND source "  };\n  return all;\n}\n\n}  // namespace gridproof\n")
  file(WRITE ${OUTPUT} "${source}")
else()
  set(embedded ${CMAKE_BINARY_DIR}/generated/documents.cc)
  list(TRANSFORM stems PREPEND ${CMAKE_CURRENT_LIST_DIR}/ OUTPUT_VARIABLE patterns)
  list(TRANSFORM patterns APPEND .*)
  file(GLOB texts CONFIGURE_DEPENDS ${patterns})
  add_custom_command(OUTPUT ${embedded}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${embedded} -P ${CMAKE_CURRENT_LIST_FILE}
    DEPENDS ${texts} ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
  target_sources(gridproof_semantics PRIVATE ${embedded})
endif()
