// What an explanation of a value and one of a gradient have in common: its lines, and the way of a
// sample along one axis, from the coordinate to the taps. Tested by explain_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "reference/semantics/trace.h"
#include "reports/text/table.h"

namespace gridproof::reports {

// A text that grows.
class AxisExplanation {
 public:
  AxisExplanation(semantics::Trace trace, const Painter& painter)
      : trace_(std::move(trace)), options_(trace_.axes.front().axis.options), painter_(painter) {}

  void heading(const std::string& text);
  // A label with text that may have several lines.
  void entry(std::string_view label, std::string_view text, std::string_view clause = "");
  void table_of(const Table& table);
  void remark(std::string_view text);
  void blank_line() { out_ += '\n'; }
  void describe_axis(const semantics::TracedAxis& a);
  std::string take() { return std::move(out_); }

  [[nodiscard]] const semantics::Trace& trace() const { return trace_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const Painter& painter() const { return painter_; }
  // A number of the trace.
  [[nodiscard]] std::string number(double value) const;
  static std::string whole(std::int64_t index);

 private:
  void describe_position(const semantics::TracedAxis& a);
  void describe_padding(const semantics::TracedAxis& a);
  void describe_reflection(const semantics::TracedAxis& a);
  void describe_taps(const semantics::TracedAxis& a);

  semantics::Trace trace_;
  Options options_;
  Painter painter_;
  std::string out_;
};

}  // namespace gridproof::reports
