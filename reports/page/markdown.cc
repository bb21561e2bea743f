#include "reports/page/markdown.h"

#include <fmt/core.h>
#include <md4c-html.h>

#include <algorithm>
#include <pugixml.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "reference/contract/foreign_text.h"

namespace gridproof::reports {
namespace {

// The XHTML of md4c, which knows neither names nor addresses.
std::string plain_html_of(std::string_view markdown) {
  const std::string text = valid_text(markdown);
  std::string html;
  const auto append = [](const MD_CHAR* part, MD_SIZE size, void* out) {
    static_cast<std::string*>(out)->append(part, size);
  };
  if (md_html(text.data(), static_cast<MD_SIZE>(text.size()), append, &html,
              MD_FLAG_TABLES | MD_FLAG_NOHTML, MD_HTML_FLAG_XHTML) != 0) {
    throw std::runtime_error("md4c has no memory for this text");
  }
  return html;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The "coord.nan" of a text that begins with "[coord.nan]"; empty if it begins otherwise.
std::string_view name_at(std::string_view text) {
  text = text.substr(0, 80);  // no name is as long
  const std::size_t end = text.find(']');
  if (end == std::string_view::npos) return {};
  const std::string_view name = text.substr(1, end - 1);
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view concept_name = name.substr(0, dot);
  const std::string_view rule = name.substr(dot + 1);
  const bool is_name =
      !concept_name.empty() && is_lower(concept_name.front()) && !rule.empty() &&
      rule.front() != '-' &&
      std::ranges::all_of(concept_name,
                          [](char c) { return is_lower(c) || is_digit(c) || c == '_'; }) &&
      std::ranges::all_of(rule, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
  return is_name ? name : std::string_view{};
}

// Where a link may lead; empty if nowhere.
std::string target_of(std::string_view href, const AddressOf& address_of) {
  if (href.starts_with("https://") || href.starts_with("http://")) return std::string(href);
  const std::size_t colon = href.find(':');
  const bool has_scheme = colon != std::string_view::npos && colon < href.find_first_of("/?#");
  return has_scheme ? "" : address_of(href);
}

// Writes the elements of md4c with names and links resolved. The nesting may be deep, so there is
// no recursion.
class Writer {
 public:
  explicit Writer(const AddressOf& address_of) : address_of_(address_of) {}

  std::string write(const pugi::xml_node& root) {
    for (pugi::xml_node node = root.first_child(); node;) {
      enter(node);
      if (node.first_child()) {
        node = node.first_child();
        continue;
      }
      leave(node);
      while (!node.next_sibling() && node.parent() != root) {
        node = node.parent();
        leave(node);
      }
      node = node.next_sibling();
    }
    return std::move(html_);
  }

 private:
  void enter(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    if (name.empty()) {
      html_ += verbatim_ == 0 ? with_links(node.value(), address_of_) : escaped(node.value());
      return;
    }
    verbatim_ += is_verbatim(name) ? 1 : 0;
    if (name == "img") {
      html_ += escaped(node.attribute("alt").value());
    } else if (name == "a") {
      const std::string target = target_of(node.attribute("href").value(), address_of_);
      links_.push_back(!target.empty());
      if (!target.empty()) open(name, node, fmt::format(" href=\"{}\"", escaped(target)));
    } else {
      open(name, node, "");
    }
  }
  void leave(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    verbatim_ -= is_verbatim(name) ? 1 : 0;
    bool is_written = !name.empty() && name != "img" && !is_void(name);
    if (name == "a") {
      is_written = links_.back();
      links_.pop_back();
    }
    if (is_written) html_ += fmt::format("</{}>", name);
  }
  void open(std::string_view name, const pugi::xml_node& node, const std::string& link) {
    html_ += fmt::format("<{}{}", name, link);
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      if (std::string_view(attribute.name()) == "href") continue;
      html_ += fmt::format(" {}=\"{}\"", attribute.name(), escaped(attribute.value()));
    }
    html_ += is_void(name) ? " />" : ">";
  }
  static bool is_verbatim(std::string_view name) { return name == "code" || name == "a"; }
  // HTML knows these elements without an end, and all others with one.
  static bool is_void(std::string_view name) { return name == "br" || name == "hr"; }

  const AddressOf& address_of_;
  std::string html_;
  int verbatim_ = 0;         // code and links that are open
  std::vector<bool> links_;  // which of the open links are written
};

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : valid_text(text)) {
    switch (c) {
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '&':
        html += "&amp;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\'':
        html += "&#39;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string with_links(std::string_view text, const AddressOf& address_of) {
  std::string html;
  std::size_t written = 0;
  for (std::size_t at = text.find('['); at != std::string_view::npos; at = text.find('[', at + 1)) {
    const std::string_view name = name_at(text.substr(at));
    const std::string address = name.empty() ? "" : address_of(name);
    if (address.empty()) continue;
    html += escaped(text.substr(written, at - written));
    html += fmt::format("<a class=\"clause\" href=\"{}\">[{}]</a>", escaped(address), name);
    written = at + name.size() + 2;
  }
  return html + escaped(text.substr(written));
}

std::string html_of(std::string_view markdown, const AddressOf& address_of) {
  const std::string plain = plain_html_of(markdown);
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(
      plain.data(), plain.size(),
      pugi::parse_fragment | pugi::parse_escapes | pugi::parse_ws_pcdata, pugi::encoding_utf8);
  // md4c 0.4.8 nests the elements of _[](_) wrongly: such a text stays as it is.
  if (!parsed) return fmt::format("<p>{}</p>\n", with_links(markdown, address_of));
  return Writer(address_of).write(document);
}

}  // namespace gridproof::reports
