//===- Pool.h - a thread pool for the length of a test ---------*- C++ -*-===//
#ifndef EDGE_TEST_RUNTIME_POOL_H
#define EDGE_TEST_RUNTIME_POOL_H

extern "C" {
#include "thread_pool.h"
}

#include <gtest/gtest.h>

struct Pool {
  edge_thread_pool *pool = nullptr;

  explicit Pool(uint32_t threads) {
    edge_message message;
    EXPECT_EQ(edge_thread_pool_create(threads, &pool, &message), EDGE_OK);
  }
  ~Pool() { edge_thread_pool_destroy(pool); }
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;
};

#endif // EDGE_TEST_RUNTIME_POOL_H
