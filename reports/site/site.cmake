# What the pages are made of, compiled in: the assembler takes the files as they are.
set(site_assets
    reports/site/assets/style.css reports/site/assets/engine.js reports/site/assets/site.js
    reports/site/migration.md reports/site/history.md
    reports/claims/claims.md reports/matrix/matrix.json reports/matrix/answers.json)
list(TRANSFORM site_assets PREPEND ${PROJECT_SOURCE_DIR}/)
if(TARGET gridproof_wasm)
  list(APPEND site_assets ${CMAKE_BINARY_DIR}/wasm/picture.wasm.gz ${CMAKE_BINARY_DIR}/wasm/question.wasm.gz)
else()
  file(TOUCH ${CMAKE_BINARY_DIR}/none/picture.wasm.gz ${CMAKE_BINARY_DIR}/none/question.wasm.gz)
  list(APPEND site_assets ${CMAKE_BINARY_DIR}/none/picture.wasm.gz ${CMAKE_BINARY_DIR}/none/question.wasm.gz)
endif()

set(SITE_DATA)
set(SITE_NAMES)
set(number 0)
foreach(file IN LISTS site_assets)
  get_filename_component(name ${file} NAME)
  string(APPEND SITE_DATA "asm(R\"(.section .rodata\nasset_${number}:\n.incbin \"${file}\"\nasset_${number}_end:\n.text)\");\n"
                          "extern \"C\" const char asset_${number}[];\nextern \"C\" const char asset_${number}_end[];\n")
  string(APPEND SITE_NAMES "      {\"${name}\", asset_${number}, asset_${number}_end},\n")
  math(EXPR number "${number} + 1")
endforeach()
configure_file(reports/site/assets.cc.in generated/assets.cc @ONLY)
set_source_files_properties(${CMAKE_BINARY_DIR}/generated/assets.cc PROPERTIES OBJECT_DEPENDS "${site_assets}")
target_sources(gridproof_site PRIVATE ${CMAKE_BINARY_DIR}/generated/assets.cc)

# All pages in the build folder.
add_custom_target(site COMMAND gridproof spec --html ${CMAKE_BINARY_DIR}/site USES_TERMINAL VERBATIM)

# In a browser, where there are one and the modules.
find_program(CHROMEDRIVER chromedriver)
if(NOT GRIDPROOF_TESTS OR GRIDPROOF_SANITIZE OR CMAKE_CROSSCOMPILING OR NOT TARGET gridproof_wasm)
  return()
elseif(NOT CHROMEDRIVER)
  message(STATUS "chromedriver is missing (.ci/setup installs it): the pages are not tested in a browser")
  return()
endif()
add_test(NAME site:browser COMMAND sh -c "\"$(${PROJECT_SOURCE_DIR}/.ci/environment.sh ${PROJECT_SOURCE_DIR}/reports/site)/bin/python\" \
  ${PROJECT_SOURCE_DIR}/reports/site/browser_test.py $<TARGET_FILE:gridproof>")
set_tests_properties(site:browser PROPERTIES LABELS browser TIMEOUT 600)
