# The headers of libraries that no CMake package tells of.
foreach(target gridproof_files files_test)
  if(TARGET ${target})
    target_include_directories(${target} SYSTEM PRIVATE ${NIFTI_INCLUDE} ${TURBOJPEG_INCLUDE})
  endif()
endforeach()
