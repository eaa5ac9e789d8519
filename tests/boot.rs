//! How an image starts: the structures on it, the programs and menus behind them, and verdicts held against real firmware.

#[path = "boot/bios.rs"]
mod bios;
#[path = "boot/chain.rs"]
mod chain;
#[path = "boot/efi/mod.rs"]
mod efi;
#[path = "boot/layout.rs"]
mod layout;
#[path = "boot/menus.rs"]
mod menus;
#[path = "boot/partitions.rs"]
mod partitions;
#[path = "boot/secure_boot.rs"]
mod secure_boot;
#[path = "boot/shown_menus.rs"]
mod shown_menus;
#[path = "boot/structures.rs"]
mod structures;
mod support;
#[path = "boot/tables.rs"]
mod tables;
#[cfg(target_os = "linux")]
#[path = "boot/trial.rs"]
mod trial;
#[path = "boot/uefi.rs"]
mod uefi;
