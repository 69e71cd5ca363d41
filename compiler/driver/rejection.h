// rejection: what the codes and classes of a DLQ mean. Inside of driver only.
#ifndef FLOW_DRIVER_REJECTION_H
#define FLOW_DRIVER_REJECTION_H

// What messages of the code look like; NULL: there is no such code.
const char *rejection_message(const char *code);
// What a class says of the record, and what to do about it; NULL: there is no such class.
const char *rejection_advice(const char *reject_class);

#endif
