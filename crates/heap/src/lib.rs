//! The heap: arenas, pools and blocks behind three domains of memory. Nothing of Python in it.
