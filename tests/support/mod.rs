//! What several test programs share: discs built byte by byte, sources that misbehave, and the whole of an image
//! read at once.
#![expect(dead_code, unreachable_pub, reason = "every test program uses another part of it")]

#[cfg(target_os = "linux")]
pub mod agreement;
pub mod allocator;
#[cfg(target_os = "linux")]
pub mod bios_computer;
pub mod boot_disc;
pub mod builder;
pub mod discs;
#[cfg(all(feature = "window-tests", target_os = "linux"))]
pub mod drag_stage;
pub mod efi;
pub mod el_torito;
pub mod fat;
#[cfg(all(feature = "window-tests", target_os = "linux"))]
pub mod file_manager;
pub mod fixtures;
pub mod ground;
pub mod harmless;
pub mod hfs;
pub mod large_last;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod million;
pub mod payload;
pub mod peers;
pub mod raw;
#[cfg(target_os = "linux")]
pub mod rights;
pub mod rng;
#[cfg(all(feature = "window-tests", target_os = "linux"))]
pub mod screen;
#[cfg(target_os = "linux")]
pub mod served;
#[cfg(target_os = "linux")]
pub mod slow;
pub mod sources;
pub mod survey;
pub mod susp;
#[cfg(target_os = "linux")]
pub mod tiny;
pub mod udf_builder;
pub mod udf_look;
#[cfg(target_os = "linux")]
pub mod uefi_computer;
#[cfg(target_os = "linux")]
pub mod uefi_variables;
#[cfg(target_os = "linux")]
pub mod vast;
