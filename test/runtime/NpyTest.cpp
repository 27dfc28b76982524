// The .npy reader: what NumPy writes is read, anything else is refused without
// reading out of bounds (the address checker watches), and what we write comes
// back.

extern "C" {
#include "npy.h"
#include "tensors.h"
}

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <unistd.h>
#include <vector>

using testing::HasSubstr;

namespace {

/// A file of `version` with the dict `dict` and `payload` after it.
std::string npyFile(const std::string &dict, const std::string &payload,
                    int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  const size_t length = dict.size() + 1;
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += static_cast<char>(length >> (8 * i) & 0xff);
  return bytes + dict + "\n" + payload;
}

std::string dictOf(const std::string &descr, const std::string &shape,
                   const std::string &order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order +
         ", 'shape': " + shape + ", }";
}

edge_status parse(const std::string &bytes, npy_header &header,
                  edge_message &message) {
  // An exact copy on the heap, so that one byte too far is noticed.
  std::vector<uint8_t> copy(bytes.begin(), bytes.end());
  const size_t size = std::min<size_t>(copy.size(), NPY_MAX_HEADER_BYTES);
  return npy_parse_header(copy.data(), size, copy.size(), &header, &message);
}

/// A file that lives as long as this object.
struct TemporaryFile {
  std::string path;

  explicit TemporaryFile(const std::string &bytes) {
    char name[] = "/tmp/edge-npy-test-XXXXXX";
    int file = mkstemp(name);
    EXPECT_GE(file, 0);
    close(file);
    path = name;
    std::ofstream(path, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { unlink(path.c_str()); }
  TemporaryFile(const TemporaryFile &) = delete;
  TemporaryFile &operator=(const TemporaryFile &) = delete;
};

TEST(Npy, ReadsEveryVersion) {
  for (int version : {1, 2, 3}) {
    npy_header header;
    edge_message message;
    ASSERT_EQ(
        parse(npyFile(dictOf("<f4", "(2, 3)"), std::string(24, 'x'), version),
              header, message),
        EDGE_OK)
        << message.text;
    EXPECT_EQ(header.kind, 'f');
    EXPECT_EQ(header.item_bytes, 4);
    EXPECT_EQ(header.rank, 2u);
    EXPECT_EQ(header.shape[1], 3);
    EXPECT_EQ(header.item_count, 6u);
  }
}

TEST(Npy, ReadsUnusualButCorrectHeaders) {
  const struct {
    const char *dict;
    size_t bytes;
  } cases[] = {
      {"{'descr': '<f8', 'fortran_order': False, 'shape': ()}", 8},
      {"{'shape': (7,), 'fortran_order': True, 'descr': '|i1'}  ", 7},
      {"{\"descr\":\"|b1\",\"fortran_order\":False,\"shape\":(2,2,)}", 4},
      {"{'descr': '>u2', 'fortran_order': False, 'shape': (3L, 1L), }", 6},
      {"{'descr': '=i8', 'fortran_order': False, 'shape': (1, 2), }", 16},
      {"{'descr': '<V2', 'fortran_order': False, 'shape': (4,), }", 8},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9), }", 0},
      {"{'descr': '<f4', 'fortran_order': False, "
       "'shape': (1000000, 0, 1000000)}",
       0},
  };
  for (const auto &c : cases) {
    npy_header header;
    edge_message message;
    EXPECT_EQ(
        parse(npyFile(c.dict, std::string(c.bytes, 'x')), header, message),
        EDGE_OK)
        << c.dict << ": " << message.text;
  }
}

TEST(Npy, RefusesMalformedFiles) {
  const std::string good = npyFile(dictOf("<f4", "(2,)"), "12345678");
  std::string badMagic = good, badVersion = good, longHeader = good;
  badMagic[1] = 'M';
  badVersion[6] = 4;
  longHeader[9] = 0x7f;
  std::vector<std::string> files = {
      "",
      "\x93NUMPY",
      good.substr(0, 9),
      badMagic,
      badVersion,
      longHeader,
      good + "x",                      // more than the shape says
      good.substr(0, good.size() - 1), // less
      npyFile("", ""),
      npyFile("{}", ""),
      npyFile("{", ""),
      npyFile("[]", ""),
  };
  const char *dicts[] = {
      "{'descr': '<f4', 'fortran_order': False}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}",
      "{'descr': '<f4', 'descr': '<f4', 'shape': (2,)}",
      "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
      "{'descr': '<f4', 'fortran_order': False, "
      "'shape': (99999999999999999999,)}",
      "{'descr': '<f4', 'fortran_order': False, "
      "'shape': (4294967296, 4294967296)}",
      "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f1', 'fortran_order': False, 'shape': (8,)}",
      "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<f4, 'fortran_order': False, 'shape': (2,)}",
      "{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}",
  };
  for (const char *dict : dicts)
    files.push_back(npyFile(dict, "12345678"));
  std::string manyDimensions = "(";
  for (int i = 0; i < 33; ++i)
    manyDimensions += "1, ";
  files.push_back(npyFile(dictOf("<f8", manyDimensions + ")"), "12345678"));
  for (const std::string &file : files) {
    npy_header header;
    edge_message message = {};
    EXPECT_EQ(parse(file, header, message), EDGE_ERROR_INVALID_ARGUMENT)
        << file;
    EXPECT_STRNE(message.text, "");
  }
}

TEST(Npy, RefusesAHeaderBeyondTheLimit) {
  const std::string dict =
      dictOf("<f4", "(2,)") + std::string(NPY_MAX_HEADER_BYTES, ' ');
  npy_header header;
  edge_message message;
  EXPECT_EQ(parse(npyFile(dict, "12345678", 2), header, message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(message.text, HasSubstr("too long"));
}

// A fixed number of mutations of correct headers: the parser may accept or
// refuse but must stay in bounds, and what it accepts must be consistent.
TEST(Npy, SurvivesMutations) {
  std::mt19937 random(20260101);
  const std::vector<std::string> seeds = {
      npyFile(dictOf("<f4", "(2, 3, 4)"), std::string(96, 'x')),
      npyFile(dictOf(">i8", "(1,)", "True"), std::string(8, 'x'), 2),
      npyFile(dictOf("|b1", "()"), "x", 3),
  };
  const std::string alphabet = "{}(),:'\"<>|=fiubV0123456789TrueFalse \n";
  int accepted = 0;
  for (int round = 0; round < 60000; ++round) {
    std::string bytes = seeds[round % seeds.size()];
    const int edits = 1 + static_cast<int>(random() % 4);
    for (int edit = 0; edit < edits && !bytes.empty(); ++edit) {
      const size_t at = random() % bytes.size();
      switch (random() % 5) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = alphabet[random() % alphabet.size()];
        break;
      case 2:
        bytes.erase(at, 1 + random() % 8);
        break;
      case 3:
        bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 12));
        break;
      default:
        bytes.resize(at);
      }
    }
    npy_header header;
    edge_message message = {};
    if (parse(bytes, header, message) == EDGE_OK) {
      ++accepted;
      ASSERT_LE(header.rank, static_cast<uint32_t>(NPY_MAX_RANK));
      ASSERT_EQ(header.header_bytes + header.item_count * header.item_bytes,
                bytes.size());
    } else {
      ASSERT_STRNE(message.text, "");
    }
  }
  EXPECT_GT(accepted, 100); // the mutations reach beyond the first check
}

