// Tables of aligned columns, and colors for whoever reads them on a terminal. Tested by
// table_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gridproof::reports {

enum class Paint : std::uint8_t { none, bold, dim, red, yellow, green };

// Colors, where they are wanted.
class Painter {
 public:
  Painter() = default;  // none
  explicit Painter(bool enabled) : enabled_(enabled) {}
  std::string operator()(Paint paint, std::string_view text) const;

 private:
  bool enabled_ = false;
};

// Rows of cells, whose text may be anybody's: it is escaped here. The same table is plain text or
// Markdown.
class Table {
 public:
  enum class Align : std::uint8_t { left, right };
  struct Column {
    std::string heading;
    Align align = Align::left;
  };
  struct Cell {
    std::string text;
    Paint paint = Paint::none;
    bool is_markdown = false;  // already: `text` is no foreign text, and is for markdown() alone
    Cell(std::string what, Paint how = Paint::none)  // NOLINT(google-explicit-constructor)
        : text(std::move(what)), paint(how) {}
    Cell(const char* what) : text(what) {}  // NOLINT(google-explicit-constructor)
    static Cell formatted(std::string markdown) {
      Cell cell(std::move(markdown));
      cell.is_markdown = true;
      return cell;
    }
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // A row has a cell for each column.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }

  // Rows as columns and columns as rows; what was a heading is dim, and all but the first column
  // stand to the right.
  [[nodiscard]] Table turned() const;

  // Each line indented by `indent`; the headings, where there are any, dimmed.
  [[nodiscard]] std::string text(const Painter& painter, std::size_t indent = 0) const;
  [[nodiscard]] std::string markdown() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace gridproof::reports
