#include "reports/render/badge.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "reports/report/statistics.h"
#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

struct Badge {
  std::string label = "grid_sample";
  std::string message;
  std::string color;  // a name that shields.io knows
  std::string fill;   // the same for a picture
};

// Green is for subjects of which everything was judged and nothing is wrong.
Badge badge_of(const Report& report) {
  const Badge red = {.color = "red", .fill = "#c02f1d"};
  const Badge gray = {.color = "lightgrey", .fill = "#767676"};
  const auto saying = [](Badge badge, const std::string& message) {
    badge.message = message;
    return badge;
  };
  if (const std::int64_t findings = open_findings_of(report); findings > 0) {
    return saying(red, counted(findings, "finding"));
  }
  if (const auto broken = std::ssize(broken_waivers(report)); broken > 0) {
    return saying(red, counted(broken, "broken waiver"));
  }
  if (const auto biases = failing_biases_of(report); biases > 0) {
    return saying(red, counted(biases, "kind") + " with a bias");
  }
  if (!passes(report)) {
    const bool all_judged = std::ranges::all_of(report.subjects, [&](const SubjectEntry& subject) {
      return participation_of(report.result, subject.name).decided > 0;
    });
    if (!all_judged) return saying(gray, "not judged");
    if (!report.result.ended.empty()) return saying(gray, "ended early");
    return saying(gray, counted(untested_of(report), "clause") + " not tested");
  }
  std::string part;
  for (const SubjectEntry& subject : report.subjects) {
    const std::string one = part_of(participation_of(report.result, subject.name));
    if (!one.empty()) part = report.subjects.size() == 1 ? ": " + one : " in part";
  }
  if (const std::int64_t excused = excused_findings_of(report); excused > 0) {
    return {.message = fmt::format("{} known or waived{}", counted(excused, "finding"), part),
            .color = "yellow",
            .fill = "#8a6a00"};
  }
  if (!part.empty()) {
    return {.message = "conforms" + part, .color = "yellowgreen", .fill = "#5a7312"};
  }
  return {.message = "conforms", .color = "brightgreen", .fill = "#2e7d32"};
}

template <class T>
void set(pugi::xml_node node, const char* attribute, const T& value) {
  node.append_attribute(attribute).set_value(value);
}

void add_half(pugi::xml_node svg, const std::string& text, int left, int width,
              const std::string& fill) {
  pugi::xml_node box = svg.append_child("rect");
  set(box, "x", left);
  set(box, "width", width);
  set(box, "height", 20);
  set(box, "fill", fill.c_str());
  pugi::xml_node words = svg.append_child("text");
  set(words, "x", left + 6);
  set(words, "y", 14);
  set(words, "fill", "#fff");
  // Whatever the font, the words fill their box.
  set(words, "textLength", width - 12);
  words.text().set(text.c_str());
}

}  // namespace

std::string render_badge_json(const Report& report) {
  const Badge badge = badge_of(report);
  const nlohmann::ordered_json json = {{"schemaVersion", 1},
                                       {"label", badge.label},
                                       {"message", badge.message},
                                       {"color", badge.color}};
  return json.dump(2) + '\n';
}

std::string render_badge_svg(const Report& report) {
  const Badge badge = badge_of(report);
  const auto room = [](const std::string& text) {
    return 12 + 7 * static_cast<int>(width(text));  // of a letter in this size, about 7
  };
  const int label_room = room(badge.label);
  const int message_room = room(badge.message);
  const std::string whole = badge.label + ": " + badge.message;
  pugi::xml_document document;
  pugi::xml_node svg = document.append_child("svg");
  set(svg, "xmlns", "http://www.w3.org/2000/svg");
  set(svg, "width", label_room + message_room);
  set(svg, "height", 20);
  set(svg, "role", "img");
  set(svg, "aria-label", whole.c_str());
  set(svg, "font-family", "Verdana,DejaVu Sans,sans-serif");
  set(svg, "font-size", 11);
  svg.append_child("title").text().set(whole.c_str());
  add_half(svg, badge.label, 0, label_room, "#444");
  add_half(svg, badge.message, label_room, message_room, badge.fill);
  std::ostringstream text;
  document.save(text, "  ", pugi::format_indent | pugi::format_no_declaration, pugi::encoding_utf8);
  return text.str();
}

}  // namespace gridproof::reports
