// The figures of the concepts: what the reference answers along a line, as curves. Tested by
// site_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace gridproof::reports::site {

// The figures of the page of a concept ("bicubic"), or nothing.
std::string plots_of(std::string_view stem);

}  // namespace gridproof::reports::site
