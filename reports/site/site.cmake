# What the pages are made of, compiled in.
set(modules ${CMAKE_BINARY_DIR}/wasm)
if(NOT TARGET gridproof_wasm)
  set(modules ${CMAKE_BINARY_DIR}/none)
  file(MAKE_DIRECTORY ${modules})
  file(TOUCH ${modules}/picture.wasm.gz ${modules}/question.wasm.gz)
endif()
set(source ${PROJECT_SOURCE_DIR}/reports)
gridproof_embed(site ${source}/site/assets/engine.js ${source}/site/migration.md ${source}/site/history.md
  ${source}/claims/claims.md ${source}/matrix/matrix.json ${source}/matrix/answers.json
  ${modules}/picture.wasm.gz ${modules}/question.wasm.gz)

# All pages in the build folder.
add_custom_target(site COMMAND gridproof spec --html ${CMAKE_BINARY_DIR}/site USES_TERMINAL VERBATIM)

# In a browser, where there are one and the modules.
find_program(CHROMEDRIVER chromedriver)
if(NOT GRIDPROOF_TESTS OR GRIDPROOF_FUZZERS OR GRIDPROOF_SANITIZE OR CMAKE_CROSSCOMPILING OR NOT TARGET gridproof_wasm)
  return()
elseif(NOT CHROMEDRIVER)
  message(STATUS "chromedriver is missing (.ci/setup installs it): the pages are not tested in a browser")
  return()
endif()
add_test(NAME site:browser COMMAND sh -c "\"$(${PROJECT_SOURCE_DIR}/.ci/environment.sh ${PROJECT_SOURCE_DIR}/reports/site)/bin/python\" \
  ${PROJECT_SOURCE_DIR}/reports/site/browser_test.py $<TARGET_FILE:gridproof>")
set_tests_properties(site:browser PROPERTIES LABELS browser TIMEOUT 600)
