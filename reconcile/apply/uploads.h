#include "apply/run.h" /* run_await_uploads */
