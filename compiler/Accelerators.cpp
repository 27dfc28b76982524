//===- Accelerators.cpp - the devices beside the processor ----------------===//
//
// See Accelerators.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/Accelerators.h"

#include "mlir/IR/Builders.h"
#include "passes/place/JsonText.h"
#include "targets/npu/NpuBackend.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace edgec;
using namespace mlir;

place::BackendRegistry edgec::builtinBackends() {
  place::BackendRegistry registry;
  // The first of its name, so it is taken.
  llvm::cantFail(registry.add(npu::npuBackend()));
  return registry;
}

static std::string knownNames(const place::BackendRegistry &registry) {
  std::vector<std::string> names;
  for (const place::BackendKind &kind : registry.kinds()) {
    names.push_back(kind.kind);
    names.insert(names.end(), kind.devices.begin(), kind.devices.end());
  }
  if (names.empty())
    return "this compiler has no backends; load one with -load-backend";
  return "known are " + llvm::join(names, ", ") +
         " and description files ending in .json";
}

static llvm::Expected<std::unique_ptr<place::Backend>>
makeBackend(llvm::StringRef name, const place::BackendRegistry &registry) {
  if (!name.ends_with(".json")) {
    const place::BackendKind *kind = registry.find(name);
    if (!kind)
      return llvm::createStringError("unknown accelerator '" + name +
                                     "': " + knownNames(registry));
    return kind->create(name, "");
  }
  auto file = llvm::MemoryBuffer::getFile(name, /*IsText=*/true);
  if (!file)
    return llvm::createStringError("cannot read '" + name +
                                   "': " + file.getError().message());
  std::string fault;
  std::optional<llvm::json::Value> value =
      parseJsonText((*file)->getBuffer(), [&](unsigned line, unsigned column,
                                              llvm::StringRef text) {
        fault = llvm::formatv("{0}:{1}:{2}: {3}", name, line, column, text);
      });
  if (!value)
    return llvm::createStringError(fault);
  const llvm::json::Object *object = value->getAsObject();
  std::optional<llvm::StringRef> kindName =
      object ? object->getString("kind") : std::nullopt;
  if (!kindName)
    return llvm::createStringError(
        name + ": says no \"kind\" of accelerator; " + knownNames(registry));
  const place::BackendKind *kind = registry.find(*kindName);
  if (!kind)
    return llvm::createStringError(name + ": unknown kind '" + *kindName +
                                   "': " + knownNames(registry));
  return kind->create(name, (*file)->getBuffer());
}

llvm::Expected<place::Backends>
edgec::makeBackends(llvm::ArrayRef<std::string> names,
                    const place::BackendRegistry &registry) {
  place::Backends backends;
  llvm::Error errors = llvm::Error::success();
  for (const std::string &name : names) {
    auto backend = makeBackend(name, registry);
    if (backend)
      backends.push_back(std::move(*backend));
    else
      errors = llvm::joinErrors(std::move(errors), backend.takeError());
  }
  if (errors)
    return std::move(errors);
  return backends;
}

llvm::Error edgec::loadBackends(llvm::StringRef path,
                                place::BackendRegistry &registry) {
  std::string message;
  auto library = llvm::sys::DynamicLibrary::getPermanentLibrary(
      path.str().c_str(), &message);
  if (!library.isValid())
    return llvm::createStringError("cannot load '" + path + "': " + message);
  using Register = bool (*)(place::BackendRegistry &, unsigned);
  auto add = reinterpret_cast<Register>(
      library.getAddressOfSymbol("edgec_register_backends"));
  if (!add) {
    return llvm::createStringError(
        "'" + path +
        "' has no edgec_register_backends, so it is no library "
        "of backends");
  }
  if (!add(registry, place::backendInterfaceVersion)) {
    return llvm::createStringError(
        "'" + path + "' was not made for version " +
        llvm::utostr(place::backendInterfaceVersion) +
        " of the backend interface, or its names are taken; build it with "
        "this compiler's headers");
  }
  return llvm::Error::success();
}

void edgec::attachDevices(ModuleOp module, const place::Backends &backends) {
  MLIRContext *context = module.getContext();
  SmallVector<Attribute> devices;
  for (const auto &backend : backends) {
    std::vector<uint64_t> given = backend->parameters();
    SmallVector<int64_t> parameters(given.begin(), given.end());
    devices.push_back(
        place::DeviceAttr::get(context, backend->kind(), backend->name(),
                               backend->formatVersion(), parameters));
  }
  if (!devices.empty())
    module->setAttr(place::devicesAttrName, ArrayAttr::get(context, devices));
}
