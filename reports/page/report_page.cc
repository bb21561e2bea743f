#include "reports/page/report_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "oracle/exact/exact.h"
#include "reports/page/assets.h"
#include "reports/page/error_picture.h"
#include "reports/page/links.h"
#include "reports/page/markdown.h"
#include "reports/page/picture.h"

namespace gridproof::reports {
namespace {

constexpr std::size_t most_pictures = 200;  // of a page

// A part of report.md: a heading "### …", if it begins with one, and what stands below it.
struct Section {
  std::string heading;
  std::string text;
};

// Cut at the headings that stand outside of code.
std::vector<Section> sections_of(std::string_view markdown) {
  std::vector<Section> sections(1);
  std::string fence;
  while (!markdown.empty()) {
    const std::size_t end = std::min(markdown.find('\n'), markdown.size() - 1) + 1;
    const std::string_view line = markdown.substr(0, end);
    markdown.remove_prefix(end);
    const std::size_t ticks = std::min(line.find_first_not_of('`'), line.size());
    if (ticks >= 3 && fence.empty()) {
      fence = line.substr(0, ticks);
    } else if (!fence.empty() && line.starts_with(fence) && line.substr(ticks) == "\n") {
      fence.clear();
    } else if (fence.empty() && line.starts_with("### ")) {
      sections.push_back({.heading = std::string(line.substr(4, line.size() - 5)), .text = {}});
      continue;
    } else if (fence.empty() && line.starts_with("## ")) {
      sections.push_back({.heading = {}, .text = std::string(line)});
      continue;
    }
    sections.back().text += line;
  }
  return sections;
}

void replace_all(std::string& text, std::string_view part, std::string_view replacement) {
  if (part.empty()) return;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + replacement.size())) {
    text.replace(at, part.size(), replacement);
  }
}

// Markdown of a report as HTML: wide tables scroll by themselves, and clauses and questions lead to
// the pages of the specification, where these are known.
std::string page_of(std::string markdown) {
  const std::string site = site_address();
  replace_all(markdown, site.empty() ? "" : "](<" + site, "](<");  // or a folder is no target
  std::string html = html_of(markdown, [&](std::string_view name) {
    const std::string address =
        name.starts_with("question.html#q=") ? std::string(name) : address_of(name);
    return site.empty() || address.empty() ? "" : site + address;
  });
  replace_all(html, "<table>", "<div class=\"wide\" tabindex=\"0\"><table>");
  replace_all(html, "</table>", "</table></div>");
  return html;
}

std::string picture_of(const Incident& incident) {
  const Case& test_case = incident.reduced;
  if (incident.backward || exact::refusal_of(test_case) || !test_case.input.is_copyable() ||
      !test_case.grid.is_copyable() || incident.sample >= sample_count(test_case) ||
      incident.channel >= test_case.input.size(1)) {
    return "";
  }
  const Element element{.sample = incident.sample, .channel = incident.channel};
  return "<figure class=\"drawing\">" + picture(test_case, element) +
         error_picture(test_case, incident.answer, element) + "</figure>";
}

std::string folded(const Section& section, const Finding& finding, bool with_picture) {
  const std::string heading =
      html_of("### " + section.heading, [](std::string_view) { return ""; });
  return fmt::format(
      R"(<details class="finding" data-subject="{}" data-about="{}" data-verdict="{}"><summary>{}</summary>{}{}</details>
)",
      escaped(finding.subject), escaped(finding.clause), name(finding.verdict), heading,
      page_of(section.text), with_picture ? picture_of(finding.incidents.front()) : "");
}

}  // namespace

std::string single_file(std::string_view name, const std::string& title, const std::string& body) {
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{0}</title>
<link rel="icon" href="data:,">
<style>{2}</style>
</head>
<body data-page="{1}.html" class="{1}">
<main id="main">
{3}
</main>
<script>{4}</script>
</body>
</html>
)",
      escaped(title), name, page_asset("style.css"), body, page_asset("site.js"));
}

std::string report_page(const FullReport& report, std::string_view markdown) {
  std::string body;
  std::size_t number = 0;
  bool is_open = false;  // whether the list of findings is
  const auto end_list = [&] {
    if (is_open) body += "</div>\n";
    is_open = false;
  };
  for (const Section& section : sections_of(markdown)) {
    const std::size_t findings = report.findings.size();
    if (section.heading.empty() || number >= findings + report.remarks.size()) {
      end_list();
      const std::string heading = section.heading.empty() ? "" : "### " + section.heading + '\n';
      body += page_of(heading + section.text);
      continue;
    }
    if (!is_open) {
      if (number == 0) {
        body +=
            R"(<form class="filter"><label>Only those with <input type="search" name="words" placeholder="coord.nan -waived"></label> <output></output></form>)";
      }
      body += "<div class=\"findings\">\n";
      is_open = true;
    }
    const bool is_finding = number < findings;
    body += folded(
        section,
        is_finding ? report.result.findings[number] : report.result.remarks[number - findings],
        number < most_pictures);
    ++number;
  }
  end_list();
  return single_file("report", "gridproof: " + outcome_of(report), body);
}

}  // namespace gridproof::reports
