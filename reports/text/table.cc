#include "reports/text/table.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "reports/text/text.h"

namespace gridproof::reports {

std::string Painter::operator()(Paint paint, std::string_view text) const {
  static constexpr const char* codes[] = {"0", "1", "2", "31", "33", "32"};
  if (!enabled_ || paint == Paint::none) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(paint)], text);
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

}  // namespace gridproof::reports
