#include "reports/waivers.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "fuzz/common_traits.h"
#include "reports/findings/text.h"
#include "reports/input_error.h"
#include "reports/text_file.h"

namespace gridproof::reports {
namespace {

// Reads one table, key by key, and says what is wrong with it and where.
class Reader {
 public:
  Reader(const toml::table& table, std::string where) : table_(table), where_(std::move(where)) {}

  [[noreturn]] void reject(const std::string& what, const toml::node* node = nullptr) const {
    const auto line = (node != nullptr ? node->source() : table_.source()).begin.line;
    throw InputError(fmt::format("{}:{}: {}", printable(where_, 200), line, printable(what, 300)));
  }

  // The node of a key, which is then known.
  const toml::node* take(const std::string& key) {
    known_.push_back(key);
    return table_.get(key);
  }

  template <class T>
  std::optional<T> value(const std::string& key, const std::string& expected) {
    const toml::node* const node = take(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value_exact<T>();
    if (!value) reject(key + ": expected " + expected, node);
    return value;
  }

  std::optional<double> number(const std::string& key) {
    const toml::node* const node = take(key);
    if (node == nullptr) return std::nullopt;
    const auto value = node->value<double>();
    if (!node->is_number() || !value || std::isnan(*value)) {
      reject(key + ": expected a number", node);
    }
    return value;
  }

  // One item or a list of them, each made by `parse`, which gives nothing for what it does not
  // know.
  template <class T, class Parse>
  std::vector<typename std::invoke_result_t<Parse, T>::value_type> list(const std::string& key,
                                                                        const std::string& expected,
                                                                        const Parse& parse) {
    std::vector<typename std::invoke_result_t<Parse, T>::value_type> items;
    const toml::node* const node = take(key);
    if (node == nullptr) return items;
    const auto add = [&](const toml::node& item) {
      const auto value = item.value_exact<T>();
      const auto parsed = value ? parse(*value) : std::nullopt;
      if (!parsed) {
        const auto text = item.value_exact<std::string>();
        const std::string given = text ? " is '" + printable(*text, 60) + '\'' : "";
        reject(key + given + ": expected " + expected + ", or a list of them", &item);
      }
      items.push_back(*parsed);
    };
    if (const toml::array* const array = node->as_array()) {
      for (const toml::node& item : *array) add(item);
      if (items.empty())
        reject(key + ": the list is empty; without the key anything is covered", node);
    } else {
      add(*node);
    }
    return items;
  }

  std::vector<std::string> texts(const std::string& key, const std::string& expected) {
    return list<std::string>(key, expected,
                             [](const std::string& text) { return std::optional(text); });
  }
  template <class Enum>
  std::vector<Enum> enums(const std::string& key) {
    std::vector<std::string> choices;
    for (const auto& [value, name] : names<Enum>) choices.emplace_back(name);
    return list<std::string>(key, alternatives(choices),
                             [](const std::string& text) { return parse<Enum>(text); });
  }
  // The same as text, as a caller of grid_sample writes it.
  template <class Enum>
  std::vector<std::string> names_of(const std::string& key) {
    std::vector<std::string> texts;
    for (const Enum value : enums<Enum>(key)) texts.emplace_back(name(value));
    return texts;
  }

  void nothing_else() const {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (std::ranges::find(known_, name) == known_.end()) {
        reject(fmt::format("unknown key '{}': expected {}", name, alternatives(known_)), &node);
      }
    }
  }

