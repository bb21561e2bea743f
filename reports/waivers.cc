#include "reports/waivers.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <utility>

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
      if (!parsed) reject(key + ": expected " + expected + ", or a list of them", &item);
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
  predicate.modes = reader.texts("mode", "text");
  predicate.paddings = reader.texts("padding_mode", "text");
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
      quoted += "\\uFFFD";
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

constexpr unsigned attributes = 6;
enum Attribute : unsigned {
  of_mode,
  of_padding,
  of_align_corners,
  of_dtype,
  of_rank,
  of_coordinate
};

std::string value_of(const Traits& traits, unsigned attribute) {
  switch (attribute) {
    case of_mode:
      return traits.mode;
    case of_padding:
      return traits.padding;
    case of_align_corners:
      return traits.align_corners ? "true" : "false";
    case of_dtype:
      return std::string(name(traits.dtype));
    case of_rank:
      return std::to_string(traits.rank);
    default:
      return std::string(traits.coordinate);
  }
}

template <class T>
void add_once(std::vector<T>& list, const T& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

// The tightest predicate over these attributes that covers all of `traits`.
Predicate covering(const std::vector<Traits>& traits, unsigned mask) {
  Predicate predicate;
  const auto has = [mask](Attribute attribute) { return (mask >> attribute & 1U) != 0; };
  std::set<bool> flags;
  bool any_not_finite = false;
  double up_to = -1;
  double above = std::numeric_limits<double>::infinity();
  for (const Traits& one : traits) {
    if (has(of_mode)) add_once(predicate.modes, one.mode);
    if (has(of_padding)) add_once(predicate.paddings, one.padding);
    if (has(of_dtype)) add_once(predicate.dtypes, one.dtype);
    if (has(of_rank)) add_once(predicate.ranks, one.rank);
    flags.insert(one.align_corners);
    if (!has(of_coordinate)) continue;
    if (const auto kind = parse<CoordinateKind>(one.coordinate)) {
      any_not_finite = true;
      add_once(predicate.kinds, *kind);
      continue;
    }
    add_once(predicate.kinds, CoordinateKind::finite);
    const auto place =
        std::ranges::find(coordinate_classes, one.coordinate, &CoordinateClass::name);
    up_to = std::max(up_to, place->up_to);
    above = std::min(above, place == coordinate_classes.begin() ? -1 : std::prev(place)->up_to);
  }
  if (has(of_align_corners) && flags.size() == 1) predicate.align_corners = *flags.begin();
  if (has(of_coordinate) && !any_not_finite) {
    predicate.above = above;
    if (up_to < std::numeric_limits<double>::max()) predicate.up_to = up_to;
  }
  return predicate;
}

bool covers(const Predicate& predicate, const Traits& traits) {
  const auto admits = [](const auto& list, const auto& item) {
    return list.empty() || std::ranges::find(list, item) != list.end();
  };
  if (!admits(predicate.modes, traits.mode) || !admits(predicate.paddings, traits.padding) ||
      !admits(predicate.dtypes, traits.dtype) || !admits(predicate.ranks, traits.rank) ||
      predicate.align_corners.value_or(traits.align_corners) != traits.align_corners) {
    return false;
  }
  if (const auto kind = parse<CoordinateKind>(traits.coordinate))
    return admits(predicate.kinds, *kind);
  const double bound =
      std::ranges::find(coordinate_classes, traits.coordinate, &CoordinateClass::name)->up_to;
  return admits(predicate.kinds, CoordinateKind::finite) && bound > predicate.above &&
         (bound <= predicate.up_to || std::isinf(predicate.up_to));
}

using Counted = std::vector<std::pair<Traits, std::int64_t>>;

// The predicate with the fewest keys of those that cover all of `wrong` and the least of `right`,
// with how much of `right` that is.
std::pair<Predicate, std::int64_t> tightest(const std::vector<Traits>& wrong,
                                            const Counted& right) {
  const auto covered = [&](const Predicate& predicate) {
    std::int64_t sum = 0;
    for (const auto& [traits, count] : right) {
      if (covers(predicate, traits)) sum += count;
    }
    return sum;
  };
  constexpr unsigned all = (1U << attributes) - 1;
  const std::int64_t least = covered(covering(wrong, all));
  for (int keys = 0; keys < static_cast<int>(attributes); ++keys) {
    for (unsigned mask = 0; mask < all; ++mask) {
      if (std::popcount(mask) != keys) continue;
      Predicate predicate = covering(wrong, mask);
      if (covered(predicate) == least) return {std::move(predicate), least};
    }
  }
  return {covering(wrong, all), least};
}

// Predicates that together cover `wrong` and nothing of `right`: one if one can, else one for each
// value of the attribute that needs the fewest; empty if that does not help either.
std::vector<Predicate> separating(const std::vector<Traits>& wrong, const Counted& right) {
  if (auto [one, rest] = tightest(wrong, right); rest == 0) return {std::move(one)};
  std::vector<Predicate> best;
  for (unsigned attribute = 0; attribute < attributes; ++attribute) {
    std::map<std::string, std::vector<Traits>> parts;
    for (const Traits& one : wrong) parts[value_of(one, attribute)].push_back(one);
    std::vector<Predicate> predicates;
    for (const auto& [value, part] : parts) {
      if (auto [one, rest] = tightest(part, right); rest == 0) predicates.push_back(std::move(one));
    }
    if (predicates.size() == parts.size() && (best.empty() || predicates.size() < best.size())) {
      best = std::move(predicates);
    }
  }
  return best;
}

// A share that another seed does not exceed by chance: a quarter and three standard deviations
// more, upwards to two digits.
double roomy(std::int64_t wrong, std::int64_t covered) {
  const auto count = static_cast<double>(wrong);
  const double share = (1.25 * count + 3 * std::sqrt(count) + 3) / static_cast<double>(covered);
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

std::vector<Waiver> read_waivers(const std::string& file) {
  constexpr std::size_t most = std::size_t{1} << 20U;
  return parse_waivers(text_of_file(file, most), file);
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
      Counted right;
      std::int64_t failing = 0;
      for (const auto& [traits, count] : counts) {
        if (traits.clause == clause && count.wrong > 0) wrong.push_back(traits);
        if (traits.clause == clause) failing += count.wrong;
        if ((traits.clause == clause || clause.empty()) && count.right > 0)
          right.emplace_back(traits, count.right);
      }
      Verdict worst = Verdict::latitude;
      for (const Finding& finding : result.findings) {
        if (finding.subject == subject && finding.clause == clause)
          worst = std::max(worst, finding.verdict);
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
        if (!clause.empty()) waiver.predicate.clauses = {clause};
        (clause.empty() ? of_lost : waivers).push_back(std::move(waiver));
      }
    }
  }
  std::ranges::move(of_lost, std::back_inserter(waivers));
  return waivers;
}

}  // namespace gridproof::reports
