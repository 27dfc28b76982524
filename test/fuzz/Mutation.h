//===- Mutation.h - damages a file as a fuzzer does -------------*- C++ -*-===//
#ifndef EDGEC_TEST_FUZZ_MUTATION_H
#define EDGEC_TEST_FUZZ_MUTATION_H

#include <random>
#include <string>

namespace edgec::test {

/// One change: a flipped bit, a new byte, a cut, a copied or a dropped run, or
/// the largest varints and other numbers at the border. `bytes` is not empty.
inline void mutate(std::string &bytes, std::mt19937 &random) {
  size_t at = random() % bytes.size();
  size_t length = 1 + random() % 16;
  switch (random() % 6) {
  case 0:
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    break;
  case 1:
    bytes[at] = static_cast<char>(random());
    break;
  case 2:
    bytes.resize(at + 1);
    break;
  case 3:
    bytes.insert(at, bytes.substr(random() % bytes.size(), length));
    break;
  case 4:
    if (bytes.size() > length + 1)
      bytes.erase(std::min(at, bytes.size() - length), length);
    break;
  default:
    bytes.insert(at, std::string(9, '\xff') + '\x01');
    break;
  }
}

} // namespace edgec::test

#endif // EDGEC_TEST_FUZZ_MUTATION_H
