//===- ReportPage.h - a report as a page of HTML ---------------*- C++ -*-===//
//
// One file that needs no other and no network: style sheet and drawings are in
// it, scripts there are none. Narrow screens scroll the drawings sideways;
// light and dark follow the reader's system.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_REPORT_REPORTPAGE_H
#define EDGEC_COMPILER_REPORT_REPORTPAGE_H

#include "compiler/report/Report.h"

namespace edgec {

std::string writeReportPage(const Report &report);

} // namespace edgec

#endif // EDGEC_COMPILER_REPORT_REPORTPAGE_H
