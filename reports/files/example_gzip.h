// For tests: what gzip makes of some bytes.
#pragma once

#include <zlib.h>

#include <string>

#include "reports/files/example_bytes.h"

namespace gridproof::reports::files {

inline Bytes gzip_of(std::string text) {
  z_stream stream{};
  constexpr int of_gzip = 16;
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + of_gzip, 8, Z_DEFAULT_STRATEGY);
  Bytes file(deflateBound(&stream, text.size()));
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(file.data());
  stream.avail_out = static_cast<uInt>(file.size());
  deflate(&stream, Z_FINISH);
  file.resize(stream.total_out);
  deflateEnd(&stream);
  return file;
}

}  // namespace gridproof::reports::files
