# gridproof_embed(layer FILE…): the files become `asset(name)` of the layer, reports/LAYER/assets.h; the
# assembler takes them as they are.
function(gridproof_embed layer)
  set(EMBEDDED_LAYER ${layer})
  set(EMBEDDED_DATA)
  set(EMBEDDED_NAMES)
  set(number 0)
  foreach(file IN LISTS ARGN)
    get_filename_component(name ${file} NAME)
    set(symbol ${layer}_asset_${number})
    string(APPEND EMBEDDED_DATA "asm(R\"(.section .rodata\n${symbol}:\n.incbin \"${file}\"\n${symbol}_end:\n.text)\");\n"
                                "extern \"C\" const char ${symbol}[];\nextern \"C\" const char ${symbol}_end[];\n")
    string(APPEND EMBEDDED_NAMES "      {\"${name}\", ${symbol}, ${symbol}_end},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  set(output ${CMAKE_BINARY_DIR}/generated/${layer}_assets.cc)
  configure_file(${PROJECT_SOURCE_DIR}/reports/page/assets.cc.in ${output} @ONLY)
  set_source_files_properties(${output} PROPERTIES OBJECT_DEPENDS "${ARGN}")
  target_sources(gridproof_${layer} PRIVATE ${output})
endfunction()

gridproof_embed(page ${PROJECT_SOURCE_DIR}/reports/page/assets/style.css
                     ${PROJECT_SOURCE_DIR}/reports/page/assets/site.js)
