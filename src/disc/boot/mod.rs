//! Boot structures as they stand on the disc. What they mean for starting a computer is worked out elsewhere.

pub mod el_torito;