 private:
  const toml::table& table_;
  std::string where_;
  std::vector<std::string> known_;
};

Predicate read_predicate(Reader& reader, const std::string& where) {
  Predicate predicate;
  predicate.subjects = reader.texts("subject", "the name of a subject");
  predicate.clauses = reader.list<std::string>(
      "clause", "the name of a clause ('gridproof spec' lists them)", [](const std::string& text) {
        return find_clause(text) == nullptr ? std::nullopt : std::optional(text);
      });
  predicate.modes = reader.names_of<Mode>("mode");
  predicate.paddings = reader.names_of<Padding>("padding_mode");
  predicate.align_corners = reader.value<bool>("align_corners", "true or false");
  predicate.dtypes = reader.enums<Dtype>("dtype");
  predicate.ranks = reader.list<std::int64_t>("rank", "the rank of input", [](std::int64_t rank) {
    return rank >= 0 && rank <= max_rank ? std::optional(static_cast<int>(rank)) : std::nullopt;
  });
  if (const toml::node* const node = reader.take("coordinate")) {
    const toml::table* const table = node->as_table();
    if (table == nullptr)
      reader.reject("coordinate: expected { kind = …, above = …, up_to = … }", node);
    Reader coordinate(*table, where);
    predicate.kinds = coordinate.enums<CoordinateKind>("kind");
    predicate.above = coordinate.number("above").value_or(predicate.above);
    predicate.up_to = coordinate.number("up_to").value_or(predicate.up_to);
    if (!(predicate.above < predicate.up_to)) {
      reader.reject("coordinate: no number is above 'above' and at most 'up_to'", node);
    }
    coordinate.nothing_else();
  }
  return predicate;
}

Waiver read_waiver(const toml::table& table, const std::string& where) {
  Reader reader(table, where);
  Waiver waiver;
  const auto name = reader.value<std::string>("name", "text");
  if (!name || name->empty()) reader.reject("a waiver has no name");
  waiver.name = *name;
  waiver.reason = reader.value<std::string>("reason", "text").value_or("");
  if (waiver.reason.empty()) reader.reject("waiver '" + waiver.name + "' has no reason");
  waiver.link = reader.value<std::string>("link", "text").value_or("");
  const auto expires = reader.value<toml::date>("expires", "a day such as 2027-01-31");
  const bool permanent = reader.value<bool>("permanent", "true or false").value_or(false);
  if (expires.has_value() == permanent) {
    reader.reject("waiver '" + waiver.name +
                  "': expected either expires, a day such as 2027-01-31, or permanent = true");
  }
  if (expires) {
    waiver.expires =
        fmt::format("{:04}-{:02}-{:02}", expires->year, int{expires->month}, int{expires->day});
  }
  waiver.predicate = read_predicate(reader, where);
  if (const auto worst = reader.value<std::string>("worst", "the name of a verdict")) {
    const auto verdict = parse<Verdict>(*worst);
    if (!verdict || !is_finding(*verdict, true)) {
      reader.reject("worst: expected latitude, quality-warning, refused-wrongly, deviates or lost");
    }
    waiver.worst = *verdict;
  }
  waiver.most_share = reader.number("share").value_or(waiver.most_share);
  if (!(waiver.most_share > 0 && waiver.most_share <= 1)) {
    reader.reject("share: expected a number above 0, at most 1");
  }
  reader.nothing_else();
  if (waiver.predicate == Predicate{}) {
    reader.reject("waiver '" + waiver.name + "' covers everything: expected a clause, a mode, …");
  }
  return waiver;
}

// ---- Writing ----

// A basic string of TOML; what is no text in it is lost.
std::string quoted(const std::string& text) {
  std::string quoted = "\"";
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto [size, is_shown] = character_of(rest);
    const auto first = static_cast<unsigned char>(rest.front());
    if (first == '"' || first == '\\') {
      quoted += '\\';
      quoted += rest.front();
    } else if (is_shown) {
      quoted += rest.substr(0, size);
    } else if (first < 0x80) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(first));
    } else {
      quoted += "\xEF\xBF\xBD";  // U+FFFD itself
    }
    rest.remove_prefix(size);
  }
  return quoted + '"';
}

template <class List, class Text>
void add_list(std::string& toml, std::string_view key, const List& list, const Text& text_of) {
  if (list.empty()) return;
  std::string items;
  for (const auto& item : list) items += (items.empty() ? "" : ", ") + text_of(item);
  toml += fmt::format("{}{} = {}", toml.empty() ? "" : ", ", key,
                      list.size() == 1 ? items : '[' + items + ']');
}

