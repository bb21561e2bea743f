#include "reports/text/terminal.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "reports/text/text.h"

namespace gridproof::reports {
namespace {

std::string duration_text(Progress::Seconds duration) {
  const auto seconds = static_cast<std::int64_t>(std::ceil(duration.count()));
  if (seconds < 100) return fmt::format("{} s", seconds);
  if (seconds < 6000) return fmt::format("{} min", (seconds + 59) / 60);
  return fmt::format("{:.1f} h", static_cast<double>(seconds) / 3600);
}

std::string rate_text(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.1f} M/s", per_second / 1e6);
  if (per_second >= 1e3) return fmt::format("{:.1f} k/s", per_second / 1e3);
  return fmt::format("{:.0f}/s", per_second);
}

}  // namespace

std::string Painter::operator()(Paint paint, std::string_view text) const {
  static constexpr const char* codes[] = {"0", "1", "2", "31", "33", "32"};
  if (!enabled_ || paint == Paint::none) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(paint)], text);
}

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

std::optional<int> columns_of_terminal(int descriptor) {
  winsize size{};
  if (!is_terminal(descriptor) || ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return std::nullopt;
  }
  return size.ws_col;
}

Table Table::turned() const {
  std::vector<Column> columns = {{columns_.front().heading}};
  for (const auto& row : rows_) columns.push_back({row.front().text, Align::right});
  Table table(std::move(columns));
  for (std::size_t i = 1; i < columns_.size(); ++i) {
    std::vector<Cell> cells = {{columns_[i].heading, Paint::dim}};
    for (const auto& row : rows_) cells.push_back(row[i]);
    table.add(std::move(cells));
  }
  return table;
}

std::string Table::text(const Painter& painter, std::size_t indent) const {
  std::vector<std::vector<Cell>> rows = rows_;
  for (std::vector<Cell>& row : rows) {
    for (Cell& cell : row) cell.text = printable(cell.text, cell.text.size());
  }
  if (std::ranges::any_of(columns_, [](const Column& c) { return !c.heading.empty(); })) {
    std::vector<Cell> headings;
    for (const Column& column : columns_) {
      headings.emplace_back(printable(column.heading), Paint::dim);
    }
    rows.insert(rows.begin(), std::move(headings));
  }
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width(row[i].text));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    std::size_t owed = 0;  // blanks are written only before more text
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t gap = widths[i] - width(row[i].text);
      const bool right = columns_[i].align == Align::right;
      if (right) owed += gap;
      if (!row[i].text.empty()) {
        line.append(std::exchange(owed, 0), ' ');
        line += painter(row[i].paint, row[i].text);
      }
      owed += (right ? 0 : gap) + 2;
    }
    text += line + '\n';
  }
  return text;
}

std::string Table::markdown() const {
  const auto text_of = [](const Cell& cell) {
    if (!cell.is_markdown) return gridproof::reports::markdown(cell.text);
    std::string formatted = cell.text;  // of which code may hold a bar
    for (std::size_t i = 0; (i = formatted.find('|', i)) != std::string::npos; i += 2) {
      formatted.insert(i, 1, '\\');
    }
    return formatted;
  };
  std::string text = "|";
  std::string rule = "|";
  for (const Column& column : columns_) {
    text += ' ' + text_of(column.heading) + " |";
    rule += column.align == Align::right ? " ---: |" : " --- |";
  }
  text += '\n' + rule + '\n';
  for (const auto& row : rows_) {
    text += '|';
    for (const Cell& cell : row) text += ' ' + text_of(cell) + " |";
    text += '\n';
  }
  return text;
}

Progress::Progress(std::ostream* out, std::optional<Seconds> budget,
                   std::function<Seconds()> elapsed)
    : out_(out), budget_(budget), elapsed_(std::move(elapsed)) {}

Progress::~Progress() {
  if (shown_) *out_ << "\r\x1b[K" << std::flush;
}

void Progress::update(std::int64_t done, std::int64_t total) {
  if (out_ == nullptr || done <= 0) return;
  const Seconds now = elapsed_();
  if (now < Seconds(1) || (shown_ && now - *shown_ < Seconds(0.2))) return;
  // What an earlier run has judged is there at once, and cases differ: the pace is that of the last
  // half a minute.
  constexpr Seconds stretch(15);
  if (now - last_.at >= stretch) before_ = std::exchange(last_, {now, done});
  const double rate =
      static_cast<double>(done - before_.done) / std::max(now - before_.at, Seconds(0.1)).count();
  std::optional<Seconds> left;
  if (total > 0 && rate > 0)
    left = Seconds(static_cast<double>(std::max<std::int64_t>(0, total - done)) / rate);
  if (budget_) {
    const Seconds of_budget = std::max(Seconds(0), *budget_ - now);
    left = left ? std::min(*left, of_budget) : of_budget;
  }
  if (!shown_ && left && now + *left <= Seconds(2)) return;
  shown_ = now;
  *out_ << "\r\x1b[K" << grouped(done);
  if (total > 0) *out_ << " of " << grouped(total);
  *out_ << " samples, " << rate_text(rate);
  if (left) *out_ << ", " << duration_text(*left) << " left";
  *out_ << std::flush;
}

}  // namespace gridproof::reports
