/*===- device.c - opening devices -----------------------------------------===*\
|*
|* A driver's table comes from elsewhere, perhaps from another version of this
|* header: it is looked at once, here, so that nobody calls what is not there.
|*
\*===----------------------------------------------------------------------===*/

#include "edge/device.h"
#include "message.h"

#include <string.h>

static int is_complete(const edge_driver *driver) {
  return driver && driver->version == EDGE_DRIVER_VERSION && driver->kind &&
         driver->open && driver->close && driver->properties &&
         driver->submit && driver->poll && driver->wait && driver->cancel &&
         !driver->allocate == !driver->release &&
         !driver->import == !driver->forget &&
         !driver->prepare == !driver->discard;
}

edge_status edge_device_open(const edge_driver *const *drivers, uint32_t count,
                             const edge_device_info *info, edge_device **device,
                             edge_message *message) {
  if (device)
    *device = NULL;
  if (!info || !device || (count && !drivers))
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "drivers, info or device is NULL");
  /* Drivers get room for a message in any case. It is the caller's only if
     nothing else helps. */
  edge_message failure;
  edge_status status =
      edge_fail(&failure, EDGE_ERROR_DEVICE,
                "there is no driver for devices of kind '%s', which '%s' is; "
                "give the runtime one",
                info->kind, info->name);
  for (uint32_t i = 0; i < count; i++) {
    if (!is_complete(drivers[i]))
      return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                       "driver %u is for another version of edge/device.h or "
                       "lacks a function",
                       i);
    if (strcmp(drivers[i]->kind, info->kind) != 0)
      continue;
    status = drivers[i]->open(drivers[i], info, device, &failure);
    if (!status)
      return EDGE_OK;
    *device = NULL;
  }
  return edge_fail(message, status, "%s", failure.text);
}

void edge_device_close(edge_device *device) {
  if (device)
    device->driver->close(device);
}
