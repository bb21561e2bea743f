#include "oracle/subjects/serve/guarded.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "reference/contract/dtype.h"

namespace gridproof {
namespace {

std::byte read(const std::byte* address) { return *const_cast<const volatile std::byte*>(address); }

TEST(Guarded, IsUsableToTheLastByteAndNoFurther) {
  GuardedPool pool;
  for (const std::size_t bytes : {1UL, 8UL, 4095UL, 4096UL, 4097UL, 1000003UL}) {
    const auto storage = pool.allocate(bytes);
    std::memset(storage.get(), 1, bytes);
    EXPECT_EQ(read(storage.get() + bytes - 1), std::byte{1});
    EXPECT_DEATH(read(storage.get() + bytes), "") << bytes;
  }
}

TEST(Guarded, NoStorageMayNotBeReadAtAll) {
  GuardedPool pool;
  const auto storage = pool.allocate(0);
  EXPECT_DEATH(read(storage.get()), "");
  EXPECT_DEATH(read(storage.get() - 1), "");
}

TEST(Guarded, BeforeTheBeginningAreNansAndThenNothing) {
  GuardedPool pool;
  const auto storage = pool.allocate(4000);
  visit(Dtype::f32, [&]<class T>(T) {
    T before;
    std::memcpy(&before, storage.get() - sizeof(T), sizeof(T));
    EXPECT_TRUE(std::isnan(to_double(before)));
  });
  EXPECT_DEATH(read(storage.get() - 97), "");
}

TEST(Guarded, ABlockThatIsUsedAgainIsGuardedAsTightly) {
  GuardedPool pool;
  std::set<const std::byte*> ends;
  for (const std::size_t bytes : {12000UL, 8300UL, 16000UL, 9000UL}) {
    const auto storage = pool.allocate(bytes);
    EXPECT_EQ(read(storage.get() - 1), std::byte{0xff}) << bytes;
    EXPECT_DEATH(read(storage.get() - 4096), "") << bytes;
    EXPECT_DEATH(read(storage.get() + bytes), "") << bytes;
    std::memset(storage.get(), 0, bytes);
    ends.insert(storage.get() + bytes);
  }
  EXPECT_EQ(ends.size(), 1U);  // it was the same block each time
}

TEST(Guarded, TwoAtATimeAreApartAndOutliveThePool) {
  std::vector<std::shared_ptr<std::byte[]>> storages;
  {
    GuardedPool pool;
    for (int i = 0; i < 8; ++i) storages.push_back(pool.allocate(64));
  }
  for (std::size_t i = 0; i < storages.size(); ++i) {
    std::memset(storages[i].get(), static_cast<int>(i), 64);
  }
  for (std::size_t i = 0; i < storages.size(); ++i) EXPECT_EQ(storages[i][63], std::byte(i));
}

}  // namespace
}  // namespace gridproof
