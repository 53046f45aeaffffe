//! Objects, the collector, types, the evaluation loop, import and threads.