// ---- Proposing ----

// A share that another seed does not exceed by chance: half of it and three standard deviations
// more, upwards to two digits.
double roomy(std::int64_t wrong, std::int64_t covered) {
  const auto count = static_cast<double>(wrong);
  const double share = (1.5 * count + 3 * std::sqrt(count) + 3) / static_cast<double>(covered);
  const double unit = std::pow(10, std::floor(std::log10(share)) - 1);
  return std::min(1.0, std::ceil(share / unit) * unit);
}

}  // namespace

std::vector<Waiver> parse_waivers(std::string_view text, const std::string& where) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw InputError(fmt::format("{}:{}: this is no TOML: {}", printable(where, 200),
                                 error.source().begin.line,
                                 printable(std::string(error.description()), 200)));
  }
  Reader reader(table, where);
  std::vector<Waiver> waivers;
  const toml::node* const node = reader.take("waiver");
  reader.nothing_else();
  if (node == nullptr) return waivers;
  const toml::array* const array = node->as_array();
  if (array == nullptr || !array->is_homogeneous<toml::table>()) {
    reader.reject("waiver: expected tables that start with [[waiver]]", node);
  }
  for (const toml::node& entry : *array) {
    waivers.push_back(read_waiver(*entry.as_table(), where));
    for (std::size_t i = 0; i + 1 < waivers.size(); ++i) {
      if (waivers[i].name == waivers.back().name) {
        Reader(*entry.as_table(), where)
            .reject("two waivers have the name '" + waivers[i].name + "'");
      }
    }
  }
  return waivers;
}

std::vector<Waiver> read_waivers(const std::string& file,
                                 const std::vector<SubjectEntry>& subjects) {
  constexpr std::size_t most = std::size_t{1} << 20U;
  std::vector<Waiver> waivers = parse_waivers(text_of_file(file, most), file);
  std::vector<std::string> known;
  for (const SubjectEntry& subject : subjects) known.push_back(subject.name);
  for (const Waiver& waiver : waivers) {
    for (const std::string& name : waiver.predicate.subjects) {
      if (std::ranges::find(known, name) != known.end()) continue;
      throw InputError(fmt::format(
          "{}: waiver '{}' is of '{}', who is not judged here: expected {}", printable(file, 200),
          printable(waiver.name, 100), printable(name, 100), alternatives(known)));
    }
  }
  return waivers;
}

std::string to_toml(const Predicate& predicate) {
  std::string toml;
  const auto text = [](const std::string& item) { return quoted(item); };
  const auto named = [](auto item) { return quoted(std::string(name(item))); };
  add_list(toml, "subject", predicate.subjects, text);
  add_list(toml, "clause", predicate.clauses, text);
  add_list(toml, "mode", predicate.modes, text);
  add_list(toml, "padding_mode", predicate.paddings, text);
  if (predicate.align_corners) {
    add_list(toml, "align_corners", std::vector<bool>{*predicate.align_corners},
             [](bool flag) { return std::string(flag ? "true" : "false"); });
  }
  add_list(toml, "dtype", predicate.dtypes, named);
  add_list(toml, "rank", predicate.ranks, [](int rank) { return std::to_string(rank); });
  std::string coordinate;
  add_list(coordinate, "kind", predicate.kinds, named);
  const auto add_bound = [&](std::string_view key, double bound) {
    coordinate += fmt::format("{}{} = {}", coordinate.empty() ? "" : ", ", key, bound);
  };
  if (predicate.above >= 0) add_bound("above", predicate.above);
  if (std::isfinite(predicate.up_to)) add_bound("up_to", predicate.up_to);
  if (!coordinate.empty()) {
    toml += fmt::format("{}coordinate = {{ {} }}", toml.empty() ? "" : ", ", coordinate);
  }
  return toml;
}

