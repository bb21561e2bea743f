// A rival in a process of its own, in any language: it gets the tensors in files, answers with
// lines of JSON, and times itself. peers.py is one.
//
//   -> {"start": 1}                      <- {"name": "ONNX Runtime 1.31.1"}
//   -> {"prepare": {"input": FILE, "input_shape": [N, C, ...], "grid": FILE, "grid_shape": [...],
//                   "output": FILE, "dtype": "f32", "mode": ..., "padding_mode": ...,
//                   "align_corners": ..., "threads": 2}}
//                                        <- {"ready": true} or {"unsupported": WHY}
//   -> {"run": 1}                        <- {"seconds": 0.0123}
//
// The files are dense and little-endian; `output` is to be written before "ready".
#pragma once

#include <memory>
#include <string>

#include "optimized/bench/rival.h"

namespace gridproof::bench {

// Starts `command` in a shell. Throws ChildLost when it does not start, and later when it ends.
std::unique_ptr<Rival> start_peer(const std::string& command);

}  // namespace gridproof::bench
