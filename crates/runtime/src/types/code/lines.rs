//! The iterators over a code object's locations: `co_lines()` and `co_positions()`.
