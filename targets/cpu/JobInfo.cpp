//===- JobInfo.cpp - accelerators and jobs in the descriptor --------------===//
//
// Every field in the order of runtime/include/edge/model.h.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/JobInfo.h"

#include "dialects/place/Place.h"
#include "dialects/rt/Jobs.h"
#include "runtime/include/edge/model.h"
#include "llvm/ADT/StringExtras.h"

using namespace edgec;
using namespace mlir;

static SmallVector<rt::SubmitJobOp> jobsOf(rt::ProgramOp program) {
  SmallVector<rt::SubmitJobOp> jobs;
  program.walk([&](rt::SubmitJobOp job) { jobs.push_back(job); });
  llvm::sort(jobs, [](rt::SubmitJobOp a, rt::SubmitJobOp b) {
    return a.getJob() < b.getJob();
  });
  return jobs;
}

SmallVector<ConstantRow> edgec::deviceRows(ConstantGlobals &data,
                                           rt::ProgramOp program) {
  SmallVector<ConstantRow> rows;
  if (jobsOf(program).empty())
    return rows;
  for (place::DeviceAttr device : place::devicesOf(program)) {
    ConstantRow parameters;
    for (int64_t parameter : device.getParameters())
      parameters.push_back(data.i64(parameter));
    rows.push_back({data.string(device.getKind()),
                    data.string(device.getName()), data.array(parameters),
                    data.i32(static_cast<int64_t>(parameters.size())),
                    data.i32(device.getFormat())});
  }
  return rows;
}

std::string edgec::usedDevices(rt::ProgramOp program) {
  SmallVector<place::DeviceAttr> devices = place::devicesOf(program);
  SmallVector<llvm::StringRef> kinds;
  for (rt::SubmitJobOp job : jobsOf(program)) {
    auto device = static_cast<size_t>(job.getDevice());
    if (device >= devices.size())
      continue;
    llvm::StringRef kind = devices[device].getKind();
    if (!llvm::is_contained(kinds, kind))
      kinds.push_back(kind);
  }
  return kinds.empty() ? "model" : llvm::join(kinds, "+");
}

/// One edge_job_buffer for each buffer of a job.
static ConstantField bufferRows(ConstantGlobals &data, rt::SubmitJobOp job) {
  SmallVector<ConstantRow> rows;
  size_t count = job.getSizes().size();
  size_t firstOutput = count - static_cast<size_t>(job.getOutputs());
  for (auto [index, size] : llvm::enumerate(job.getSizes())) {
    uint32_t access = EDGE_ACCESS_READ;
    // The second buffer is scratch memory.
    if (index == 1)
      access = EDGE_ACCESS_READ | EDGE_ACCESS_WRITE;
    else if (index >= firstOutput)
      access = EDGE_ACCESS_WRITE;
    rows.push_back({data.i64(size), data.i32(access), data.i32(0)});
  }
  return data.structs(rows);
}

SmallVector<ConstantRow> edgec::jobRows(ConstantGlobals &data,
                                        rt::ProgramOp program,
                                        llvm::StringRef weights) {
  SmallVector<ConstantRow> rows;
  for (rt::SubmitJobOp job : jobsOf(program)) {
    rows.push_back({data.string(job.getName()), data.string(job.getLayers()),
                    data.i32(static_cast<int64_t>(job.getDevice())),
                    data.i32(static_cast<int64_t>(job.getSizes().size())),
                    bufferRows(data, job),
                    data.address(weights, job.getCommands().getValue()),
                    data.i64(static_cast<int64_t>(job.getCommandBytes())),
                    data.i64(static_cast<int64_t>(job.getNanoseconds())),
                    data.i64(static_cast<int64_t>(job.getNanojoules())),
                    data.i64(static_cast<int64_t>(job.getMacs()))});
  }
  return rows;
}

RunPrediction edgec::predictRun(rt::ProgramOp program,
                                const place::HostFigures &host) {
  RunPrediction run;
  llvm::DenseMap<int64_t, double> deviceFree, jobDone;
  program.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto call = dyn_cast<rt::CallOp>(op)) {
      auto cycles = static_cast<double>(static_cast<int64_t>(call.getCycles()));
      run.nanoseconds +=
          host.clockHertz > 0 ? cycles * 1e9 / host.clockHertz : 0;
      run.nanojoules += cycles * host.nanojoulesPerCycle;
    } else if (auto job = dyn_cast<rt::SubmitJobOp>(op)) {
      double &free = deviceFree[static_cast<int64_t>(job.getDevice())];
      free = std::max(free, run.nanoseconds) +
             static_cast<double>(static_cast<int64_t>(job.getNanoseconds()));
      jobDone[static_cast<int64_t>(job.getJob())] = free;
      run.nanojoules +=
          static_cast<double>(static_cast<int64_t>(job.getNanojoules()));
    } else if (auto wait = dyn_cast<rt::WaitJobOp>(op)) {
      run.nanoseconds = std::max(
          run.nanoseconds, jobDone.lookup(static_cast<int64_t>(wait.getJob())));
    }
  });
  return run;
}
