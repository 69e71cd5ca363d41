// Types as a text, for what tells forms of kept state apart.
#ifndef FLOW_STATE_FORM_H
#define FLOW_STATE_FORM_H

#include "record/record.h"

void type_form(const FlowTypeDesc *type, Buffer *out);

#endif
