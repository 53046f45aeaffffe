//! What `math` needs beyond the standard library.

pub mod seam;
