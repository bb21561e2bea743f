// An image, turned by a quarter: a user of the installed library.
#include <cstdio>
#include <vector>

#include "optimized/grid_sample.h"

int main() {
  constexpr int n = 4;
  std::vector<float> image(n * n);
  std::vector<float> grid(n * n * 2);
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      const int i = y * n + x;
      image[i] = static_cast<float>(i);
      grid[2 * i] = (2.0F * y + 1) / n - 1;      // where its x comes from
      grid[2 * i + 1] = 1 - (2.0F * x + 1) / n;  // and its y
    }
  }
  std::vector<float> turned(n * n);
  gridproof::grid_sample(gridproof::dense_view(image.data(), {1, 1, n, n}),
                         gridproof::dense_view(grid.data(), {1, n, n, 2}), {},
                         gridproof::dense_output(turned.data(), {1, 1, n, n}));
  for (int i = 0; i < n * n; ++i) std::printf("%3g%s", turned[i], i % n == n - 1 ? "\n" : "");
}
