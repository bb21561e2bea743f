#include "reports/vectors/onnx_node.h"

#include <algorithm>
#include <cmath>
#include <protozero/pbf_builder.hpp>
#include <utility>

namespace gridproof::reports {
namespace {

// Half of what onnx.backend.test grants, because NumPy rounds its comparison in the dtype itself.
constexpr double relative = 0.5e-3;
constexpr double absolute = 0.5e-7;

// The numbers of onnx.proto, in the order in which they are written.
using Tag = protozero::pbf_tag_type;
enum class TensorField : Tag { dims = 1, data_type = 2, name = 8, raw_data = 9 };
enum class DimensionField : Tag { dim_value = 1 };
enum class ShapeField : Tag { dim = 1 };
enum class TensorTypeField : Tag { elem_type = 1, shape = 2 };
enum class TypeField : Tag { tensor_type = 1 };
enum class ValueField : Tag { name = 1, type = 2 };
enum class AttributeField : Tag { name = 1, i = 3, s = 4, type = 20 };
enum class NodeField : Tag { input = 1, output = 2, op_type = 4, attribute = 5 };
enum class GraphField : Tag { node = 1, name = 2, input = 11, output = 12 };
enum class OperatorsField : Tag { domain = 1, version = 2 };
enum class ModelField : Tag { ir_version = 1, producer_name = 2, graph = 7, opset_import = 8 };
// AttributeProto.AttributeType
constexpr std::int32_t integer = 2;
constexpr std::int32_t string = 3;

template <class Field>
using Message = protozero::pbf_builder<Field>;

// TensorProto.DataType
std::int32_t data_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::f16:
      return 10;
    case Dtype::bf16:
      return 16;
    case Dtype::f32:
      return 1;
    case Dtype::f64:
      return 11;
    case Dtype::i32:
      break;
  }
  return 0;
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
  std::string bytes;
  Message<TensorField> message(bytes);
  for (const std::int64_t size : tensor.shape()) message.add_int64(TensorField::dims, size);
  message.add_int32(TensorField::data_type, data_type(tensor.dtype()));
  message.add_string(TensorField::name, name);
  const Tensor dense = tensor.contiguous();
  message.add_bytes(TensorField::raw_data,  // little-endian, as this machine is
                    reinterpret_cast<const char*>(dense.storage()),
                    static_cast<std::size_t>(dense.element_count()) * size_of(dense.dtype()));
  return bytes;
}

void add_value(Message<GraphField>& graph, GraphField field, const std::string& name,
               const Tensor& tensor) {
  Message<ValueField> value(graph, field);
  value.add_string(ValueField::name, name);
  Message<TypeField> type(value, ValueField::type);
  Message<TensorTypeField> tensor_type(type, TypeField::tensor_type);
  tensor_type.add_int32(TensorTypeField::elem_type, data_type(tensor.dtype()));
  Message<ShapeField> shape(tensor_type, TensorTypeField::shape);
  for (const std::int64_t size : tensor.shape()) {
    Message<DimensionField>(shape, ShapeField::dim).add_int64(DimensionField::dim_value, size);
  }
}

void add_attribute(Message<NodeField>& node, const std::string& name, const std::string& value) {
  Message<AttributeField> attribute(node, NodeField::attribute);
  attribute.add_string(AttributeField::name, name);
  attribute.add_string(AttributeField::s, value);
  attribute.add_int32(AttributeField::type, string);
}
void add_attribute(Message<NodeField>& node, const std::string& name, bool value) {
  Message<AttributeField> attribute(node, NodeField::attribute);
  attribute.add_string(AttributeField::name, name);
  attribute.add_int64(AttributeField::i, value ? 1 : 0);
  attribute.add_int32(AttributeField::type, integer);
}

void add_node(Message<GraphField>& graph, const Request& request, const Version& version) {
  Message<NodeField> node(graph, GraphField::node);
  node.add_string(NodeField::input, "X");
  node.add_string(NodeField::input, "Grid");
  node.add_string(NodeField::output, "Y");
  node.add_string(NodeField::op_type, "GridSample");
  // What the question leaves out is left out here: the defaults are the same.
  if (request.mode) add_attribute(node, "mode", mode_name(*request.mode, version));
  if (request.padding_mode) add_attribute(node, "padding_mode", *request.padding_mode);
  if (request.align_corners) add_attribute(node, "align_corners", *request.align_corners);
}

std::string serialized_model(const Case& test_case, const Tensor& output, const Version& version) {
  std::string bytes;
  Message<ModelField> model(bytes);
  model.add_int64(ModelField::ir_version, version.format);
  model.add_string(ModelField::producer_name, "gridproof");
  {
    Message<GraphField> graph(model, ModelField::graph);
    add_node(graph, test_case.request, version);
    graph.add_string(GraphField::name, "grid_sample");
    add_value(graph, GraphField::input, "X", test_case.input);
    add_value(graph, GraphField::input, "Grid", test_case.grid);
    add_value(graph, GraphField::output, "Y", output);
  }
  Message<OperatorsField> operators(model, ModelField::opset_import);
  operators.add_string(OperatorsField::domain, "");
  operators.add_int64(OperatorsField::version, version.operators);
  operators.commit();
  return bytes;
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