TEST(Npy, ConvertsByteOrder) {
  TemporaryFile file(
      npyFile(dictOf(">i4", "(2,)"),
              std::string("\x00\x00\x01\x02\xff\xff\xff\xfe", 8)));
  npy_array array;
  edge_message message;
  ASSERT_EQ(npy_read(file.path.c_str(), &array, &message), EDGE_OK)
      << message.text;
  const auto *data = static_cast<const int32_t *>(array.data);
  EXPECT_EQ(data[0], 258);
  EXPECT_EQ(data[1], -2);
  EXPECT_EQ(array.header.big_endian, 0);
  npy_free(&array);
}

TEST(Npy, ConvertsColumnMajorOrder) {
  // Column-major bytes of [[0, 1, 2], [3, 4, 5]].
  TemporaryFile file(
      npyFile(dictOf("|u1", "(2, 3)", "True"), std::string("\0\3\1\4\2\5", 6)));
  npy_array array;
  edge_message message;
  ASSERT_EQ(npy_read(file.path.c_str(), &array, &message), EDGE_OK)
      << message.text;
  const auto *data = static_cast<const uint8_t *>(array.data);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(data[i], i);
  EXPECT_EQ(array.header.fortran_order, 0);
  npy_free(&array);
}

TEST(Npy, NamesTheFile) {
  npy_array array;
  edge_message message;
  EXPECT_EQ(npy_read("/nonexistent.npy", &array, &message), EDGE_ERROR_FILE);
  EXPECT_THAT(message.text, HasSubstr("/nonexistent.npy: cannot be opened"));
  EXPECT_EQ(npy_read("/tmp", &array, &message), EDGE_ERROR_FILE);
  EXPECT_EQ(npy_read("/dev/zero", &array, &message), EDGE_ERROR_FILE);
  TemporaryFile file("junk");
  EXPECT_EQ(npy_read(file.path.c_str(), &array, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(message.text, HasSubstr(file.path + ": not a valid .npy file"));
}

TEST(Npy, ReadsBackWhatItWrites) {
  for (uint32_t rank = 0; rank <= NPY_MAX_RANK; ++rank) {
    npy_header header = {};
    header.kind = 'i';
    header.item_bytes = 2;
    header.rank = rank;
    header.item_count = 1;
    for (uint32_t i = 0; i < rank; ++i) {
      header.shape[i] = i < 4 ? 2 : 1;
      header.item_count *= static_cast<uint64_t>(header.shape[i]);
    }
    std::vector<int16_t> data(header.item_count);
    for (size_t i = 0; i < data.size(); ++i)
      data[i] = static_cast<int16_t>(i * 1001);
    TemporaryFile file("");
    edge_message message;
    ASSERT_EQ(npy_write(file.path.c_str(), &header, data.data(), &message),
              EDGE_OK)
        << message.text;
    npy_array array;
    ASSERT_EQ(npy_read(file.path.c_str(), &array, &message), EDGE_OK)
        << message.text;
    EXPECT_EQ(array.header.header_bytes % 64, 0u);
    EXPECT_EQ(array.header.rank, rank);
    EXPECT_EQ(memcmp(array.data, data.data(), data.size() * 2), 0);
    npy_free(&array);
  }
}

TEST(Npy, SaysWhenItCannotWrite) {
  npy_header header = {};
  header.kind = 'f';
  header.item_bytes = 4;
  header.item_count = 1;
  edge_message message;
  const float value = 1;
  EXPECT_EQ(npy_write("/nonexistent/x.npy", &header, &value, &message),
            EDGE_ERROR_FILE);
  EXPECT_THAT(message.text, HasSubstr("/nonexistent/x.npy: cannot be written"));
  if (access("/dev/full", W_OK) == 0)
    EXPECT_EQ(npy_write("/dev/full", &header, &value, &message),
              EDGE_ERROR_FILE);
}

TEST(Tensor, FillsReproducibly) {
  const int64_t shape[] = {7};
  for (edge_dtype dtype = EDGE_DTYPE_F32; dtype <= EDGE_DTYPE_F8E5M2; ++dtype) {
    edge_tensor_info tensor = {"t", dtype,   1,       shape, 0, 0,
                               -1,  nullptr, nullptr, -1,    -1};
    tensor.size_bytes = (7 * edge_dtype_bits(dtype) + 7) / 8;
    std::vector<uint64_t> first(8), second(8), other(8);
    tensor_fill(&tensor, 1, first.data());
    tensor_fill(&tensor, 1, second.data());
    tensor_fill(&tensor, 2, other.data());
    EXPECT_EQ(first, second) << edge_dtype_name(dtype);
    EXPECT_NE(first, other) << edge_dtype_name(dtype);
    for (uint64_t i = 0; i < 7; ++i) {
      const double value = tensor_value(&tensor, first.data(), i);
      EXPECT_EQ(value, value) << edge_dtype_name(dtype);
      EXPECT_LE(value, 65535) << edge_dtype_name(dtype);
    }
  }
}

TEST(Tensor, DecodesSmallFloats) {
  const struct {
    edge_dtype dtype;
    uint16_t bits;
    double value;
  } cases[] = {
      {EDGE_DTYPE_F16, 0x3c00, 1},         {EDGE_DTYPE_F16, 0xc500, -5},
      {EDGE_DTYPE_F16, 0x0001, 0x1p-24},   {EDGE_DTYPE_F16, 0x7bff, 65504},
      {EDGE_DTYPE_F16, 0xfc00, -HUGE_VAL}, {EDGE_DTYPE_BF16, 0x3f80, 1},
      {EDGE_DTYPE_BF16, 0x4049, 3.140625}, {EDGE_DTYPE_BF16, 0x0001, 0x1p-133},
      {EDGE_DTYPE_F8E4M3, 0x7e, 448},      {EDGE_DTYPE_F8E4M3, 0x01, 0x1p-9},
      {EDGE_DTYPE_F8E4M3, 0xb8, -1},       {EDGE_DTYPE_F8E5M2, 0x7b, 57344},
      {EDGE_DTYPE_F8E5M2, 0x7c, HUGE_VAL}, {EDGE_DTYPE_F8E5M2, 0x3c, 1},
  };
  for (const auto &c : cases) {
    edge_tensor_info tensor = {};
    tensor.dtype = c.dtype;
    EXPECT_EQ(tensor_value(&tensor, &c.bits, 0), c.value)
        << edge_dtype_name(c.dtype) << " " << c.bits;
  }
  edge_tensor_info tensor = {};
  tensor.dtype = EDGE_DTYPE_F8E4M3;
  const uint8_t nan = 0x7f;
  const double value = tensor_value(&tensor, &nan, 0);
  EXPECT_NE(value, value);
}

} // namespace
