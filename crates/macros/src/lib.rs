//! Attributes that turn Rust items into the static descriptors of Python types, methods and modules.
