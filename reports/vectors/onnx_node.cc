#include "reports/vectors/onnx_node.h"

#define ONNX_ML 1
#define ONNX_NAMESPACE onnx
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gridproof::reports {
namespace {

// Half of what onnx.backend.test grants, because NumPy rounds its comparison in the dtype itself.
constexpr double relative = 0.5e-3;
constexpr double absolute = 0.5e-7;

onnx::TensorProto::DataType data_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
      return onnx::TensorProto::FLOAT16;
    case Dtype::bf16:
      return onnx::TensorProto::BFLOAT16;
    case Dtype::f32:
      return onnx::TensorProto::FLOAT;
    case Dtype::f64:
      return onnx::TensorProto::DOUBLE;
    case Dtype::i32:
      break;
  }
  return onnx::TensorProto::UNDEFINED;
}

// The lowest version of the operator that has the question, and the version of the model's format
// that was current with it.
struct Version {
  std::int64_t operators;
  std::int64_t format;
};
std::optional<Version> version_of(const Case& test_case, const Options& options, Dialect dialect) {
  const bool is_flat = test_case.input.rank() == 4;
  if (test_case.input.dtype() != test_case.grid.dtype()) return std::nullopt;
  if (dialect == Dialect::onnx_16) {
    if (!is_flat || test_case.input.dtype() == Dtype::bf16) return std::nullopt;
    return Version{16, 8};
  }
  if (!is_flat && options.mode == Mode::bicubic) return std::nullopt;
  if (test_case.input.dtype() == Dtype::bf16) return Version{22, 10};
  return Version{20, 9};
}

std::string mode_name(const std::string& mode, const Version& version) {
  if (version.operators < 20) return mode;
  return mode == "bilinear" ? "linear" : mode == "bicubic" ? "cubic" : mode;
}

// Whether every admissible answer passes a comparison with `expected`.
bool is_narrow(const Admissible& set, double expected) {
  if (!set.silent.empty() || !set.latitude.empty() || set.undecided) return false;
  const double reach = std::isfinite(expected) ? relative * std::fabs(expected) + absolute : 0;
  return std::ranges::all_of(set.intervals, [&](const auto& interval) {
    const auto& [lo, hi] = interval;
    if (std::isnan(expected) || std::isnan(lo)) return std::isnan(expected) && std::isnan(lo);
    if (std::isinf(expected)) return lo == expected && hi == expected;
    return expected - reach <= lo && hi <= expected + reach;
  });
}

std::string serialized_tensor(const Tensor& tensor, const std::string& name) {
  onnx::TensorProto message;
  message.set_name(name);
  message.set_data_type(data_type(tensor.dtype()));
  for (const std::int64_t size : tensor.shape()) message.add_dims(size);
  const Tensor dense = tensor.contiguous();
  message.set_raw_data(dense.storage(),  // little-endian, as this machine is
                       static_cast<std::size_t>(dense.element_count()) * size_of(dense.dtype()));
  return message.SerializeAsString();
}

void describe_value(onnx::ValueInfoProto* value, const std::string& name, const Tensor& tensor) {
  value->set_name(name);
  onnx::TypeProto::Tensor* type = value->mutable_type()->mutable_tensor_type();
  type->set_elem_type(data_type(tensor.dtype()));
  for (const std::int64_t size : tensor.shape()) {
    type->mutable_shape()->add_dim()->set_dim_value(size);
  }
}

void add_attribute(onnx::NodeProto* node, const std::string& name, const std::string& value) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::STRING);
  attribute->set_s(value);
}

std::string serialized_model(const Case& test_case, const Tensor& output, const Version& version) {
  onnx::ModelProto model;
  model.set_ir_version(version.format);
  model.set_producer_name("gridproof");
  onnx::OperatorSetIdProto* operators = model.add_opset_import();
  operators->set_domain("");
  operators->set_version(version.operators);
  onnx::GraphProto* graph = model.mutable_graph();
  graph->set_name("grid_sample");
  onnx::NodeProto* node = graph->add_node();
  node->set_op_type("GridSample");
  node->add_input("X");
  node->add_input("Grid");
  node->add_output("Y");
  // What the question leaves out is left out here: the defaults are the same.
  const Request& request = test_case.request;
  if (request.mode) add_attribute(node, "mode", mode_name(*request.mode, version));
  if (request.padding_mode) add_attribute(node, "padding_mode", *request.padding_mode);
  if (request.align_corners) {
    onnx::AttributeProto* attribute = node->add_attribute();
    attribute->set_name("align_corners");
    attribute->set_type(onnx::AttributeProto::INT);
    attribute->set_i(*request.align_corners ? 1 : 0);
  }
  describe_value(graph->add_input(), "X", test_case.input);
  describe_value(graph->add_input(), "Grid", test_case.grid);
  describe_value(graph->add_output(), "Y", output);
  return model.SerializeAsString();
}

}  // namespace

std::optional<NodeTest> node_test_of(const Case& test_case, const Answer& reference,
                                     Dialect dialect, std::span<const Admissible> admissible) {
  const auto* output = std::get_if<Tensor>(&reference);
  const std::optional<Options> options = resolve(test_case.request);
  if (output == nullptr || !options || output->element_count() == 0) return std::nullopt;
  const std::optional<Version> version = version_of(test_case, *options, dialect);
  if (!version) return std::nullopt;
  const std::vector<double> expected = output->values();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!is_narrow(admissible[i], expected[i])) return std::nullopt;
  }
  return NodeTest{.model = serialized_model(test_case, *output, *version),
                  .input = serialized_tensor(test_case.input, "X"),
                  .grid = serialized_tensor(test_case.grid, "Grid"),
                  .output = serialized_tensor(*output, "Y")};
}

}  // namespace gridproof::reports