std::string to_toml(const Waiver& waiver) {
  std::string toml = "[[waiver]]\n";
  toml += "name = " + quoted(waiver.name) + '\n';
  toml += "reason = " + quoted(waiver.reason) + '\n';
  if (!waiver.link.empty()) toml += "link = " + quoted(waiver.link) + '\n';
  toml += waiver.expires.empty() ? "permanent = true\n" : "expires = " + waiver.expires + '\n';
  // One key a line, as people change them.
  const Predicate& all = waiver.predicate;
  Predicate only;
  const auto line = [&] {
    if (const std::string key = to_toml(only); !key.empty()) toml += key + '\n';
    only = {};
  };
  only.subjects = all.subjects, line();
  only.clauses = all.clauses, line();
  only.modes = all.modes, line();
  only.paddings = all.paddings, line();
  only.align_corners = all.align_corners, line();
  only.dtypes = all.dtypes, line();
  only.ranks = all.ranks, line();
  only.kinds = all.kinds, only.above = all.above, only.up_to = all.up_to, line();
  if (waiver.worst != Waiver{}.worst) {
    toml += "worst = " + quoted(std::string(name(waiver.worst))) + '\n';
  }
  if (waiver.most_share < 1) toml += fmt::format("share = {:.4g}\n", waiver.most_share);
  return toml;
}

std::vector<Waiver> propose_waivers(const CampaignResult& result, const std::string& expires) {
  std::vector<Waiver> waivers;
  // What was lost has no clause. Its waivers stand last, for the first that covers a sample counts.
  std::vector<Waiver> of_lost;
  for (const auto& [subject, counts] : result.traits) {
    std::set<std::string> clauses;
    for (const auto& [traits, count] : counts) {
      if (count.wrong > 0) clauses.insert(traits.clause);
    }
    for (const std::string& clause : clauses) {
      std::vector<Traits> wrong;
      CountedTraits right;
      std::int64_t failing = 0;
      for (const auto& [traits, count] : counts) {
        if (traits.clause == clause && count.wrong > 0) wrong.push_back(traits);
        if (traits.clause == clause) failing += count.wrong;
        if ((traits.clause == clause || clause.empty()) && count.right > 0)
          right.emplace_back(traits, count.right);
      }
      Verdict worst = Verdict::latitude;
      for (const Finding& finding : result.findings) {
        const bool is_under = std::ranges::count(finding.incidents, clause, &Incident::clause) > 0;
        if (finding.subject == subject && is_under) worst = std::max(worst, finding.verdict);
      }
      std::vector<Predicate> predicates = separating(wrong, right);
      double share = 1;
      if (predicates.empty()) {
        auto [predicate, rest] = tightest(wrong, right);
        predicates.push_back(std::move(predicate));
        share = roomy(failing, failing + rest);
      }
      for (std::size_t i = 0; i < predicates.size(); ++i) {
        Waiver waiver{.name = fmt::format("{} {}{}", subject, clause.empty() ? "lost" : clause,
                                          predicates.size() == 1 ? "" : fmt::format(" {}", i + 1)),
                      .predicate = std::move(predicates[i]),
                      .worst = worst,
                      .most_share = share,
                      .expires = expires};
        waiver.predicate.subjects = {subject};
        // A name that is none cannot be waived by it; its clause says what it is about.
        const auto is_unknown_mode = [](const std::string& mode) { return !parse<Mode>(mode); };
        const auto is_unknown_padding = [](const std::string& padding) {
          return !parse<Padding>(padding);
        };
        if (std::ranges::any_of(waiver.predicate.modes, is_unknown_mode))
          waiver.predicate.modes.clear();
        if (std::ranges::any_of(waiver.predicate.paddings, is_unknown_padding))
          waiver.predicate.paddings.clear();
        if (!clause.empty()) waiver.predicate.clauses = {clause};
        (clause.empty() ? of_lost : waivers).push_back(std::move(waiver));
      }
    }
  }
  std::ranges::move(of_lost, std::back_inserter(waivers));
  return waivers;
}

}  // namespace gridproof::reports
