//! Boot structures as they stand on the disc. What they mean for starting a computer is worked out elsewhere.

pub mod apm;
pub mod boot_info_table;
pub mod el_torito;
pub mod gpt;
pub mod mbr;
pub mod partition_types;
pub mod system_area;
